// Arena: memory that is handed out piece by piece and freed all at once, with the arena.
//
// Pieces are aligned for anything up to 8 bytes. Blocks start small, as most memtables hold the few
// changes of one commit, and double up to kMaxBlockBytes; a large piece gets a block of its own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace couchlet {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  char* allocate(size_t bytes) {
    bytes = (bytes + kAlignment - 1) & ~(kAlignment - 1);
    if (bytes > remaining_) {
      if (bytes > next_block_bytes_ / 4) return new_block(bytes);
      remaining_ = next_block_bytes_;
      next_ = new_block(next_block_bytes_);
      next_block_bytes_ = std::min(2 * next_block_bytes_, kMaxBlockBytes);
    }
    char* piece = next_;
    next_ += bytes;
    remaining_ -= bytes;
    return piece;
  }

  // What the blocks take, used or not.
  size_t allocated_bytes() const { return allocated_bytes_; }

 private:
  static constexpr size_t kAlignment = 8;
  static constexpr size_t kMinBlockBytes = 2 * 1024;
  static constexpr size_t kMaxBlockBytes = 64 * 1024;

  char* new_block(size_t bytes) {
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(bytes));
    allocated_bytes_ += bytes;
    return blocks_.back().get();
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  size_t remaining_ = 0;
  size_t next_block_bytes_ = kMinBlockBytes;
  size_t allocated_bytes_ = 0;
};

}  // namespace couchlet
