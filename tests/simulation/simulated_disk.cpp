#include "simulated_disk.h"

#include <algorithm>

#include "store/log_format.h"
#include "store/manifest.h"

namespace couchlet {

namespace {

uint64_t size_of(const MediumBatch& batch) {
  uint64_t size = batch.numbered ? batch.numbered->bytes.size() : 0;
  for (const auto& each : batch.puts) size += each.bytes.size();
  for (const auto& each : batch.blob_puts) size += each.bytes.size();
  return size;
}

bool is_numbered(Area area) { return area == Area::kLog || area == Area::kManifest; }

}  // namespace

std::vector<Record> SimulatedDisk::read(Area area, uint64_t first, uint64_t last,
                                        size_t limit) const {
  const Records& all = records(area);
  std::vector<Record> found;
  for (auto at = all.lower_bound(first); at != all.end() && at->first <= last; ++at) {
    found.push_back({at->first, at->second});
    if (found.size() == limit) break;
  }
  return found;
}

std::optional<std::string> SimulatedDisk::read_blob(const std::string& key, uint64_t offset,
                                                    uint64_t length) const {
  const auto found = blobs_.find(key);
  if (found == blobs_.end()) return std::nullopt;
  const auto from = static_cast<size_t>(std::min<uint64_t>(offset, found->second.size()));
  return found->second.substr(from, static_cast<size_t>(length));
}

Result<CommitOutcome> SimulatedDisk::apply(const MediumBatch& batch) {
  check(batch);
  bool is_number_taken = false;
  if (batch.numbered) {
    const uint64_t last = last_numbers_[static_cast<size_t>(batch.numbered->area)];
    is_number_taken = batch.numbered->expected_number != last + 1;
    if (is_number_taken) run_.count("numbers taken");
    if (is_number_taken && !batch.numbered->is_void_elsewhere) return CommitOutcome::kNumberTaken;
  }
  if (capacity_ < used() + size_of(batch)) {
    run_.count("disk full");
    return Error{507, "insufficient_storage", "The simulated disk is full"};
  }
  if (batch.numbered) {
    const uint64_t number = ++last_numbers_[static_cast<size_t>(batch.numbered->area)];
    put(batch.numbered->area, number, batch.numbered->bytes);
    run_.count(batch.numbered->area == Area::kLog ? "log records" : "manifests");
    if (batch.numbered->is_void_elsewhere) run_.count("optimistic log records");
    if (is_number_taken) {
      run_.count("void log records");
      return CommitOutcome::kNumberTaken;
    }
  }
  for (const auto& each : batch.puts) put(each.area, each.number, each.bytes);
  for (const auto& range : batch.deletes) erase(range);
  for (const auto& blob : batch.blob_puts) {
    erase_blob(blob.key);
    blobs_[blob.key] = blob.bytes;
    blob_bytes_ += blob.bytes.size();
  }
  for (const auto& key : batch.blob_deletes) erase_blob(key);
  return CommitOutcome::kCommitted;
}

void SimulatedDisk::clear() {
  for (Records& each : areas_) each.clear();
  blobs_.clear();
  bytes_ = blob_bytes_ = 0;
}

uint64_t SimulatedDisk::table_bytes() const {
  uint64_t bytes = 0;
  for (const auto& [number, record] : records(Area::kParts)) {
    const bool is_of_log = number % kPartsPerLogRecord < kMaxLogParts &&
                           records(Area::kLog).contains(number / kPartsPerLogRecord);
    if (!is_of_log) bytes += record.size();
  }
  for (const auto& [number, record] : records(Area::kBlocks)) {
    const bool is_of_manifest = number % kBlocksPerManifest < kMaxManifestParts &&
                                records(Area::kManifest).contains(number / kBlocksPerManifest);
    if (!is_of_manifest) bytes += record.size();
  }
  return bytes;
}

std::vector<std::string> SimulatedDisk::blob_keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, bytes] : blobs_) keys.push_back(key);
  return keys;
}

void SimulatedDisk::check(const MediumBatch& batch) {
  if (batch.numbered) check_size(batch.numbered->bytes);
  const bool has_more = !batch.puts.empty() || !batch.deletes.empty() || !batch.blob_puts.empty() ||
                        !batch.blob_deletes.empty();
  if (batch.numbered && batch.numbered->is_void_elsewhere && has_more) {
    run_.fail("A record that may become void is not alone in its batch");
  }
  for (const auto& each : batch.puts) {
    check_size(each.bytes);
    if (is_numbered(each.area)) run_.fail("A record of a numbered area is put under any number");
  }
}

void SimulatedDisk::check_size(const std::string& bytes) {
  if (bytes.size() > kMaxRecordBytes) {
    run_.fail("A record of " + std::to_string(bytes.size()) + " bytes is written");
  }
}

void SimulatedDisk::put(Area area, uint64_t number, const std::string& bytes) {
  const auto [at, is_new] = records(area).emplace(number, bytes);
  if (is_new) {
    bytes_ += bytes.size();
  } else if (at->second != bytes) {
    run_.fail("Record " + std::to_string(number) + " of area " +
              std::to_string(static_cast<int>(area)) + " is changed");
  }
}

void SimulatedDisk::erase(const MediumBatch::Delete& range) {
  Records& all = records(range.area);
  const auto end = all.upper_bound(range.last);
  for (auto at = all.lower_bound(range.first); at != end; at = all.erase(at)) {
    bytes_ -= at->second.size();
  }
}

void SimulatedDisk::erase_blob(const std::string& key) {
  const auto found = blobs_.find(key);
  if (found == blobs_.end()) return;
  blob_bytes_ -= found->second.size();
  blobs_.erase(found);
}

}  // namespace couchlet
