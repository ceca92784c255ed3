#include "store/log_reader.h"

#include <utility>

#include "base/bytes.h"
#include "base/varint.h"
#include "store/snapshot_gone.h"

namespace couchlet {

namespace {

// Records that are read ahead in one look: at most 15 MB of them, mostly some hundred kB.
constexpr size_t kReadAhead = 256;

std::string name_of(uint64_t number) { return "Log record " + std::to_string(number); }

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

Error malformed(const LogRecord& record, std::string_view what) {
  return errors::corrupt(name_of(record.number) + ": " + std::string(what));
}

// Takes what decides whether the record counts. It is in the record itself, whatever its parts.
Result<void> take_number(std::string_view& in, LogRecord& record) {
  uint64_t decided_for = 0;
  if (!get_varint(in, decided_for) || !get_u64le(in, record.commit_id)) {
    return malformed(record, "the head is malformed");
  }
  record.is_void = decided_for != record.number;
  return {};
}

// Fills in what the rest of the payload says. `record.bytes` holds it.
Result<void> parse_changes(std::string_view in, LogRecord& record) {
  uint64_t table_count = 0;
  if (!get_varint(in, table_count)) return malformed(record, "the head is malformed");
  for (; table_count > 0; --table_count) {
    if (!get_table_info(in, record.tables.emplace_back())) {
      return malformed(record, "a table is malformed");
    }
  }
  while (!in.empty()) {
    LogEntry entry;
    if (!get_entry(in, entry)) return malformed(record, "an entry is malformed");
    if (!record.entries.empty() && entry.key <= record.entries.back().key) {
      return malformed(record, "the keys are out of order");
    }
    record.entries.push_back(entry);
  }
  return {};
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
  Record& next = ahead_[ahead_at_++];
  next_number_ = next.number + 1;

  LogRecord record;
  record.number = next.number;
  const std::string name = name_of(record.number);
  record.bytes = std::make_unique<const std::string>(std::move(next.bytes));
  CO_TRY_ASSIGN(const FrameHead head, read_frame_head(kLogFrame, *record.bytes, name));
  std::string_view payload = head.payload;
  CO_TRY(take_number(payload, record));
  if (record.is_void) co_return record;
  if (head.part_count > 0) {
    const uint64_t first = log_part_number(record.number, 0);
    CO_TRY_ASSIGN(const std::vector<Record> parts,
                  co_await medium_.read(Area::kParts, first, first + head.part_count - 1, 0));
    if (parts.size() < head.part_count) co_return snapshot_gone();
    const size_t taken = head.payload.size() - payload.size();
    CO_TRY_ASSIGN(std::string joined, join_frame(head, parts, first, name));
    record.bytes = std::make_unique<const std::string>(std::move(joined));
    payload = std::string_view(*record.bytes).substr(taken);
  }
  CO_TRY(parse_changes(payload, record));
  co_return record;
}

}  // namespace couchlet
