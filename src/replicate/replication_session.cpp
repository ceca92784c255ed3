#include "replicate/replication_session.h"

#include <utility>

#include "replicate/protocol_json.h"
#include "replicate/task_group.h"

namespace couchlet {

namespace {

// How much may have to be done again after a tab was killed. Checkpoints also follow whenever all
// is done.
constexpr int64_t kCheckpointIntervalMs = 5000;

// So many changes that are none of a live push's matter are passed again by the next one rather
// than that a server is told of each.
constexpr uint64_t kUnsavedChanges = 1000;

// Opaque sequences of one place can differ as text; their numbers don't.
bool is_same_place(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto number_a = number_of_sequence(a);
  return number_a && number_a == number_of_sequence(b);
}

}  // namespace

ReplicationSession::ReplicationSession(const ReplicationContext& context)
    : context_(context),
      writer_(context.target),
      pulled_(context.source, context.target),
      alarm_(context.clock),
      spoilt_alarm_(context.clock),
      page_size_(context.options.batch_size, context.source.is_remote()),
      includes_documents_(context.source.is_remote()),
      has_joined_(context.lineage == nullptr),
      start_sequence_(context.result.last_sequence),
      read_sequence_(start_sequence_),
      saved_sequence_(start_sequence_),
      start_time_ms_(context.clock.now_ms()),
      saved_at_ms_(start_time_ms_) {}

Task<Result<void>> ReplicationSession::run() {
  TaskGroup stages;
  stages.spawn(read_changes());
  for (int i = 0; i < kFetches; ++i) stages.spawn(fetch_batches());
  stages.spawn(join_lineage());
  stages.spawn(save_checkpoints());
  if (context_.options.live) stages.spawn(retry_spoilt_at_times());
  stages.spawn(write_batches());
  co_await stages.join();
  if (!failure_) co_return Result<void>();
  // What was written before the failure need not be done again, if the peers can be reached at all.
  const bool is_reachable = failure_->status != 0 && !has_failed_to_save_;
  if (is_reachable && is_checkpoint_due()) (void)co_await save_checkpoint();
  co_return *std::move(failure_);
}

void ReplicationSession::stop() {
  is_stopped_ = true;
  context_.source.cancel();
  context_.target.cancel();
  alarm_.wake();
  spoilt_alarm_.wake();
  moved_.signal();
}

void ReplicationSession::fail(Error error) {
  if (is_stopped_) return;
  failure_ = std::move(error);
  stop();
}

bool ReplicationSession::has_room() const {
  return batches_.size() < context_.options.batches_limit && bytes_in_flight_ < kMaxBytesInFlight;
}

void ReplicationSession::report_rest() {
  if (is_at_rest() && !is_stopped_) context_.activity.pause(std::nullopt);
}

void ReplicationSession::check() {
  is_to_check_ = true;
  moved_.signal();
}

Task<Result<void>> ReplicationSession::look_for_checkpoint() {
  is_to_check_ = false;
  co_return co_await context_.checkpointer.look_for_it();
}

Task<void> ReplicationSession::save_checkpoints() {
  while (!is_stopped_) {
    if (is_checkpoint_due() || is_to_check_) {
      auto saved = co_await (is_to_check_ ? look_for_checkpoint() : save_checkpoint());
      if (saved.ok()) continue;
      has_failed_to_save_ = true;
      fail(std::move(saved).error());
    } else if (is_written_) {
      break;
    } else {
      co_await moved_;
    }
  }
}

// Of a local source.
bool ReplicationSession::is_close(const std::string& earlier, const std::string& later) const {
  if (context_.source.is_remote()) return false;
  const auto from = number_of_sequence(earlier);
  const auto to = number_of_sequence(later);
  return from && to && *to >= *from && *to - *from < kUnsavedChanges;
}

bool ReplicationSession::is_checkpoint_due() const {
  if (!context_.checkpointer.is_kept()) return false;
  if (is_same_place(context_.result.last_sequence, saved_sequence_)) return false;
  if (is_written_ || !context_.checkpointer.has_saved()) return true;
  if (!has_passed_rows_ && is_close(saved_sequence_, context_.result.last_sequence)) return false;
  if (is_at_rest()) return true;
  const int64_t passed = context_.clock.now_ms() - saved_at_ms_;
  return passed < 0 || passed >= kCheckpointIntervalMs;  // below 0: the wall clock was set
}

Task<Result<void>> ReplicationSession::save_checkpoint() {
  const ReplicationResult& result = context_.result;
  SessionRecord record;
  record.session_id = context_.checkpointer.session_id();
  record.start_time_ms = result.start_time_ms;
  record.end_time_ms = saved_at_ms_ = context_.clock.now_ms();
  record.start_sequence = start_sequence_;
  record.recorded_sequence = result.last_sequence;
  record.missing_checked = missing_checked_;
  record.missing_found = missing_found_;
  record.docs_read = result.docs_read;
  record.docs_written = result.docs_written;
  record.doc_write_failures = result.doc_write_failures;
  const std::string sequence = record.recorded_sequence;
  CO_TRY_ASSIGN(const bool is_confirmed, co_await pulled_.confirm());
  if (!is_confirmed) {
    has_lost_target_ = true;
    co_return errors::not_found("The target has been made anew.");
  }
  CO_TRY(co_await context_.failed.save());
  CO_TRY(co_await context_.checkpointer.save(std::move(record)));
  context_.failed.checkpoint_saved();
  saved_sequence_ = sequence;
  has_passed_rows_ = false;
  if (context_.events.checkpoint) context_.events.checkpoint(sequence);
  co_return Result<void>();
}

}  // namespace couchlet
