#include "store/fault_medium.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace couchlet {

namespace {

Error failure() { return {500, "io_error", "a fault of the test"}; }
Error refusal() { return {507, "insufficient_storage", "a full disk of the test"}; }

bool has_effect(Fault fault) {
  return fault == Fault::kNone || fault == Fault::kFailAfter || fault == Fault::kLoseAfter ||
         fault == Fault::kCrashAfter;
}

void expect_fast_records(const MediumBatch& batch) {
  if (batch.numbered) EXPECT_LE(batch.numbered->bytes.size(), kMaxRecordBytes);
  for (const auto& put : batch.puts) EXPECT_LE(put.bytes.size(), kMaxRecordBytes);
}

}  // namespace

FaultMedium::FaultMedium(std::unique_ptr<Medium> medium, std::shared_ptr<Faults> faults)
    : medium_(std::move(medium)), faults_(std::move(faults)) {}

Task<Result<std::vector<Record>>> FaultMedium::read(Area area, uint64_t first, uint64_t last,
                                                    size_t limit) {
  const Fault fault = begin_call();
  co_await wait_for_turn();
  if (faults_->is_crashed || !has_effect(fault)) co_return failure();
  auto records = co_await medium_->read(area, first, last, limit);
  if (fault == Fault::kCrashAfter) faults_->is_crashed = true;
  co_await wait_for_turn();
  if (faults_->is_crashed || fault != Fault::kNone) co_return failure();
  co_return records;
}

Task<Result<CommitOutcome>> FaultMedium::commit(MediumBatch batch) {
  expect_fast_records(batch);
  const Fault fault = begin_call();
  co_await wait_for_turn();
  if (faults_->is_crashed) co_return failure();
  Result<CommitOutcome> outcome = CommitOutcome::kUnknown;
  if (has_effect(fault)) outcome = co_await medium_->commit(std::move(batch));
  if (fault == Fault::kCrashAfter) faults_->is_crashed = true;
  co_await wait_for_turn();
  if (faults_->is_crashed) co_return failure();
  switch (fault) {
    case Fault::kNone:
      co_return outcome;
    case Fault::kRefuse:
      co_return refusal();
    case Fault::kLoseBefore:
    case Fault::kLoseAfter:
      co_return CommitOutcome::kUnknown;
    default:
      co_return failure();
  }
}

Task<Result<std::optional<std::string>>> FaultMedium::read_blob(std::string key, uint64_t offset,
                                                                uint64_t length) {
  const Fault fault = begin_call();
  co_await wait_for_turn();
  if (faults_->is_crashed || !has_effect(fault)) co_return failure();
  co_return co_await medium_->read_blob(std::move(key), offset, length);
}

void FaultMedium::on_foreign_commit(std::function<void(uint64_t)> listener) {
  listener_ = std::move(listener);
  medium_->on_foreign_commit([this](uint64_t number) { spawn(deliver(number)); });
}

void FaultMedium::close() {
  is_closed_ = true;
  medium_->close();
}

Task<Result<void>> FaultMedium::destroy() {
  const Fault fault = begin_call();
  co_await wait_for_turn();
  if (faults_->is_crashed || !has_effect(fault)) co_return failure();
  is_closed_ = true;
  auto destroyed = co_await medium_->destroy();
  if (fault != Fault::kNone) co_return failure();
  co_return destroyed;
}

Fault FaultMedium::begin_call() {
  EXPECT_FALSE(is_closed_) << "a call after close()";
  const Fault fault = faults_->choose(faults_->calls++);
  if (fault == Fault::kCrashBefore) faults_->is_crashed = true;
  return fault;
}

Task<void> FaultMedium::wait_for_turn() {
  if (faults_->turns != nullptr) co_await faults_->turns->take();
}

Task<void> FaultMedium::deliver(uint64_t number) {
  const std::weak_ptr<const bool> is_alive = is_alive_;
  co_await wait_for_turn();
  if (!is_alive.expired() && !is_closed_ && !faults_->is_news_lost && listener_) listener_(number);
}

}  // namespace couchlet
