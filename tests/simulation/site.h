// Site: a database that takes part in a run's replications, wherever it is; and Route: from one to
// another.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "document/change_filter.h"
#include "document/revision_diff.h"
#include "replica_life.h"
#include "replicate/peer.h"

namespace couchlet {

// A site as it was at one moment: what is there for good, and a crash would leave.
class SiteSnapshot {
 public:
  virtual ~SiteSnapshot() = default;
  // Of the documents that have changed at or before the sequence.
  virtual Task<Result<std::vector<RevisionsOfDocument>>> leaves_up_to(uint64_t sequence) = 0;
  virtual Task<Result<std::vector<MissingRevisions>>> missing(
      std::vector<RevisionsOfDocument> revisions) = 0;
};

// Called before a checkpoint is written.
using LookAtCheckpoint = std::function<Task<void>(std::string checkpoint)>;

struct PeerParts {
  LookAtCheckpoint look;
  std::shared_ptr<ChangeFilter> filter;    // of the source's changes; for a replica
  std::shared_ptr<AttachmentStage> stage;  // null: attachments come in documents
  bool is_push = false;                    // of the context's first replica, to a server
};

class Site {
 public:
  explicit Site(std::string its_name) : name_(std::move(its_name)) {}
  virtual ~Site() = default;
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  virtual bool is_remote() const = 0;
  virtual std::shared_ptr<SiteSnapshot> snapshot() const = 0;
  // The number in a sequence of this site, raw JSON; none if it is one of a database that was here
  // before.
  virtual std::optional<uint64_t> place_of(std::string_view sequence) const = 0;
  // The database has been deleted in this run; or is so now.
  virtual bool was_deleted() const { return false; }
  virtual bool is_deleted() const { return false; }
  // For a replication in this context.
  virtual std::unique_ptr<Peer> peer(ReplicaLife& life, PeerParts parts) const = 0;

  const std::string& name() const { return name_; }

 private:
  const std::string name_;
};

struct Route {
  const Site* source = nullptr;
  const Site* target = nullptr;
};

// A peer whose checkpoints are looked at.
template <typename Kind>
class WatchedPeer final : public Kind {
 public:
  template <typename... Parts>
  explicit WatchedPeer(LookAtCheckpoint look, Parts&&... parts)
      : Kind(std::forward<Parts>(parts)...), look_(std::move(look)) {}

  Task<Result<std::string>> put_local(std::string id, std::string document) override {
    co_await look_(document);
    co_return co_await Kind::put_local(std::move(id), std::move(document));
  }

 private:
  LookAtCheckpoint look_;
};

}  // namespace couchlet
