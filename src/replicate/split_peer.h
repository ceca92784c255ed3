// SplitPeer: where a push goes if what is written goes to one database and what is read comes from
// another: edits wait in `inbox` until somebody takes them over into `origin`, which is what is
// pulled from.
//
// What the origin has already, as most of it was pulled from there, is not put into the inbox. What
// it lacks, whether the inbox has it or not, waits to be taken over: `lacking` is told of it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "replicate/peer.h"

namespace couchlet {

class SplitPeer : public Peer {
 public:
  using Lacking = std::function<void(const std::vector<RevisionsOfDocument>&)>;

  SplitPeer(std::unique_ptr<Peer> inbox, std::unique_ptr<Peer> origin, Lacking lacking);

  // Of both: a plain replication into the inbox leaves nothing out, and needs a checkpoint of its
  // own.
  Task<Result<std::string>> identity() override;
  Peer& pulled_from() override { return *origin_; }
  Task<Result<std::vector<MissingRevisions>>> missing_revisions(
      std::vector<RevisionsOfDocument> documents) override;

  // What is sent has to be told of.
  bool takes_unasked() const override { return false; }

  // All else is about the inbox.
  bool is_remote() const override { return inbox_->is_remote(); }
  Task<Result<PeerInfo>> info() override { return inbox_->info(); }
  Task<Result<PeerChanges>> changes(PeerChangesQuery query) override {
    return inbox_->changes(std::move(query));
  }
  Task<Result<FetchedDocuments>> fetch(std::vector<WantedRevision> wanted) override {
    return inbox_->fetch(std::move(wanted));
  }
  bool takes_following_attachments() const override {
    return inbox_->takes_following_attachments();
  }
  Task<Result<std::vector<WriteResult>>> write(std::vector<std::string_view> documents) override {
    return inbox_->write(std::move(documents));
  }
  Task<Result<std::optional<std::string>>> get_local(std::string id) override {
    return inbox_->get_local(std::move(id));
  }
  Task<Result<std::string>> put_local(std::string id, std::string document) override {
    return inbox_->put_local(std::move(id), std::move(document));
  }
  int64_t retry_after_ms(int64_t now_ms) const override;
  void cancel() override;

 private:
  const std::unique_ptr<Peer> inbox_;
  const std::unique_ptr<Peer> origin_;
  const Lacking lacking_;
};

}  // namespace couchlet
