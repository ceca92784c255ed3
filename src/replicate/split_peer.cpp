#include "replicate/split_peer.h"

#include <algorithm>
#include <utility>

namespace couchlet {

SplitPeer::SplitPeer(std::unique_ptr<Peer> inbox, std::unique_ptr<Peer> origin, Lacking lacking)
    : inbox_(std::move(inbox)), origin_(std::move(origin)), lacking_(std::move(lacking)) {}

Task<Result<std::string>> SplitPeer::identity() {
  CO_TRY_ASSIGN(const std::string inbox, co_await inbox_->identity());
  CO_TRY_ASSIGN(const std::string origin, co_await origin_->identity());
  co_return "split:" + inbox + " " + origin;  // URLs have no spaces
}

Task<Result<std::vector<MissingRevisions>>> SplitPeer::missing_revisions(
    std::vector<RevisionsOfDocument> documents) {
  CO_TRY_ASSIGN(auto missing, co_await origin_->missing_revisions(std::move(documents)));
  if (missing.empty()) co_return missing;
  std::vector<RevisionsOfDocument> waiting;
  waiting.reserve(missing.size());
  for (MissingRevisions& document : missing) {
    waiting.push_back({std::move(document.id), std::move(document.missing)});
  }
  if (lacking_) lacking_(waiting);
  co_return co_await inbox_->missing_revisions(std::move(waiting));
}

int64_t SplitPeer::retry_after_ms(int64_t now_ms) const {
  return std::max(inbox_->retry_after_ms(now_ms), origin_->retry_after_ms(now_ms));
}

void SplitPeer::cancel() {
  inbox_->cancel();
  origin_->cancel();
}

}  // namespace couchlet
