#include "store/log_reader.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/varint.h"

namespace couchlet {

namespace {

// Records that are read ahead in one look: at most 15 MB of them, mostly some hundred kB.
constexpr size_t kReadAhead = 256;

// A log record taken apart as far as it goes without its parts.
struct Head {
  uint64_t commit_id = 0;
  uint64_t entry_count = 0;
  std::vector<uint32_t> part_checksums;
  std::string_view entries;  // the beginning of them; points into the record
};

Error corrupt(uint64_t number, std::string_view what) {
  return errors::corrupt("Log record " + std::to_string(number) + ": " + std::string(what));
}

Result<Head> parse_head(uint64_t number, std::string_view in) {
  if (in.size() < kLogChecksummedFrom || static_cast<uint8_t>(in[0]) != kLogMagic) {
    return corrupt(number, "it does not begin as one");
  }
  const auto version = static_cast<uint8_t>(in[1]);
  if (version > kLogVersion) {
    return Error{500, "unsupported_format",
                 "Log record " + std::to_string(number) +
                     " was written by a newer version of couchlet (format " +
                     std::to_string(version) + ", this one knows " + std::to_string(kLogVersion) +
                     "): update this one, or reload the page"};
  }
  if (version < kLogVersion) return corrupt(number, "there is no such format version");

  in.remove_prefix(2);
  uint32_t checksum = 0;
  if (!get_u32le(in, checksum) || crc32c(in) != checksum) {
    return corrupt(number, "the checksum does not match");
  }

  Head head;
  uint64_t part_count = 0;
  if (!get_u64le(in, head.commit_id) || !get_varint(in, head.entry_count) ||
      !get_varint(in, part_count) || part_count > kMaxLogParts) {
    return corrupt(number, "the head is malformed");
  }
  for (uint64_t part = 0; part < part_count; ++part) {
    if (!get_u32le(in, head.part_checksums.emplace_back())) {
      return corrupt(number, "the head is malformed");
    }
  }
  head.entries = in;
  return head;
}

// All entries, in one string, where they were written with parts.
Result<std::string> join_parts(uint64_t number, const Head& head,
                               const std::vector<Record>& parts) {
  std::string joined(head.entries);
  for (size_t part = 0; part < head.part_checksums.size(); ++part) {
    const std::string name = "part " + std::to_string(part);
    if (part >= parts.size() || parts[part].number != log_part_number(number, part)) {
      return corrupt(number, name + " is missing");
    }
    if (crc32c(parts[part].bytes) != head.part_checksums[part]) {
      return corrupt(number, name + ": the checksum does not match");
    }
    joined.append(parts[part].bytes);
  }
  return joined;
}

bool get_entry(std::string_view& in, LogEntry& entry) {
  if (in.empty()) return false;
  entry.kind = static_cast<LogEntryKind>(in.front());
  in.remove_prefix(1);
  switch (entry.kind) {
    case LogEntryKind::kPut:
      return get_length_prefixed(in, entry.key) && get_length_prefixed(in, entry.value);
    case LogEntryKind::kErase:
      return get_length_prefixed(in, entry.key);
  }
  return false;
}

Result<std::vector<LogEntry>> parse_entries(uint64_t number, uint64_t count, std::string_view in) {
  std::vector<LogEntry> entries;
  // An entry takes two bytes or more, whatever the count claims.
  entries.reserve(static_cast<size_t>(std::min<uint64_t>(count, in.size() / 2)));
  while (!in.empty()) {
    LogEntry entry;
    if (!get_entry(in, entry)) return corrupt(number, "an entry is malformed");
    if (!entries.empty() && entry.key <= entries.back().key) {
      return corrupt(number, "the keys are out of order");
    }
    entries.push_back(entry);
  }
  if (entries.size() != count) return corrupt(number, "entries are missing");
  return entries;
}

}  // namespace

Task<Result<std::optional<LogRecord>>> LogReader::next() {
  if (ahead_at_ == ahead_.size()) {
    if (has_read_to_the_end_) co_return std::nullopt;
    CO_TRY_ASSIGN(ahead_,
                  co_await medium_.read(Area::kLog, next_number_, kMaxRecordNumber, kReadAhead));
    ahead_at_ = 0;
    has_read_to_the_end_ = ahead_.size() < kReadAhead;
    if (ahead_.empty()) co_return std::nullopt;
  }
  Record& record = ahead_[ahead_at_++];
  const uint64_t number = record.number;
  next_number_ = number + 1;

  auto bytes = std::make_unique<const std::string>(std::move(record.bytes));
  CO_TRY_ASSIGN(const Head head, parse_head(number, *bytes));
  std::string_view entries = head.entries;
  if (const size_t part_count = head.part_checksums.size(); part_count > 0) {
    CO_TRY_ASSIGN(const std::vector<Record> parts,
                  co_await medium_.read(Area::kParts, log_part_number(number, 0),
                                        log_part_number(number, part_count - 1), 0));
    CO_TRY_ASSIGN(std::string joined, join_parts(number, head, parts));
    bytes = std::make_unique<const std::string>(std::move(joined));
    entries = *bytes;
  }
  CO_TRY_ASSIGN(std::vector<LogEntry> parsed, parse_entries(number, head.entry_count, entries));
  co_return LogRecord{number, head.commit_id, std::move(parsed), std::move(bytes)};
}

}  // namespace couchlet
