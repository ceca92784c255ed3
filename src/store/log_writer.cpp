#include "store/log_writer.h"

#include <utility>

#include "base/bytes.h"
#include "base/varint.h"

namespace couchlet {

LogWriter::LogWriter(uint64_t number, uint64_t commit_id, size_t max_parts)
    : number_(number),
      max_parts_(max_parts),
      next_table_record_(log_part_number(number, kMaxLogParts)),
      frame_(kLogFrame) {
  std::string head;
  put_varint(head, number);
  put_u64le(head, commit_id);
  frame_.append(head);
}

Tables LogWriter::add_tables(std::vector<BuiltTable> tables) {
  Tables placed;
  std::string text;
  put_varint(text, tables.size());
  for (BuiltTable& table : tables) {
    table.info.area = Area::kParts;
    table.info.first_record = next_table_record_;
    for (std::string& record : table.records) {
      batch_.puts.push_back({Area::kParts, next_table_record_++, std::move(record)});
    }
    append_table_info(text, table.info);
    placed.push_back(std::make_shared<const TableInfo>(std::move(table.info)));
  }
  frame_.append(text);
  has_tables_ = true;
  return placed;
}

void LogWriter::add(const LogEntry& entry) {
  if (!has_tables_) add_tables({});
  std::string head(1, static_cast<char>(entry.kind));
  put_length_prefixed(head, entry.key);
  if (entry.kind == LogEntryKind::kPut) put_varint(head, entry.value.size());
  frame_.append(head);
  frame_.append(entry.value);
}

Result<MediumBatch> LogWriter::finish() {
  if (!has_tables_) add_tables({});
  if (frame_.part_count() > max_parts_ || next_table_record_ > log_part_number(number_ + 1, 0)) {
    return Error{413, "too_large",
                 "One commit can change " + std::to_string(max_parts_ * kMaxRecordBytes) +
                     " bytes at most: write in smaller steps"};
  }
  std::vector<std::string> records = frame_.finish();
  batch_.numbered = {Area::kLog, number_, std::move(records[0])};
  for (size_t part = 1; part < records.size(); ++part) {
    batch_.puts.push_back(
        {Area::kParts, log_part_number(number_, part - 1), std::move(records[part])});
  }
  return std::move(batch_);
}

}  // namespace couchlet
