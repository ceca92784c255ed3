#include "store/block.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/varint.h"

namespace couchlet {
namespace {

constexpr char kMagic = static_cast<char>(0xB1);
constexpr size_t kChecksumAt = 1;
constexpr size_t kHeadBytes = kChecksumAt + 4;
constexpr size_t kRestartInterval = 16;

struct Entry {
  uint64_t shared = 0;
  std::string_view unshared;
  bool is_erased = false;
  std::string_view value;
};

bool take(std::string_view& in, uint64_t length, std::string_view& taken) {
  if (length > in.size()) return false;
  taken = in.substr(0, static_cast<size_t>(length));
  in.remove_prefix(taken.size());
  return true;
}

bool get_entry(std::string_view& in, Entry& entry) {
  uint64_t unshared = 0;
  uint64_t value = 0;
  if (!get_varint(in, entry.shared) || !get_varint(in, unshared) || !get_varint(in, value)) {
    return false;
  }
  entry.is_erased = value == 0;
  return take(in, unshared, entry.unshared) &&
         take(in, entry.is_erased ? 0 : value - 1, entry.value);
}

size_t shared_prefix(std::string_view a, std::string_view b) {
  const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<size_t>(end.first - a.begin());
}

}  // namespace

BlockBuilder::BlockBuilder() { begin(); }

void BlockBuilder::begin() {
  bytes_.assign(kHeadBytes, '\0');
  bytes_[0] = kMagic;
  last_key_.clear();
  restarts_.clear();
  entry_count_ = 0;
}

void BlockBuilder::put(std::string_view key, std::string_view value) {
  add_key(key, 1 + uint64_t{value.size()});
  bytes_.append(value);
}

void BlockBuilder::erase(std::string_view key) { add_key(key, 0); }

void BlockBuilder::add_key(std::string_view key, uint64_t value) {
  size_t shared = 0;
  if (entry_count_ % kRestartInterval == 0) {
    restarts_.push_back(static_cast<uint32_t>(bytes_.size()));
  } else {
    shared = shared_prefix(last_key_, key);
  }
  put_varint(bytes_, shared);
  put_varint(bytes_, key.size() - shared);
  put_varint(bytes_, value);
  bytes_.append(key.substr(shared));
  last_key_.assign(key);
  ++entry_count_;
}

std::string BlockBuilder::finish() {
  bytes_.reserve(bytes());
  for (const uint32_t restart : restarts_) put_u32le(bytes_, restart);
  put_u32le(bytes_, static_cast<uint32_t>(restarts_.size()));
  const uint32_t checksum = crc32c(std::string_view(bytes_).substr(kHeadBytes));
  store_little_endian(bytes_.data() + kChecksumAt, checksum);
  std::string finished = std::move(bytes_);
  begin();
  return finished;
}

Result<std::shared_ptr<const Block>> Block::parse(std::string bytes, std::string_view name) {
  const auto corrupt = [name](std::string_view what) {
    return errors::corrupt(std::string(name) + ": " + std::string(what));
  };
  std::string_view in = bytes;
  uint32_t checksum = 0;
  if (in.size() < kHeadBytes + 4 || in[0] != kMagic) return corrupt("it does not begin as a block");
  in.remove_prefix(kChecksumAt);
  if (!get_u32le(in, checksum) || crc32c(in) != checksum) {
    return corrupt("the checksum does not match");
  }
  const auto restart_count = load_little_endian<uint32_t>(bytes.data() + bytes.size() - 4);
  if (restart_count == 0 || restart_count > (in.size() - 4) / 4) return corrupt("it is malformed");
  const size_t entries_end = bytes.size() - 4 - 4 * size_t{restart_count};
  std::shared_ptr<const Block> block(new Block(std::move(bytes), entries_end, restart_count));
  for (size_t i = 0; i < restart_count; ++i) {
    const size_t low = i == 0 ? kHeadBytes : block->restart(i - 1) + 1;
    if (block->restart(i) < low || block->restart(i) >= entries_end) {
      return corrupt("it is malformed");
    }
  }
  return block;
}

size_t Block::restart(size_t index) const {
  return load_little_endian<uint32_t>(bytes_.data() + entries_end_ + 4 * index);
}

void Block::Iterator::seek(std::string_view key) {
  go_to_restart(last_restart_before(key));
  while (is_valid_ && std::string_view(key_) < key) next();
}

void Block::Iterator::seek_back(std::string_view key) {
  seek(key);
  if (is_corrupt_) return;
  if (!is_valid_) {
    seek_to_last();
  } else if (key_ != key) {
    previous();
  }
}

void Block::Iterator::seek_to_first() { go_to_restart(0); }

void Block::Iterator::seek_to_last() {
  go_to_restart(block_->restart_count_ - 1);
  while (is_valid_ && next_at_ < block_->entries_end_) read_entry();
}

void Block::Iterator::next() {
  if (next_at_ == block_->entries_end_) {
    is_valid_ = false;
    return;
  }
  read_entry();
}

// From the last restart before the current entry forward to the entry before it.
void Block::Iterator::previous() {
  const size_t here = entry_at_;
  size_t index = block_->restart_count_;
  while (index > 0 && block_->restart(index - 1) >= here) --index;
  if (index == 0) {
    is_valid_ = false;
    return;
  }
  go_to_restart(index - 1);
  while (is_valid_ && next_at_ < here) read_entry();
}

void Block::Iterator::go_to_restart(size_t index) {
  key_.clear();
  next_at_ = block_->restart(index);
  read_entry();
}

void Block::Iterator::read_entry() {
  entry_at_ = next_at_;
  std::string_view in(block_->bytes_);
  in = in.substr(entry_at_, block_->entries_end_ - entry_at_);
  Entry entry;
  is_valid_ = get_entry(in, entry) && entry.shared <= key_.size();
  is_corrupt_ = !is_valid_;
  if (is_corrupt_) return;
  key_.resize(static_cast<size_t>(entry.shared));
  key_.append(entry.unshared);
  value_ = entry.value;
  is_erased_ = entry.is_erased;
  next_at_ = block_->entries_end_ - in.size();
}

// The last restart whose key is before `key`; 0 where there is none.
size_t Block::Iterator::last_restart_before(std::string_view key) const {
  size_t low = 0;
  size_t high = block_->restart_count_;
  while (high - low > 1) {
    const size_t middle = low + (high - low) / 2;
    if (key_at_restart(middle) < key) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

std::string_view Block::Iterator::key_at_restart(size_t index) const {
  const size_t at = block_->restart(index);
  std::string_view in = std::string_view(block_->bytes_).substr(at, block_->entries_end_ - at);
  Entry entry;
  return get_entry(in, entry) && entry.shared == 0 ? entry.unshared : std::string_view();
}

}  // namespace couchlet
