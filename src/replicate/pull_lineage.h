// Pull lineage: what tells that a server's database has a document, as it was pulled from there. So
// a push need not ask about it, and it doesn't count as unsent.
//
// A lineage is a line of pulls, each of which goes on from where the one before it has stopped.
// What they write is marked with its number (document/changes_entry.h). When it begins, before
// anything is read, a random token is put into the server's database: where the token is, all that
// came with the lineage was. A database that was deleted and made anew doesn't have it, and one
// that was restored has lost the newest checkpoint; the pull then begins another lineage, and what
// the former one brought is not known to be there any more.
//
// The token is in the local document _local/<replication id>-lineage. The database that is pulled
// into keeps a list of its lineages in _local/couchlet-lineages; a pull (by its replication id) has
// one of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "replicate/peer.h"

namespace couchlet {

struct PullLineage {
  uint64_t number = 0;  // never used again for another one
  std::string source;   // the identity of the database that is pulled from
  std::string replication_id;
  std::string token;
};

// Those that began last are kept.
inline constexpr size_t kMaxPullLineages = 100;

// In the order in which they began.
Task<Result<std::vector<PullLineage>>> read_pull_lineages(Peer& here);

// Whether the lineage's source has its token.
Task<Result<bool>> has_token(Peer& source, const PullLineage& lineage);

// A pull's own: with which lineage it goes on. A new one for each session.
class LineageOfPull {
 public:
  // All of these must outlive it.
  LineageOfPull(Peer& source, Peer& target, Random& random)
      : source_(source), target_(target), random_(random) {}

  // Begins a lineage if the pull has none yet. This doesn't need the checkpoints, so that these can
  // be read at the same time.
  Task<Result<void>> find(std::string replication_id);

  // `goes_on`: goes_on_from() these. If they don't, another lineage begins.
  // REQUIRES: find() has succeeded, and nothing has been read since.
  Task<Result<void>> begin(bool goes_on);

  // The number with which to mark what has been read since begin(), and what will be; 0: it is not
  // to be marked. The source is asked for the token, if it wasn't put there just now.
  Task<Result<uint64_t>> number();

 private:
  Task<Result<bool>> is_source_read_only(const std::string& replication_id);
  Task<Result<void>> begin_another();

  Peer& source_;
  Peer& target_;
  Random& random_;
  std::optional<PullLineage> lineage_;  // none: the source keeps no token
  bool is_at_source_ = false;           // the token is
};

}  // namespace couchlet
