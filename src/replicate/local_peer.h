// LocalPeer: a Database of this engine as one side of a replication.
//
// Its sequences are plain numbers. A `since` that isn't one (of another kind of database) counts as
// 0: the revisions that are asked about tell what is known already.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "document/database.h"
#include "replicate/peer.h"

namespace couchlet {

class LocalPeer : public Peer {
 public:
  // `filter` chooses the changes, where it isn't null. What is in `stage` is written with the
  // documents that have stubs for it; large attachments of a source go there, if its target takes
  // them so.
  explicit LocalPeer(std::shared_ptr<Database> database,
                     std::shared_ptr<ChangeFilter> filter = nullptr,
                     std::shared_ptr<AttachmentStage> stage = nullptr);

  Task<Result<std::string>> identity() override;
  bool is_remote() const override { return false; }
  Task<Result<PeerInfo>> info() override;
  Task<Result<PeerChanges>> changes(PeerChangesQuery query) override;
  Task<Result<std::vector<MissingRevisions>>> missing_revisions(
      std::vector<RevisionsOfDocument> documents) override;
  Task<Result<FetchedDocuments>> fetch(std::vector<WantedRevision> wanted) override;
  bool takes_following_attachments() const override { return stage_ != nullptr; }
  Task<Result<std::vector<WriteResult>>> write(std::vector<std::string_view> documents) override;
  void set_lineage(uint64_t number) override { lineage_ = number; }
  Task<Result<std::optional<std::string>>> get_local(std::string id) override;
  Task<Result<std::string>> put_local(std::string id, std::string document) override;
  bool has_failed_filter() const override { return filter_ && filter_->has_failed(); }
  void cancel() override;

 private:
  Task<Result<std::string>> read_document(const WantedRevision& wanted, FetchedDocuments& fetched);

  std::shared_ptr<Database> database_;
  std::shared_ptr<ChangeFilter> filter_;
  std::shared_ptr<AttachmentStage> stage_;
  std::unordered_set<std::shared_ptr<Cancellation>> waiting_;
  uint64_t lineage_ = 0;
};

}  // namespace couchlet
