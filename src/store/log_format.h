// The log: what each commit changed, as one record in Area::kLog and, where that is too small, more
// in Area::kParts. Written by log_writer.h, read by log_reader.h.
//
//   log record:
//     magic u8 = 0xC1 | version u8 = 1 | crc32c u32le of all that follows in this record |
//     commit_id u64le | entry_count varint |
//     part_count varint | crc32c u32le of each part | the entries, up to the record's limit
//   entry:
//     kind u8 = 1, put:   key length varint | key | value length varint | value
//     kind u8 = 2, erase: key length varint | key
//
// The entries go on in the parts, which hold nothing else; all but the last are full. The parts of
// the log record with number n are the records n * 65536, n * 65536 + 1 … of kParts, written in the
// same batch. Keys ascend, each comes once. A record is written once and never changed.
//
// The commit id belongs to one try of one writer to append a record (a random beginning for each
// context, counted on from there). A writer that was told of an error, or that the number is taken,
// finds by it whether the record in that place is its own after all.
#pragma once

#include <cstddef>
#include <cstdint>

#include "store/medium.h"

namespace couchlet {

inline constexpr uint8_t kLogMagic = 0xC1;
inline constexpr uint8_t kLogVersion = 1;

// Where the checksummed bytes begin.
inline constexpr size_t kLogChecksummedFrom = 1 + 1 + 4;

enum class LogEntryKind : uint8_t { kPut = 1, kErase = 2 };

// 480 MiB in one commit: the checksums of so many parts are half of a log record.
inline constexpr size_t kMaxLogParts = 8192;

inline constexpr uint64_t log_part_number(uint64_t log_number, size_t part) {
  return log_number * 65536 + part;
}

}  // namespace couchlet
