#include "replicate/replicator.h"

#include <algorithm>
#include <utility>

#include "base/alarm.h"
#include "replicate/activity.h"
#include "replicate/back_off.h"
#include "replicate/checkpointer.h"
#include "replicate/failed_documents.h"
#include "replicate/pull_lineage.h"
#include "replicate/replication_session.h"
#include "replicate/task_group.h"

namespace couchlet {

namespace {

// Who may not read or write doesn't get there by waiting: somebody has to log in. (PouchDB, too,
// ends a replication here, retry or not.)
bool needs_the_app(const Error& error) { return error.status == 401 || error.status == 403; }

}  // namespace

// Runs one session after another until the replication is over. Whatever is called here may end
// run() and drop the Replicator before it returns, so public functions hold on to what they still
// need.
class Replicator::Impl {
 public:
  Impl(std::unique_ptr<Peer> source, std::unique_ptr<Peer> target, ReplicationOptions options,
       ReplicationEvents events, Clock& clock, Random& random)
      : source_(std::move(source)),
        target_(std::move(target)),
        options_(std::move(options)),
        events_(std::move(events)),
        clock_(clock),
        checkpointer_(*source_, *target_, options_, random),
        random_(random),
        activity_(events_),
        back_off_(random, events_.back_off),
        alarm_(clock) {}

  Task<Result<ReplicationResult>> run() {
    result_.start_time_ms = clock_.now_ms();
    std::optional<Error> failure;
    while (!is_cancelled_) {
      auto ended = co_await run_session();
      if (is_cancelled_ || ended.ok()) break;
      if (std::exchange(has_lost_target_, false)) continue;
      const bool is_worth_waiting = !needs_the_app(ended.error()) && !source_->has_failed_filter();
      if (!options_.live || !options_.retry || !is_worth_waiting) {
        failure = std::move(ended).error();
        break;
      }
      activity_.pause(ended.error());
      if (is_cancelled_) break;
      co_await alarm_.sleep(back_off_.next_ms(asked_wait_ms()));
    }
    if (failure) co_return *std::move(failure);
    result_.status = is_cancelled_ ? "cancelled" : "complete";
    result_.end_time_ms = clock_.now_ms();
    co_return result_;
  }

  void cancel() {
    if (std::exchange(is_cancelled_, true)) return;
    if (const auto session = session_) {
      session->stop();
    } else {
      // Between sessions: checkpoints are being read, or a back-off is waited for.
      source_->cancel();
      target_->cancel();
      alarm_.wake();
    }
  }

  void wake() {
    back_off_.reset();
    alarm_.wake();
  }

  void check() {
    if (const auto session = session_) session->check();
  }

 private:
  Task<Result<void>> run_session() {
    CO_TRY_ASSIGN(const auto common, co_await load_checkpoint());
    CO_TRY(co_await recall_failed(common));
    if (is_cancelled_) co_return Result<void>();
    result_.last_sequence = start_sequence(common);
    is_resumed_ = true;
    session_ = std::make_shared<ReplicationSession>(
        ReplicationContext{*source_, *target_, options_, events_, clock_, checkpointer_, activity_,
                           back_off_, failed_, lineage_ ? &*lineage_ : nullptr, result_});
    auto ended = co_await session_->run();
    has_lost_target_ = session_->has_lost_target();
    session_.reset();
    // Where that fails they are met with again, no more.
    (void)co_await failed_.save();
    co_return ended;
  }

  Task<Result<void>> recall_failed(const std::optional<CommonSession>& common) {
    if (!is_resumed_) CO_TRY(co_await failed_.load(keeper_of_failed(), checkpointer_.id()));
    if (!is_resumed_ && options_.since) failed_.forget();  // the app asks for all anew
    failed_.begin_session(common.has_value());
    co_return Result<void>();
  }

  Task<Result<std::optional<CommonSession>>> load_checkpoint() {
    CO_TRY(co_await checkpointer_.find_id());
    if (!has_lineage()) co_return co_await checkpointer_.load();
    lineage_.emplace(*source_, *target_, random_);
    Result<void> found;
    Result<std::optional<CommonSession>> common = std::optional<CommonSession>();
    TaskGroup both;
    both.spawn(store(lineage_->find(checkpointer_.id()), found));
    both.spawn(store(checkpointer_.load(), common));
    co_await both.join();
    CO_TRY(common);
    CO_TRY(found);
    CO_TRY(co_await lineage_->begin(checkpointer_.goes_on()));
    co_return common;
  }

  // What is pulled from a server is known to be there.
  bool has_lineage() const {
    return source_->is_remote() && !target_->is_remote() && checkpointer_.is_kept_on_both();
  }

  // The side that is here, or one that keeps the checkpoint, where both are servers'; null:
  // checkpoints aren't wanted at all.
  Peer* keeper_of_failed() const {
    if (!checkpointer_.is_kept()) return nullptr;
    if (!source_->is_remote()) return source_.get();
    const bool is_target = !target_->is_remote() || options_.checkpoint_target;
    return is_target ? target_.get() : source_.get();
  }

  std::string start_sequence(const std::optional<CommonSession>& common) const {
    std::string checkpoint = common ? common->sequence : "0";
    if (!is_resumed_) return options_.since.value_or(checkpoint);
    // What this run has come to is newer than its last checkpoint, and counts as long as both
    // databases are still those that it began with.
    const bool has_ours = common && common->session_id == checkpointer_.session_id();
    const bool has_none = !checkpointer_.is_kept() || !checkpointer_.has_saved();
    if (has_ours || (has_none && options_.since)) return result_.last_sequence;
    if (!checkpointer_.is_kept()) return result_.last_sequence;
    return checkpoint;
  }

  int64_t asked_wait_ms() const {
    const int64_t now = clock_.now_ms();
    return std::max(source_->retry_after_ms(now), target_->retry_after_ms(now));
  }

  const std::unique_ptr<Peer> source_;
  const std::unique_ptr<Peer> target_;
  const ReplicationOptions options_;
  const ReplicationEvents events_;
  Clock& clock_;
  Checkpointer checkpointer_;
  Random& random_;
  FailedDocuments failed_;
  Activity activity_;
  std::optional<LineageOfPull> lineage_;  // of the session
  BackOff back_off_;
  Alarm alarm_;
  ReplicationResult result_;
  std::shared_ptr<ReplicationSession> session_;
  bool is_resumed_ = false;
  bool has_lost_target_ = false;  // by the session that was the last one
  bool is_cancelled_ = false;
};

Replicator::Replicator(std::unique_ptr<Peer> source, std::unique_ptr<Peer> target,
                       ReplicationOptions options, ReplicationEvents events, Clock& clock,
                       Random& random)
    : impl_(std::make_shared<Impl>(std::move(source), std::move(target), std::move(options),
                                   std::move(events), clock, random)) {}

Replicator::~Replicator() = default;

Task<Result<ReplicationResult>> Replicator::run() { return impl_->run(); }

void Replicator::cancel() {
  const auto impl = impl_;
  impl->cancel();
}

void Replicator::wake() {
  const auto impl = impl_;
  impl->wake();
}

void Replicator::check() {
  const auto impl = impl_;
  impl->check();
}

}  // namespace couchlet
