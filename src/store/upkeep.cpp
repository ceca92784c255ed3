#include "store/upkeep.h"

#include <utility>

#include "store/snapshot_gone.h"

namespace couchlet {
namespace {

// For the blocks that merging reads ahead.
constexpr size_t kCacheBytes = 1024 * 1024;

// Steps that other contexts may spoil one after another before it is given up.
constexpr int kMaxTries = 16;

Error stopped() { return {412, "precondition_failed", "database is closed"}; }

}  // namespace

Upkeep::Upkeep(ManifestKeeper& keeper, Medium& medium, Clock& clock, WriteOnceKeys keys)
    : keeper_(keeper), medium_(medium), clock_(clock), keys_(keys), cache_(medium, kCacheBytes) {}

void Upkeep::start() {
  if (!is_running_ && !is_stopped_) spawn(run());
}

Task<void> Upkeep::run() {
  is_running_ = true;
  if (co_await medium_.begin_merging()) {
    // Nobody waits for it, and what failed is tried again after the next flush.
    (void)co_await do_worthwhile();
    medium_.end_merging();
  }
  end_turn();
}

Task<Result<void>> Upkeep::do_worthwhile() {
  while (true) {
    CO_TRY_ASSIGN(const bool has_merged, co_await merge(MergeStep::Choice::kWorthwhile));
    if (has_merged) continue;
    CO_TRY_ASSIGN(const bool has_collected, co_await collect(CollectionStep::Choice::kWorthwhile));
    if (!has_collected) break;
  }
  if (!keeper_.manifest()->obsolete.empty()) CO_TRY(co_await keeper_.remove_obsolete());
  co_return Result<void>();
}

Task<Result<void>> Upkeep::compact() {
  co_await wait_for_turn();
  if (is_stopped_) co_return stopped();
  is_running_ = true;
  auto compacted = co_await compact_alone();
  end_turn();
  co_return compacted;
}

Task<Result<void>> Upkeep::compact_alone() {
  bool has_collected = false;
  while (true) {
    CO_TRY_ASSIGN(const bool has_done, co_await collect(CollectionStep::Choice::kAll));
    if (!has_done) break;
    has_collected = true;
  }
  bool is_merging = true;
  while (is_merging) {
    CO_TRY_ASSIGN(is_merging, co_await merge(MergeStep::Choice::kUnderWay));
  }
  if (has_collected || keeper_.manifest()->runs.size() > 1) {
    CO_TRY_ASSIGN(is_merging, co_await merge(MergeStep::Choice::kAll));
    while (is_merging) {
      CO_TRY_ASSIGN(is_merging, co_await merge(MergeStep::Choice::kUnderWay));
    }
  }
  co_return Result<void>();
}

Task<Result<bool>> Upkeep::merge(MergeStep::Choice choice) {
  return take_step(
      [this, choice] { return MergeStep::prepare(keeper_.manifest(), cache_, keys_, choice); });
}

Task<Result<bool>> Upkeep::collect(CollectionStep::Choice choice) {
  return take_step(
      [this, choice] { return CollectionStep::prepare(keeper_.manifest(), cache_, choice); });
}

Task<Result<bool>> Upkeep::salvage() {
  co_await wait_for_turn();
  if (is_stopped_) co_return stopped();
  is_running_ = true;
  auto salvaged = co_await salvage_alone();
  end_turn();
  co_return salvaged;
}

Task<Result<bool>> Upkeep::salvage_alone() {
  for (int i = 0; i < kMaxTries; ++i) {
    if (is_stopped_) co_return stopped();
    auto salvage = co_await Salvage::prepare(keeper_.manifest(), cache_);
    if (!salvage.ok() && !is_snapshot_gone(salvage.error())) co_return std::move(salvage).error();
    if (!salvage.ok()) {
      CO_TRY(co_await keeper_.reload_manifest());
      continue;
    }
    if (!salvage->has_losses()) co_return false;
    CO_TRY_ASSIGN(const bool is_committed, co_await commit(*std::move(salvage)));
    if (is_committed) co_return true;
  }
  co_return errors::corrupt("Records that the manifest names are missing");
}

// One step. False: there was nothing to do, or others spoil it again and again.
template <typename Prepare>
Task<Result<bool>> Upkeep::take_step(Prepare prepare) {
  for (int i = 0; i < kMaxTries; ++i) {
    if (is_stopped_) co_return stopped();
    auto step = co_await prepare();
    if (!step.ok() && !is_snapshot_gone(step.error())) co_return std::move(step).error();
    if (!step.ok()) {
      CO_TRY(co_await keeper_.reload_manifest());
      continue;
    }
    if (!*step) co_return false;
    CO_TRY_ASSIGN(const bool is_committed, co_await commit(**std::move(step)));
    if (is_committed) co_return true;
  }
  co_return false;
}

template <typename Step>
Task<Result<bool>> Upkeep::commit(Step step) {
  if (is_stopped_) co_return stopped();
  const auto change = [&step, this](ManifestChange& next) {
    return step.apply(next, clock_.now_ms());
  };
  co_return co_await keeper_.commit_manifest(change);
}

Task<void> Upkeep::stop() {
  is_stopped_ = true;
  co_await wait_for_turn();
}

Task<void> Upkeep::wait_for_turn() {
  while (is_running_) co_await turn_ended_;
}

void Upkeep::end_turn() {
  is_running_ = false;
  turn_ended_.signal();
}

}  // namespace couchlet
