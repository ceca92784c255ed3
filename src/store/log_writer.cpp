#include "store/log_writer.h"

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/varint.h"

namespace couchlet {

namespace {

constexpr size_t kChecksumBytes = 4;
constexpr size_t kMaxVarintBytes = 10;

// The longest that a log record without parts can be before its entries.
constexpr size_t kMaxPlainHeadBytes = kLogChecksummedFrom + 8 + 2 * kMaxVarintBytes;
static_assert(kMaxPlainHeadBytes + kMaxLogParts * kChecksumBytes < kMaxRecordBytes);

}  // namespace

void LogWriter::put(std::string_view key, std::string_view value) {
  entries_.push_back(static_cast<char>(LogEntryKind::kPut));
  put_length_prefixed(entries_, key);
  put_length_prefixed(entries_, value);
  ++entry_count_;
}

void LogWriter::erase(std::string_view key) {
  entries_.push_back(static_cast<char>(LogEntryKind::kErase));
  put_length_prefixed(entries_, key);
  ++entry_count_;
}

Result<MediumBatch> LogWriter::finish(uint64_t commit_id, uint64_t number) const {
  // A part relieves the log record of its own bytes, but costs it a checksum.
  constexpr size_t kPartWorth = kMaxRecordBytes - kChecksumBytes;
  constexpr size_t kPlainRoom = kMaxRecordBytes - kMaxPlainHeadBytes;
  const size_t excess = entries_.size() > kPlainRoom ? entries_.size() - kPlainRoom : 0;
  const size_t part_count = (excess + kPartWorth - 1) / kPartWorth;
  if (part_count > max_parts_) {
    return Error{413, "too_large",
                 "One commit can change " + std::to_string(max_parts_ * kPartWorth) +
                     " bytes at most: write in smaller steps"};
  }

  std::string_view rest = entries_;
  const std::string_view in_head = rest.substr(0, kPlainRoom - part_count * kChecksumBytes);
  rest.remove_prefix(in_head.size());

  MediumBatch batch;
  std::string head;
  head.reserve(kMaxPlainHeadBytes + part_count * kChecksumBytes + in_head.size());
  put_u64le(head, commit_id);
  put_varint(head, entry_count_);
  put_varint(head, part_count);
  for (size_t part = 0; part < part_count; ++part) {
    const std::string_view bytes = rest.substr(0, kMaxRecordBytes);
    rest.remove_prefix(bytes.size());
    put_u32le(head, crc32c(bytes));
    batch.puts.push_back({Area::kParts, log_part_number(number, part), std::string(bytes)});
  }
  head.append(in_head);

  std::string record;
  record.reserve(kLogChecksummedFrom + head.size());
  record.push_back(static_cast<char>(kLogMagic));
  record.push_back(static_cast<char>(kLogVersion));
  put_u32le(record, crc32c(head));
  record.append(head);
  batch.numbered = {Area::kLog, number, std::move(record)};
  return batch;
}

}  // namespace couchlet
