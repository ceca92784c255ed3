// Changes that are waited for in one answer that goes on from page to page.
#include <utility>

#include "replicate/continuous_feed.h"
#include "replicate/http_peer.h"

namespace couchlet {

Task<Result<PeerChanges>> HttpPeer::next_changes(PeerChangesQuery query) {
  const bool is_continuous = query.feed == ChangesFeed::kContinuous;
  if (is_continuous && traits_->has_continuous_feed) {
    co_return co_await follow_changes(std::move(query));
  }
  end_feed();
  if (is_continuous) query.feed = ChangesFeed::kLongpoll;
  co_return co_await read_changes(std::move(query), kMaxAnswerBytes);
}

Task<Result<PeerChanges>> HttpPeer::follow_changes(PeerChangesQuery query) {
  std::shared_ptr<ContinuousFeed> feed = feed_;
  if (!feed || !feed->goes_on_with(query)) {
    end_feed();
    CO_TRY_ASSIGN(feed, co_await open_feed(query));
    feed_ = feed;
  }
  auto page = co_await feed->next_page(std::move(query));
  was_well_ = page.ok();
  if (page.ok() && feed->was_page()) traits_->has_continuous_feed = false;
  if (feed == feed_ && (!page.ok() || feed->is_done())) end_feed();
  co_return page;
}

// Without a limit, which would end it, and with all sequences, as each page ends with one.
Task<Result<std::shared_ptr<ContinuousFeed>>> HttpPeer::open_feed(PeerChangesQuery query) {
  query.limit = 0;
  auto begun = co_await begin_exchange(*client_, changes_request(query));
  was_well_ = begun.ok() && begun->answer.status < 500;
  retry_after_ = begun.ok() && !begun->rest ? begun->answer.retry_after : RetryAfter();
  if (!begun.ok()) co_return std::move(begun).error();
  if (!begun->rest) co_return refusal(begun->answer);
  co_return std::make_shared<ContinuousFeed>(std::move(*begun), std::move(query));
}

void HttpPeer::end_feed() {
  if (const auto feed = std::exchange(feed_, nullptr)) feed->end();
}

}  // namespace couchlet
