#include "store/write_once.h"

#include <utility>

namespace couchlet {
namespace {

bool is_value(WriteOnceKeys keys, const LogEntry& entry) {
  return entry.kind == LogEntryKind::kPut && keys.contain(entry.key);
}

bool is_after_all(std::string_view key, const Tables& segments) {
  return segments.empty() || segments.back()->last_key < key;
}

}  // namespace

std::vector<BuiltTable> take_large_values(WriteOnceKeys keys, const Tables& segments,
                                          std::vector<LogEntry>& entries) {
  size_t bytes = 0;
  const LogEntry* first = nullptr;
  for (const LogEntry& entry : entries) {
    if (!is_value(keys, entry)) continue;
    if (first == nullptr) first = &entry;
    bytes += entry.value.size();
  }
  std::vector<BuiltTable> tables;
  if (bytes < kLargeCommitBytes || !is_after_all(first->key, segments)) return tables;

  TableBuilder builder(TableBuilder::Filter::kNone);
  for (const LogEntry& entry : entries) {
    if (!is_value(keys, entry)) continue;
    if (builder.bytes() >= kSegmentBytes) tables.push_back(builder.finish());
    builder.put(entry.key, entry.value);
  }
  tables.push_back(builder.finish());
  std::erase_if(entries, [keys](const LogEntry& entry) { return is_value(keys, entry); });
  return tables;
}

}  // namespace couchlet
