// FailedDocuments: the revisions that a replication could not carry, although it has gone on.
//
//   refused  by the target for good (a validation, a document that is too large): told of once and
//            not sent again, in no session, until the document has a newer revision
//   spoilt   for now: by the source, which gave an attachment that is not what its digest tells, or
//            doesn't find what its feed has named; or for the target, to which such an attachment
//            came, or which fell over the document. Asked for again at the beginning of each
//            session, and now and then in a live one, as a checkpoint has passed it by
//
// A checkpoint alone doesn't do that: a session that breaks off repeats its last batches, and a
// conflict that arrives brings a refused revision back into the feed.
//
// They are kept beside the checkpoint as a local document of the side that is here, in a document
// of its own: no server sees it, and CouchDB's checkpoint stays as CouchDB knows it. Between two
// servers the target keeps it; if that has no local documents for us, nobody does.
//
//   {"_id": "_local/<replication id>-failed", "_rev": …, "has_checkpoint": true,
//    "refused": {"id": ["2-…"]}, "spoilt": {…}}
//
// Where the two sides had a checkpoint in common and have none any more, one of them is another
// database, and all this is about one that is gone.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "document/write_result.h"
#include "replicate/peer.h"

namespace couchlet {

using RevisionsById = std::map<std::string, std::vector<Revision>, std::less<>>;

// What has been stored of the replication with this id.
struct StoredFailures {
  std::string rev;              // of the local document, "" without one
  bool has_checkpoint = false;  // the sides have had one in common
  RevisionsById refused;
  RevisionsById spoilt;

  bool is_empty() const { return refused.empty() && spoilt.empty(); }
};
Task<Result<StoredFailures>> read_failures(Peer& keeper, const std::string& replication_id);

class FailedDocuments {
 public:
  // Documents beyond that are not remembered: each of them is sent again when it comes again.
  static constexpr size_t kMaxDocuments = 10'000;

  // Reads what earlier runs have left. `keeper`, if it isn't null, outlives this; one that refuses
  // to keep them is none.
  Task<Result<void>> load(Peer* keeper, std::string replication_id);

  // REQUIRES: load() has succeeded. Does nothing where nothing has changed.
  Task<Result<void>> save();

  void begin_session(bool has_checkpoint);
  void checkpoint_saved();

  void forget();

  void add_refused(const std::string& id, Revision revision);
  void add_spoilt(const std::string& id, Revision revision);

  // Takes refused revisions out of the rows, and rows that have no others left. Forgets those that
  // are no leaves any more: `rows` are the newest of their documents.
  void leave_out_refused(std::vector<PeerChange>& rows);

  // As rows of a feed: to be asked for again. They stay stored until that is done, and beyond it if
  // they are added again meanwhile.
  std::vector<PeerChange> retry_spoilt();
  void spoilt_retried();

 private:
  template <typename T>
  bool is_refused(const Result<T>& answered);
  void add(RevisionsById& all, const std::string& id, Revision revision);
  void add_all_spoilt(RevisionsById spoilt);
  std::string json() const;

  Peer* keeper_ = nullptr;
  std::string replication_id_;
  StoredFailures failures_;
  RevisionsById retried_;  // spoilt, and being asked for again
  bool has_changed_ = false;
};

}  // namespace couchlet
