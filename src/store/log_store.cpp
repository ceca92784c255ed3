#include "store/log_store.h"

#include <utility>

#include "store/layered_cursor.h"
#include "store/point_lookup.h"
#include "store/snapshot.h"
#include "store/value_scan.h"

namespace couchlet {

namespace {

Error closed() { return {412, "precondition_failed", "database is closed"}; }

// What cursor() gives when the store is closed.
class ClosedCursor final : public Cursor {
 public:
  ValueTask<Result<void>> seek(std::string_view) override { return {closed()}; }
  ValueTask<Result<void>> seek_back(std::string_view) override { return {closed()}; }
  ValueTask<Result<void>> next() override { return {closed()}; }
  ValueTask<Result<void>> previous() override { return {closed()}; }
  bool valid() const override { return false; }
  std::string_view key() const override { return {}; }
  std::string_view value() const override { return {}; }
};

}  // namespace

Task<Result<void>> LogStore::commit(Decide decide) {
  if (is_closed_) co_return closed();
  WaitingCommit commit;
  commit.decide = std::move(decide);
  waiting_commits_.push_back(&commit);
  start_worker();
  co_return co_await commit.answer;
}

ValueTask<Result<std::optional<std::string>>> LogStore::get(SnapshotRef snapshot,
                                                            std::string_view key) {
  if (is_closed_) return Result<std::optional<std::string>>(closed());
  return get_value(std::move(snapshot), key);
}

std::unique_ptr<Cursor> LogStore::cursor(SnapshotRef snapshot) {
  if (is_closed_) return std::make_unique<ClosedCursor>();
  std::vector<std::unique_ptr<EntryIterator>> layers;
  snapshot->append_layers(layers);
  return std::make_unique<LayeredCursor>(std::move(layers), std::move(snapshot));
}

Task<void> LogStore::get_many(SnapshotRef snapshot, std::vector<std::string> keys,
                              std::function<void(size_t, std::string_view)> take) {
  if (is_closed_) co_return;
  co_await read_values(std::move(snapshot), std::move(keys), std::move(take));
}

Task<Result<std::optional<std::string>>> LogStore::read_blob(std::string key, uint64_t offset,
                                                             uint64_t length) {
  if (is_closed_) co_return closed();
  co_return co_await medium_->read_blob(std::move(key), offset, length);
}

// If somebody has renewed it already, there is nothing left to do.
Task<Result<void>> LogStore::renew(SnapshotRef stale) {
  if (is_closed_) co_return closed();
  const uint64_t stale_number = stale->manifest().number;
  if (follower_.manifest()->number != stale_number) co_return Result<void>();
  CO_TRY(co_await reload_manifest());
  // A blob is removed by a commit, without a new manifest.
  const bool is_newest = follower_.number() == stale->commit_number();
  if (follower_.manifest()->number == stale_number && is_newest) {
    co_return errors::corrupt("Records that the manifest names are missing");
  }
  co_return Result<void>();
}

Task<Result<void>> LogStore::catch_up() {
  if (is_closed_) co_return closed();
  Completion<Result<void>> answer;
  waiting_catch_ups_.push_back(&answer);
  start_worker();
  co_return co_await answer;
}

Task<void> LogStore::flush_now() {
  if (follower_.number() == follower_.manifest()->flushed_through) co_return;
  Completion<bool> flushed;
  waiting_flushes_.push_back(&flushed);
  start_worker();
  co_await flushed;
}

Task<Result<void>> LogStore::compact() {
  if (is_closed_) co_return closed();
  co_await flush_now();
  CO_TRY(co_await upkeep_.compact());
  if (follower_.manifest()->obsolete.empty()) co_return Result<void>();
  const auto remove_all = [this](ManifestChange& change) {
    remove_obsolete(change, true);
    return true;
  };
  CO_TRY(co_await commit_manifest(remove_all));
  co_return Result<void>();
}

// Tables that came with the log may be damaged as well: they are made segments first.
Task<Result<bool>> LogStore::salvage() {
  if (is_closed_) co_return closed();
  if (!follower_.tail_tables().empty()) co_await flush_now();
  co_return co_await upkeep_.salvage();
}

StoreSizes LogStore::sizes() const {
  const Manifest& manifest = *follower_.manifest();
  StoreSizes sizes;
  sizes.active = manifest.live_bytes() - manifest.garbage_bytes() + follower_.tail_bytes();
  sizes.file = manifest.live_bytes() + manifest.obsolete_bytes() + follower_.tail_bytes();
  return sizes;
}

Task<Result<void>> LogStore::close() {
  CO_TRY(co_await end());
  medium_->close();
  co_return Result<void>();
}

Task<Result<void>> LogStore::destroy() {
  CO_TRY(co_await end());
  co_return co_await medium_->destroy();
}

// Lets nothing new begin, and what has begun come to its end.
Task<Result<void>> LogStore::end() {
  if (is_closed_) co_return closed();
  is_closed_ = true;
  co_await upkeep_.stop();  // it may still need the worker
  while (is_working_) co_await worker_ended_;
  cache_.close();
  co_return Result<void>();
}

void LogStore::hear_of(uint64_t number) {
  if (is_closed_ || number <= follower_.number()) return;
  heard_of_ = number;
  start_worker();
}

void LogStore::start_worker() {
  if (!is_working_) spawn(work());
}

Task<void> LogStore::work() {
  const std::weak_ptr<const bool> is_alive = is_alive_;
  is_working_ = true;
  while (true) {
    // What others have committed comes first: a commit decided without it would be turned away.
    if (!waiting_catch_ups_.empty() || heard_of_ > follower_.number()) {
      co_await catch_up_once();
    } else if (is_flush_due()) {
      co_await flush();
    } else if (!waiting_changes_.empty()) {
      co_await change_manifest();
    } else if (!waiting_commits_.empty()) {
      co_await commit_waiting();
    } else {
      break;
    }
    if (is_alive.expired()) co_return;
  }
  is_working_ = false;
  worker_ended_.signal();  // the last step: who waits for it may delete the store
}

// An error concerns those who asked. Where nobody did, as it was a hint, the next commit or
// catch_up() comes across it again.
Task<void> LogStore::catch_up_once() {
  const auto asked = std::exchange(waiting_catch_ups_, {});
  catching_up_to_ = std::exchange(heard_of_, 0);  // nothing may come of a hint: it is followed once
  const bool begins_again = std::exchange(has_to_begin_again_, false);
  const auto news = begins_again ? co_await begin_again() : co_await follow(std::nullopt);
  catching_up_to_ = 0;
  for (Completion<Result<void>>* answer : asked) {
    answer->complete(news.ok() ? Result<void>() : Result<void>(news.error()));
  }
}

// Reads on in the log, and tells if the visible state has changed, also where an error came later.
Task<Result<LogFollower::News>> LogStore::follow(std::optional<uint64_t> awaited_commit_id) {
  const uint64_t before = follower_.number();
  Result<LogFollower::News> news = co_await follower_.catch_up(awaited_commit_id);
  if (follower_.number() > before) tell_listener();
  co_return news;
}

Task<Result<LogFollower::News>> LogStore::begin_again() {
  const uint64_t before = follower_.number();
  Result<LogFollower::News> news = co_await follower_.begin_again();
  if (follower_.number() > before) tell_listener();
  co_return news;
}

Task<Result<void>> LogStore::reload_manifest() {
  has_to_begin_again_ = true;
  Completion<Result<void>> answer;
  waiting_catch_ups_.push_back(&answer);
  start_worker();
  co_return co_await answer;
}

void LogStore::tell_listener() {
  if (listener_) listener_();
}

Task<Result<std::unique_ptr<Store>>> Store::open(std::unique_ptr<Medium> medium, Clock& clock,
                                                 Random& random, StoreOptions options) {
  auto store = std::make_unique<LogStore>(std::move(medium), clock, random.next(), options);
  if (Result<void> read = co_await store->load(); !read.ok()) {
    CO_TRY(co_await store->close());
    co_return std::move(read).error();
  }
  co_return std::unique_ptr<Store>(std::move(store));
}

}  // namespace couchlet
