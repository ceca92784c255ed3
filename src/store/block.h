// Block: some neighbouring entries of a table, what is read and checked and kept in memory at once.
//
//   block: magic u8 = 0xB1 | crc32c u32le of all that follows | entries | restarts u32le … |
//          restart count u32le
//   entry: shared varint | unshared varint | value varint: 0 erased, else 1 + its length |
//          the unshared end of the key | the value
//
// Keys ascend, each comes once. `shared` is how much of its beginning a key has from the key before
// it; at a restart (every sixteenth entry) it is 0, so that a search can jump there. Restarts are
// offsets from the beginning of the block. (After LevelDB's table format.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace couchlet {

class BlockBuilder {
 public:
  BlockBuilder();

  // REQUIRES: keys ascend.
  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);

  bool empty() const { return entry_count_ == 0; }
  size_t bytes() const { return bytes_.size() + 4 * (restarts_.size() + 1); }
  const std::string& last_key() const { return last_key_; }

  // The block; the builder begins another.
  std::string finish();

 private:
  void add_key(std::string_view key, uint64_t value);
  void begin();

  std::string bytes_;
  std::string last_key_;
  std::vector<uint32_t> restarts_;
  size_t entry_count_ = 0;
};

class Block {
 public:
  class Iterator;

  // `name` is what an error calls it. Errors: 500 corrupt_data.
  static Result<std::shared_ptr<const Block>> parse(std::string bytes, std::string_view name);

  size_t memory_bytes() const { return sizeof(Block) + bytes_.capacity(); }

 private:
  Block(std::string bytes, size_t entries_end, size_t restart_count)
      : bytes_(std::move(bytes)), entries_end_(entries_end), restart_count_(restart_count) {}

  size_t restart(size_t index) const;

  std::string bytes_;
  size_t entries_end_;
  size_t restart_count_;
};

// Walks a block both ways. The block must outlive it. Entries are read as they come by: a malformed
// one, which the checksum should have caught, ends the walk with is_corrupt().
class Block::Iterator {
 public:
  explicit Iterator(const Block& block) : block_(&block) {}

  void seek(std::string_view key);       // to the first entry with key >= `key`
  void seek_back(std::string_view key);  // to the last entry with key <= `key`
  void seek_to_first();
  void seek_to_last();
  void next();      // REQUIRES: valid()
  void previous();  // REQUIRES: valid()

  bool valid() const { return is_valid_; }
  bool is_corrupt() const { return is_corrupt_; }
  std::string_view key() const { return key_; }
  bool is_erased() const { return is_erased_; }
  std::string_view value() const { return value_; }

 private:
  void go_to_restart(size_t index);
  void read_entry();
  size_t last_restart_before(std::string_view key) const;
  std::string_view key_at_restart(size_t index) const;

  const Block* block_;
  size_t entry_at_ = 0;  // of the current entry
  size_t next_at_ = 0;
  std::string key_;
  std::string_view value_;
  bool is_erased_ = false;
  bool is_valid_ = false;
  bool is_corrupt_ = false;
};

}  // namespace couchlet
