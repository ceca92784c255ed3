#include "store/memory_medium.h"

#include <algorithm>
#include <utility>

namespace couchlet {

MemoryMedium::MemoryMedium(std::shared_ptr<MemoryMediumData> data) : data_(std::move(data)) {
  data_->opened_by_.push_back(this);
}

MemoryMedium::~MemoryMedium() { close(); }

Task<Result<std::vector<Record>>> MemoryMedium::read(Area area, uint64_t first, uint64_t last,
                                                     size_t limit) {
  CO_TRY(check_open());
  const auto& records = data_->records(area);
  std::vector<Record> found;
  for (auto at = records.lower_bound(first); at != records.end() && at->first <= last; ++at) {
    found.push_back({at->first, at->second});
    if (found.size() == limit) break;
  }
  co_return found;
}

Task<Result<CommitOutcome>> MemoryMedium::commit(MediumBatch batch) {
  CO_TRY(check_open());
  if (batch.numbered) {
    uint64_t& last = data_->last_numbers_[static_cast<size_t>(batch.numbered->area)];
    const bool is_taken = batch.numbered->expected_number != last + 1;
    if (is_taken && !batch.numbered->is_void_elsewhere) co_return CommitOutcome::kNumberTaken;
    data_->records(batch.numbered->area).emplace(++last, std::move(batch.numbered->bytes));
    if (is_taken) co_return CommitOutcome::kNumberTaken;
  }
  for (auto& put : batch.puts) data_->records(put.area)[put.number] = std::move(put.bytes);
  for (const auto& range : batch.deletes) {
    auto& records = data_->records(range.area);
    records.erase(records.lower_bound(range.first), records.upper_bound(range.last));
  }
  for (auto& blob : batch.blob_puts) data_->blobs_[blob.key] = std::move(blob.bytes);
  for (const auto& key : batch.blob_deletes) data_->blobs_.erase(key);
  if (batch.numbered && batch.numbered->area == Area::kLog) {
    tell_others(batch.numbered->expected_number);
  }
  co_return CommitOutcome::kCommitted;
}

Task<Result<std::optional<std::string>>> MemoryMedium::read_blob(std::string key, uint64_t offset,
                                                                 uint64_t length) {
  CO_TRY(check_open());
  const auto found = data_->blobs_.find(key);
  if (found == data_->blobs_.end()) co_return std::nullopt;
  const std::string& bytes = found->second;
  const auto from = static_cast<size_t>(std::min<uint64_t>(offset, bytes.size()));
  co_return bytes.substr(from, static_cast<size_t>(std::min<uint64_t>(length, bytes.size())));
}

Task<bool> MemoryMedium::begin_merging() {
  if (data_->merges_ != nullptr) co_return false;
  data_->merges_ = this;
  co_return true;
}

void MemoryMedium::end_merging() {
  if (data_->merges_ == this) data_->merges_ = nullptr;
}

void MemoryMedium::on_foreign_commit(std::function<void(uint64_t)> listener) {
  listener_ = std::move(listener);
}

void MemoryMedium::close() {
  is_closed_ = true;
  end_merging();
  std::erase(data_->opened_by_, this);
}

Task<Result<void>> MemoryMedium::destroy() {
  CO_TRY(check_open());
  for (auto& records : data_->areas_) records.clear();
  data_->blobs_.clear();
  data_->is_destroyed_ = true;
  close();
  co_return Result<void>();
}

Result<void> MemoryMedium::check_open() const {
  if (is_closed_) return Error{412, "precondition_failed", "database is closed"};
  if (data_->is_destroyed_) {
    return Error{412, "precondition_failed", "database was destroyed in another context"};
  }
  return {};
}

// A listener may close any of the media.
void MemoryMedium::tell_others(uint64_t log_number) {
  const std::shared_ptr<MemoryMediumData> data = data_;
  const std::vector<MemoryMedium*> media = data->opened_by_;
  for (MemoryMedium* medium : media) {
    const bool is_open = std::ranges::count(data->opened_by_, medium) > 0;
    if (medium != this && is_open && medium->listener_) medium->listener_(log_number);
  }
}

}  // namespace couchlet
