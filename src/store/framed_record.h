// Framed record: a checksummed byte string in one numbered record and, where that is too small, in
// parts beside it. The log and the manifest are made of them.
//
//   record: magic u8 | version u8 | crc32c u32le of all that follows in this record |
//           part count u32le | payload
//   part:   crc32c u32le of what follows | the payload goes on
//
// Every record but the last of a frame is full (kMaxRecordBytes). Where the parts are is for the
// user to say. A frame is written once and never changed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/medium.h"

namespace couchlet {

struct FrameKind {
  uint8_t magic;
  uint8_t version;
};

class FrameWriter {
 public:
  explicit FrameWriter(FrameKind kind);

  void append(std::string_view payload);
  size_t part_count() const { return records_.size() - 1; }

  // The record and its parts. The writer is used up.
  std::vector<std::string> finish();

 private:
  std::vector<std::string> records_;
};

// What a record says of its frame. `payload` points into the record.
struct FrameHead {
  uint32_t part_count = 0;
  std::string_view payload;
};

// `name` is what errors call it ("Log record 7"). Errors: 500 corrupt_data; 500 unsupported_format
// for a version above `kind.version`.
Result<FrameHead> read_frame_head(FrameKind kind, std::string_view record, const std::string& name);

// The payload of the head and of all parts. `parts` are the records with the numbers `first` and
// up, as far as they are there.
Result<std::string> join_frame(const FrameHead& head, const std::vector<Record>& parts,
                               uint64_t first, const std::string& name);

}  // namespace couchlet
