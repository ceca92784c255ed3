// The log: what each commit changed, one frame (framed_record.h) a commit, in Area::kLog with its
// parts in Area::kParts. Written by log_writer.h, read by log_reader.h.
//
//   frame:   magic 0xC1; the payload:
//            number varint | commit_id u64le |
//            table count varint | tables (as the manifest has them) | entries
//   entry:   kind u8 = 1, put:   key length varint | key | value length varint | value
//            kind u8 = 2, erase: key length varint | key
//
// Keys ascend, each comes once. A record is written once and never changed. The records n * 65536
// and up of kParts belong to the log record with the number n, written in the same batch: first its
// parts, then, from n * 65536 + kMaxLogParts on, its tables.
//
// The number is the one that the commit was decided for: one more than the last record that its
// writer had applied. A record counts if it is the key that the record has; another record is void:
// its number is used up, and nothing has changed. Only records without parts and tables are ever
// written where they may turn out void (optimism.h).
//
// A large commit puts the values of its write-once keys into tables, which become segments as they
// are: such values are written once, and what reads the log needs not read them.
//
// The commit id belongs to one try of one writer to append a record (a random beginning for each
// context, counted on from there). A writer that was told of an error, or that the number is taken,
// finds by it whether the record in that place is its own after all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "store/framed_record.h"
#include "store/medium.h"

namespace couchlet {

inline constexpr FrameKind kLogFrame{.magic = 0xC1, .version = 3};

enum class LogEntryKind : uint8_t { kPut = 1, kErase = 2 };

struct LogEntry {
  LogEntryKind kind = LogEntryKind::kPut;
  std::string_view key;
  std::string_view value;  // "" in an erase
};

inline constexpr uint64_t kPartsPerLogRecord = 65536;

// 480 MiB of entries in one commit. The tables have the rest of the numbers.
inline constexpr size_t kMaxLogParts = 8192;

inline constexpr uint64_t log_part_number(uint64_t log_number, uint64_t part) {
  return log_number * kPartsPerLogRecord + part;
}

}  // namespace couchlet
