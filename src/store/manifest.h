// Manifest: what makes up the store beside the tail of the log: one numbered record that names
// every live table. The newest one counts; the commit that adds one deletes those before it.
//
//   frame (framed_record.h), magic 0xC2, in Area::kManifest with its parts in Area::kBlocks. The
//   payload:
//     commit_id u64le | flushed_through varint |
//     run count varint | runs, the newest first | segment count varint | segments, keys ascending |
//     obsolete count varint | obsolete ranges
//   run:      id varint | newest_log varint | merging_into varint | from_key, length first |
//             table count varint | tables, keys ascending
//   segment:  erased_count varint | collected_through varint | table
//   obsolete: area u8 | first record varint | record count varint | bytes varint | since_ms varint
//   table:    area u8 | first_record varint | record_count varint | index_records varint |
//             bytes varint | entry_count varint | first_key | last_key, lengths first
//
// Runs hold the entries of all keys but write-once ones, and what erases those. Of a key that more
// than one run has, the newest run's entry counts. Segments hold the entries of write-once keys;
// their key ranges do not meet.
//
// Merging. Neighbouring runs are merged in steps that each commit a manifest. While that goes on
// the inputs name the run they merge into, which stands right behind them (if it has a table yet),
// and have lost their keys below from_key to it. So a merge that its context did not finish is
// simply gone on with by another.
//
// Obsolete records are those of tables that are no longer named. They are deleted when readers in
// other contexts, which may still be at an older manifest, have had time to finish.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "store/framed_record.h"
#include "store/table_format.h"

namespace couchlet {

inline constexpr FrameKind kManifestFrame{.magic = 0xC2, .version = 1};

// The records n * 65536 and up of Area::kBlocks belong to the manifest with the number n, written
// in the same batch: first its parts, then, from n * 65536 + kMaxManifestParts on, new tables.
inline constexpr uint64_t kBlocksPerManifest = 65536;
inline constexpr uint64_t kMaxManifestParts = 1024;

struct Run {
  uint64_t id = 0;
  uint64_t newest_log = 0;    // the last log record that is in it
  uint64_t merging_into = 0;  // the id of a run; 0: none
  std::string from_key;
  TablesRef tables = std::make_shared<const Tables>();

  uint64_t bytes() const;
};

struct Segment {
  TableRef table;
  uint64_t erased_count = 0;       // entries that have been erased since it was written
  uint64_t collected_through = 0;  // erased before this log record: not in it any more
};

struct ObsoleteRecords {
  Area area = Area::kBlocks;
  uint64_t first = 0;
  uint64_t count = 0;
  uint64_t bytes = 0;
  int64_t since_ms = 0;  // by the clock of the context that replaced them

  uint64_t last() const { return first + count - 1; }
};

struct Manifest {
  uint64_t number = 0;     // of its record; 0: there is none yet
  uint64_t commit_id = 0;  // of the try that wrote it
  uint64_t flushed_through = 0;
  std::vector<Run> runs;
  std::vector<Segment> segments;
  std::vector<ObsoleteRecords> obsolete;

  // The segment whose key range `key` falls into; null if there is none.
  const Segment* segment_of(std::string_view key) const;
  void retire(const TableInfo& table, int64_t now_ms);

  uint64_t live_bytes() const;
  uint64_t garbage_bytes() const;  // of those, about
  uint64_t obsolete_bytes() const;

  std::string encode() const;
  // Errors: 500 corrupt_data.
  static Result<Manifest> decode(uint64_t number, std::string_view payload);
};

using ManifestRef = std::shared_ptr<const Manifest>;

// The newest manifest of a medium; an empty one with the number 0 where there is none. Errors: 500
// corrupt_data, 500 unsupported_format, the medium's own; snapshot_gone() if it is just being
// replaced.
Task<Result<ManifestRef>> read_manifest(Medium& medium);

}  // namespace couchlet
