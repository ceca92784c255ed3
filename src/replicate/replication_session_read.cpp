// The stage that reads the source's changes: page after page, then, live, as they happen.
#include <utility>

#include "replicate/replication_session.h"

namespace couchlet {

namespace {

// A connection on which a longpoll lasted as long works: it is no sign of trouble when it breaks.
constexpr int64_t kSteadyMs = 10 * 1000;

// A session can last for days, and a server that has failed at a document be mended meanwhile.
constexpr int64_t kRetrySpoiltMs = 5 * 60 * 1000;

// Empty answers to longpolls don't come faster than this, whatever stands between.
constexpr int64_t kShortestLongpollMs = 1000;

}  // namespace

Task<void> ReplicationSession::read_changes() {
  retry_spoilt();
  while (!is_stopped_ && (!is_caught_up_ || context_.options.live)) {
    if (!is_to_read()) {
      co_await moved_;
      continue;
    }
    auto page = co_await read_page();
    if (is_stopped_) break;
    if (!page.ok()) {
      take_error(std::move(page).error());
      break;
    }
    take_page(std::move(*page));
  }
  is_read_ = true;
  moved_.signal();
}

// While what is new is being written more becomes new, and goes together.
bool ReplicationSession::is_to_read() const {
  const bool has_time = is_caught_up_ && !batches_.empty();
  return has_room() && !has_time;
}

Task<Result<PeerChanges>> ReplicationSession::read_page() {
  PeerChangesQuery query = next_query();
  const uint64_t limit = query.limit;
  const bool was_wait = query.waits();
  const int64_t began = context_.clock.now_ms();
  CO_TRY_ASSIGN(PeerChanges page, co_await wait_for_changes(std::move(query)));
  if (is_stopped_) co_return page;
  is_caught_up_ = !page.is_partial && (page.rows.size() < limit || page.pending == 0u);
  // A filtered feed may count what it has left out.
  if (is_caught_up_ && page.pending) page.pending = 0;
  if (!was_wait) {
    page_size_.learn(page.rows.size(), page.bytes, context_.clock.now_ms() - began);
  }
  CO_TRY(co_await leave_out_pulled(page));
  co_return page;
}

// An app that asks for all anew, from a sequence of its own, gets it.
Task<Result<void>> ReplicationSession::leave_out_pulled(PeerChanges& page) {
  if (context_.options.since) co_return Result<void>();
  co_return co_await pulled_.leave_out(page.rows);
}

PeerChangesQuery ReplicationSession::next_query() const {
  const ReplicationOptions& options = context_.options;
  PeerChangesQuery query = changes_to_carry(options, read_sequence_);
  query.limit = page_size_.rows();
  query.include_docs = includes_documents_;
  if (is_caught_up_) query.feed = options.live_feed;
  query.timeout_ms = options.timeout_ms;
  query.heartbeat_ms = options.heartbeat_ms;
  return query;
}

// The next page; one without rows, from where the query began, where there is nothing to tell.
Task<Result<PeerChanges>> ReplicationSession::wait_for_changes(PeerChangesQuery query) {
  if (!query.waits()) co_return co_await context_.source.changes(std::move(query));

  is_waiting_ = true;
  report_rest();
  moved_.signal();  // at rest a checkpoint is due
  PeerChanges nothing;
  nothing.last_sequence = query.since;
  if (is_stopped_) co_return nothing;  // by a listener

  const int64_t began = context_.clock.now_ms();
  auto page = co_await context_.source.changes(std::move(query));
  const int64_t lasted = context_.clock.now_ms() - began;
  const bool was_steady = lasted >= kSteadyMs;
  if (page.ok() || was_steady) context_.back_off.reset();
  const bool is_break = !page.ok() && page.error().status == 0 && page.error().name == "network";
  const bool had_broken = std::exchange(has_wait_broken_, is_break);
  if (is_break && (was_steady || !had_broken) && context_.options.retry) {
    page = std::move(nothing);  // a proxy has closed what seemed idle; or the database is gone
    check();
  } else if (page.ok() && page->rows.empty() && lasted < kShortestLongpollMs && !is_stopped_) {
    co_await alarm_.sleep(kShortestLongpollMs);
  }
  is_waiting_ = false;
  co_return page;
}

void ReplicationSession::take_page(PeerChanges page) {
  context_.activity.recover();
  const bool has_moved = page.last_sequence != read_sequence_;
  read_sequence_ = page.last_sequence;
  if (page.rows.empty() && !has_moved) return;
  auto batch = std::make_shared<Batch>();
  batch->held = hold(page.bytes);
  batch->had_rows = !page.rows.empty();
  has_rows_ = has_rows_ || batch->had_rows;
  batch->page = std::move(page);
  batches_.push_back(std::move(batch));
  moved_.signal();
}

// What could not be carried before, as a page that ends where it begins. REQUIRES: no batch is
// under way.
void ReplicationSession::retry_spoilt() {
  PeerChanges page;
  page.rows = context_.failed.retry_spoilt();
  if (page.rows.empty()) return;
  page.text = std::make_shared<const std::string>();
  page.last_sequence = context_.result.last_sequence;
  auto batch = std::make_shared<Batch>();
  batch->page = std::move(page);
  batch->is_of_spoilt = true;
  has_rows_ = true;
  batches_.push_back(std::move(batch));
  moved_.signal();
}

// Beside a wait for changes, which may never end.
Task<void> ReplicationSession::retry_spoilt_at_times() {
  while (!is_stopped_) {
    co_await spoilt_alarm_.sleep(kRetrySpoiltMs);
    if (!is_stopped_ && is_at_rest()) retry_spoilt();
  }
}

void ReplicationSession::take_error(Error error) {
  auto batch = std::make_shared<Batch>();
  batch->error = std::move(error);
  batch->is_taken = true;
  batch->is_complete = true;
  batches_.push_back(std::move(batch));
}

}  // namespace couchlet
