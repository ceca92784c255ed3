#include "store/manifest.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/varint.h"
#include "store/snapshot_gone.h"

namespace couchlet {
namespace {

void put_run(std::string& out, const Run& run) {
  put_varint(out, run.id);
  put_varint(out, run.newest_log);
  put_varint(out, run.merging_into);
  put_length_prefixed(out, run.from_key);
  put_varint(out, run.tables->size());
  for (const TableRef& table : *run.tables) append_table_info(out, *table);
}

bool get_run(std::string_view& in, Run& run) {
  std::string_view from_key;
  uint64_t table_count = 0;
  if (!get_varint(in, run.id) || !get_varint(in, run.newest_log) ||
      !get_varint(in, run.merging_into) || !get_length_prefixed(in, from_key) ||
      !get_varint(in, table_count)) {
    return false;
  }
  run.from_key = from_key;
  auto tables = std::make_shared<Tables>();
  for (; table_count > 0; --table_count) {
    TableRef table;
    if (!get_table_info(in, table)) return false;
    if (!tables->empty() && table->first_key <= tables->back()->last_key) return false;
    tables->push_back(std::move(table));
  }
  run.tables = std::move(tables);
  return true;
}

bool get_segment(std::string_view& in, Segment& segment) {
  return get_varint(in, segment.erased_count) && get_varint(in, segment.collected_through) &&
         get_table_info(in, segment.table);
}

bool get_obsolete(std::string_view& in, ObsoleteRecords& records) {
  uint64_t since = 0;
  if (!get_table_area(in, records.area) || !get_varint(in, records.first) ||
      !get_varint(in, records.count) || !get_varint(in, records.bytes) || !get_varint(in, since)) {
    return false;
  }
  records.since_ms = static_cast<int64_t>(since);
  return records.count > 0 && records.count <= kMaxRecordNumber &&
         records.first <= kMaxRecordNumber - records.count;
}

// A count and as many elements.
template <typename Element, typename Get>
bool get_all(std::string_view& in, std::vector<Element>& out, Get get) {
  uint64_t count = 0;
  if (!get_varint(in, count)) return false;
  for (; count > 0; --count) {
    Element element;
    if (!get(in, element)) return false;
    out.push_back(std::move(element));
  }
  return true;
}

bool do_not_meet(const std::vector<Segment>& segments) {
  return std::adjacent_find(segments.begin(), segments.end(),
                            [](const Segment& a, const Segment& b) {
                              return a.table->last_key >= b.table->first_key;
                            }) == segments.end();
}

}  // namespace

uint64_t Run::bytes() const {
  uint64_t sum = 0;
  for (const TableRef& table : *tables) sum += table->bytes;
  return sum;
}

const Segment* Manifest::segment_of(std::string_view key) const {
  const auto found =
      std::partition_point(segments.begin(), segments.end(),
                           [key](const Segment& segment) { return segment.table->last_key < key; });
  return found != segments.end() && found->table->first_key <= key ? &*found : nullptr;
}

void Manifest::retire(const TableInfo& table, int64_t now_ms) {
  obsolete.push_back({table.area, table.first_record, table.record_count, table.bytes,
                      std::max<int64_t>(now_ms, 0)});
}

uint64_t Manifest::live_bytes() const {
  uint64_t sum = 0;
  for (const Run& run : runs) sum += run.bytes();
  for (const Segment& segment : segments) sum += segment.table->bytes;
  return sum;
}

// As if all entries of a segment were of one size.
uint64_t Manifest::garbage_bytes() const {
  uint64_t sum = 0;
  for (const Segment& segment : segments) {
    const TableInfo& table = *segment.table;
    const uint64_t erased = std::min(segment.erased_count, table.entry_count);
    sum += table.bytes / table.entry_count * erased;
  }
  return sum;
}

uint64_t Manifest::obsolete_bytes() const {
  uint64_t sum = 0;
  for (const ObsoleteRecords& records : obsolete) sum += records.bytes;
  return sum;
}

std::string Manifest::encode() const {
  std::string out;
  put_u64le(out, commit_id);
  put_varint(out, flushed_through);
  put_varint(out, runs.size());
  for (const Run& run : runs) put_run(out, run);
  put_varint(out, segments.size());
  for (const Segment& segment : segments) {
    put_varint(out, segment.erased_count);
    put_varint(out, segment.collected_through);
    append_table_info(out, *segment.table);
  }
  put_varint(out, obsolete.size());
  for (const ObsoleteRecords& records : obsolete) {
    out.push_back(static_cast<char>(records.area));
    put_varint(out, records.first);
    put_varint(out, records.count);
    put_varint(out, records.bytes);
    put_varint(out, static_cast<uint64_t>(records.since_ms));
  }
  return out;
}

Result<Manifest> Manifest::decode(uint64_t number, std::string_view payload) {
  Manifest manifest;
  manifest.number = number;
  const bool is_whole = get_u64le(payload, manifest.commit_id) &&
                        get_varint(payload, manifest.flushed_through) &&
                        get_all(payload, manifest.runs, get_run) &&
                        get_all(payload, manifest.segments, get_segment) &&
                        get_all(payload, manifest.obsolete, get_obsolete) && payload.empty();
  if (!is_whole || !do_not_meet(manifest.segments)) {
    return errors::corrupt("Manifest " + std::to_string(number) + " is malformed");
  }
  return manifest;
}

Task<Result<ManifestRef>> read_manifest(Medium& medium) {
  CO_TRY_ASSIGN(const std::vector<Record> records,
                co_await medium.read(Area::kManifest, 0, kMaxRecordNumber, 0));
  if (records.empty()) co_return std::make_shared<const Manifest>();
  const Record& newest = records.back();
  const std::string name = "Manifest " + std::to_string(newest.number);
  CO_TRY_ASSIGN(const FrameHead head, read_frame_head(kManifestFrame, newest.bytes, name));
  const uint64_t first = newest.number * kBlocksPerManifest;
  std::vector<Record> parts;
  if (head.part_count > 0) {
    CO_TRY_ASSIGN(parts,
                  co_await medium.read(Area::kBlocks, first, first + head.part_count - 1, 0));
    if (parts.size() < head.part_count) co_return snapshot_gone();
  }
  CO_TRY_ASSIGN(const std::string payload, join_frame(head, parts, first, name));
  CO_TRY_ASSIGN(Manifest manifest, Manifest::decode(newest.number, payload));
  co_return std::make_shared<const Manifest>(std::move(manifest));
}

}  // namespace couchlet
