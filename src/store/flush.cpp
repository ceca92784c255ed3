#include "store/flush.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>

namespace couchlet {
namespace {

class Flush {
 public:
  Flush(ManifestChange& change, WriteOnceKeys keys) : change_(change), keys_(keys) {}

  void adopt(const Tables& tail_tables) {
    for (const TableRef& table : tail_tables) change_.next().segments.push_back({table});
  }

  void add(const EntryIterator& entry) {
    const std::string_view key = entry.key();
    if (!keys_.contain(key)) return add_to_run(entry);
    Segment* segment = segment_of(key);
    if (entry.is_erased()) {
      if (segment != nullptr) ++segment->erased_count;
      return add_to_run(entry);
    }
    // Not after those that are there: it can only be shadowed from a run.
    if (segment != nullptr) return add_to_run(entry);
    add_to_segment(key, entry.value());
  }

  void finish() {
    finish_run_table();
    finish_segment();
    std::vector<Segment>& segments = change_.next().segments;
    segments.insert(segments.end(), new_segments_.begin(), new_segments_.end());
    std::sort(segments.begin(), segments.end(), [](const Segment& a, const Segment& b) {
      return a.table->first_key < b.table->first_key;
    });
    if (run_tables_.empty()) return;
    Run run;
    run.id = change_.next().number;
    run.newest_log = change_.next().flushed_through;
    run.tables = std::make_shared<const Tables>(std::move(run_tables_));
    change_.next().runs.insert(change_.next().runs.begin(), std::move(run));
  }

 private:
  Segment* segment_of(std::string_view key) {
    const Segment* found = change_.next().segment_of(key);
    return found == nullptr
               ? nullptr
               : &change_.next()
                      .segments[static_cast<size_t>(found - change_.next().segments.data())];
  }

  void add_to_run(const EntryIterator& entry) {
    if (run_.bytes() >= kRunTableBytes) finish_run_table();
    if (entry.is_erased()) {
      run_.erase(entry.key());
    } else {
      run_.put(entry.key(), entry.value());
    }
  }

  void add_to_segment(std::string_view key, std::string_view value) {
    if (segment_.bytes() >= kSegmentBytes || is_segment_between(segment_.last_key(), key)) {
      finish_segment();
    }
    segment_.put(key, value);
  }

  // Whether one that is there lies between two keys that belong to none.
  bool is_segment_between(std::string_view low, std::string_view high) const {
    const std::vector<Segment>& segments = change_.next().segments;
    const auto after = std::partition_point(
        segments.begin(), segments.end(),
        [low](const Segment& segment) { return segment.table->first_key <= low; });
    return after != segments.end() && after->table->first_key < high;
  }

  void finish_run_table() {
    if (!run_.empty()) run_tables_.push_back(change_.place(run_.finish()));
  }

  void finish_segment() {
    if (segment_.empty()) return;
    // Of what was erased meanwhile nothing is in it.
    const uint64_t through = change_.next().flushed_through;
    new_segments_.push_back({change_.place(segment_.finish()), 0, through});
  }

  ManifestChange& change_;
  const WriteOnceKeys keys_;
  TableBuilder run_{TableBuilder::Filter::kOfAllKeys};
  TableBuilder segment_{TableBuilder::Filter::kNone};
  Tables run_tables_;
  std::vector<Segment> new_segments_;
};

using Range = std::pair<uint64_t, uint64_t>;  // the last included

// The records of kParts that tables have.
std::vector<Range> table_parts(const Manifest& manifest) {
  std::vector<Range> ranges;
  for (const Segment& segment : manifest.segments) {
    const TableInfo& table = *segment.table;
    if (table.area != Area::kParts) continue;
    ranges.emplace_back(table.first_record, table.last_record());
  }
  for (const ObsoleteRecords& records : manifest.obsolete) {
    if (records.area == Area::kParts) ranges.emplace_back(records.first, records.last());
  }
  std::sort(ranges.begin(), ranges.end());
  return ranges;
}

// Deletes the log up to the record before `through`, but for what became segments.
void delete_log(ManifestChange& change, uint64_t from, uint64_t through) {
  if (through <= from) return;
  change.remove({Area::kLog, from, through - 1});
  uint64_t first = log_part_number(from, 0);
  const uint64_t end = log_part_number(through, 0);
  for (const auto& [table_first, table_last] : table_parts(change.next())) {
    if (table_last < first || table_first >= end) continue;
    if (table_first > first) change.remove({Area::kParts, first, table_first - 1});
    first = table_last + 1;
  }
  if (first < end) change.remove({Area::kParts, first, end - 1});
}

}  // namespace

void add_flush(ManifestChange& change, const Memtable& memtable, const Tables& tail_tables,
               uint64_t through, WriteOnceKeys keys) {
  const uint64_t flushed_before = std::exchange(change.next().flushed_through, through);
  Flush flush(change, keys);
  flush.adopt(tail_tables);
  const auto at = memtable.iterate(std::numeric_limits<uint64_t>::max());
  for (at->seek({}); at->valid(); at->next()) flush.add(*at);
  flush.finish();
  delete_log(change, flushed_before, through);
}

}  // namespace couchlet
