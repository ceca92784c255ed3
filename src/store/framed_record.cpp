#include "store/framed_record.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/crc32c.h"

namespace couchlet {
namespace {

constexpr size_t kChecksumBytes = 4;
constexpr size_t kHeadChecksumAt = 2;
constexpr size_t kHeadBytes = kHeadChecksumAt + kChecksumBytes + 4;

void store_checksum(std::string& record, size_t at) {
  const std::string_view checked = std::string_view(record).substr(at + kChecksumBytes);
  store_little_endian(record.data() + at, crc32c(checked));
}

Error corrupt(const std::string& name, std::string_view what) {
  return errors::corrupt(name + ": " + std::string(what));
}

}  // namespace

FrameWriter::FrameWriter(FrameKind kind) : records_(1) {
  records_[0].assign(kHeadBytes, '\0');
  records_[0][0] = static_cast<char>(kind.magic);
  records_[0][1] = static_cast<char>(kind.version);
}

void FrameWriter::append(std::string_view payload) {
  while (!payload.empty()) {
    if (records_.back().size() == kMaxRecordBytes) {
      records_.emplace_back().reserve(std::min(kMaxRecordBytes, payload.size() + kChecksumBytes));
      records_.back().assign(kChecksumBytes, '\0');
    }
    std::string& record = records_.back();
    const std::string_view piece = payload.substr(0, kMaxRecordBytes - record.size());
    record.append(piece);
    payload.remove_prefix(piece.size());
  }
}

std::vector<std::string> FrameWriter::finish() {
  store_little_endian(records_[0].data() + kHeadChecksumAt + kChecksumBytes,
                      static_cast<uint32_t>(part_count()));
  store_checksum(records_[0], kHeadChecksumAt);
  for (size_t part = 1; part < records_.size(); ++part) store_checksum(records_[part], 0);
  return std::move(records_);
}

Result<FrameHead> read_frame_head(FrameKind kind, std::string_view record,
                                  const std::string& name) {
  if (record.size() < kHeadBytes || static_cast<uint8_t>(record[0]) != kind.magic) {
    return corrupt(name, "it does not begin as one");
  }
  const auto version = static_cast<uint8_t>(record[1]);
  if (version != kind.version) {
    return Error{500, "unsupported_format",
                 name + " has format " + std::to_string(version) + ", but this couchlet knows " +
                     std::to_string(kind.version) +
                     (version > kind.version ? ": update it, or reload the page"
                                             : ": it was written before the first release")};
  }
  record.remove_prefix(kHeadChecksumAt);
  uint32_t checksum = 0;
  if (!get_u32le(record, checksum) || crc32c(record) != checksum) {
    return corrupt(name, "the checksum does not match");
  }
  FrameHead head;
  if (!get_u32le(record, head.part_count)) return corrupt(name, "it is too short");
  head.payload = record;
  return head;
}

Result<std::string> join_frame(const FrameHead& head, const std::vector<Record>& parts,
                               uint64_t first, const std::string& name) {
  std::string joined;
  joined.reserve(head.payload.size() + parts.size() * kMaxRecordBytes);
  joined.append(head.payload);
  for (size_t part = 0; part < head.part_count; ++part) {
    const std::string which = "part " + std::to_string(part);
    if (part >= parts.size() || parts[part].number != first + part) {
      return corrupt(name, which + " is missing");
    }
    std::string_view bytes = parts[part].bytes;
    uint32_t checksum = 0;
    if (!get_u32le(bytes, checksum) || crc32c(bytes) != checksum) {
      return corrupt(name, which + ": the checksum does not match");
    }
    joined.append(bytes);
  }
  return joined;
}

}  // namespace couchlet
