#include "store/table_format.h"

#include <algorithm>
#include <utility>

#include "base/varint.h"

namespace couchlet {
namespace {

bool get_string(std::string_view& in, std::string& text) {
  std::string_view bytes;
  if (!get_length_prefixed(in, bytes)) return false;
  text = bytes;
  return true;
}

}  // namespace

TableRef find_table(const Tables& tables, std::string_view key) {
  const auto found = std::partition_point(
      tables.begin(), tables.end(), [key](const TableRef& table) { return table->last_key < key; });
  return found != tables.end() && (*found)->first_key <= key ? *found : nullptr;
}

void append_table_info(std::string& out, const TableInfo& table) {
  out.push_back(static_cast<char>(table.area));
  put_varint(out, table.first_record);
  put_varint(out, table.record_count);
  put_varint(out, table.index_records);
  put_varint(out, table.bytes);
  put_varint(out, table.entry_count);
  put_length_prefixed(out, table.first_key);
  put_length_prefixed(out, table.last_key);
}

bool get_table_area(std::string_view& in, Area& area) {
  if (in.empty()) return false;
  area = static_cast<Area>(in.front());
  in.remove_prefix(1);
  return area == Area::kBlocks || area == Area::kParts;
}

bool get_table_info(std::string_view& in, TableRef& out) {
  auto table = std::make_shared<TableInfo>();
  if (!get_table_area(in, table->area) || !get_varint(in, table->first_record) ||
      !get_varint(in, table->record_count) || !get_varint(in, table->index_records) ||
      !get_varint(in, table->bytes) || !get_varint(in, table->entry_count) ||
      !get_string(in, table->first_key) || !get_string(in, table->last_key)) {
    return false;
  }
  const bool is_possible = table->index_records > 0 && table->entry_count > 0 &&
                           table->index_records < table->record_count &&
                           table->record_count <= kMaxRecordNumber &&
                           table->first_record <= kMaxRecordNumber - table->record_count &&
                           table->first_key <= table->last_key;
  out = std::move(table);
  return is_possible;
}

}  // namespace couchlet
