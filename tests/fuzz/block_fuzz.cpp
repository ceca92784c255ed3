// Any bytes as a block, behind a right checksum. No walk through it may crash or go on for ever;
// and where its keys ascend, a block built of the same entries has them all, both ways and by
// seeking.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "fuzz_target.h"
#include "store/block.h"

namespace couchlet {
namespace {

constexpr char kMagic = '\xb1';

struct Entry {
  std::string key;
  std::optional<std::string> value;
  bool operator==(const Entry&) const = default;
};
using Entries = std::vector<Entry>;

Entry entry_at(const Block::Iterator& at) {
  if (at.is_erased()) return {std::string(at.key()), std::nullopt};
  return {std::string(at.key()), std::string(at.value())};
}

std::string framed(std::string_view text) {
  std::string bytes(1, kMagic);
  put_u32le(bytes, crc32c(text));
  return bytes.append(text);
}

// Those before the first that is malformed.
Entries entries_of(const Block& block, size_t most) {
  Entries entries;
  Block::Iterator at(block);
  for (at.seek_to_first(); at.valid(); at.next()) {
    entries.push_back(entry_at(at));
    require(entries.size() <= most, "a walk ends");
  }
  return entries;
}

bool do_ascend(const Entries& entries) {
  for (size_t i = 1; i < entries.size(); ++i) {
    if (entries[i].key <= entries[i - 1].key) return false;
  }
  return true;
}

void walk_everywhere(const Block& block, const Entries& entries, size_t most) {
  Block::Iterator at(block);
  size_t steps = 0;
  for (at.seek_to_last(); at.valid() && steps <= most; at.previous()) ++steps;
  for (const Entry& entry : entries) {
    at.seek(entry.key);
    at.seek_back(entry.key);
  }
}

void check_built(const Entries& entries) {
  BlockBuilder builder;
  for (const Entry& entry : entries) {
    if (entry.value) {
      builder.put(entry.key, *entry.value);
    } else {
      builder.erase(entry.key);
    }
  }
  const auto block = Block::parse(builder.finish(), "it");
  require(block.ok(), "what was built can be read");
  require(entries_of(**block, entries.size()) == entries, "a walk meets every entry");
  Block::Iterator at(**block);
  at.seek_to_last();
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    require(at.valid() && entry_at(at) == *entry, "a walk back meets every entry");
    at.previous();
  }
  require(!at.valid() && !at.is_corrupt(), "a walk back ends at the first");
  for (const Entry& entry : entries) {
    at.seek(entry.key);
    require(at.valid() && entry_at(at) == entry, "a key is found");
    at.seek_back(entry.key);
    require(at.valid() && entry_at(at) == entry, "a key is found from behind");
  }
}

void read_block(std::string_view text) {
  const auto block = Block::parse(framed(text), "it");
  if (!block.ok()) {
    require(block.error().name == "corrupt_data", "an error tells of damage");
    return;
  }
  const size_t most = text.size() + 1;  // an entry has a byte at least
  const Entries entries = entries_of(**block, most);
  walk_everywhere(**block, entries, most);
  if (!entries.empty() && do_ascend(entries)) check_built(entries);
}

}  // namespace
}  // namespace couchlet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  couchlet::read_block(couchlet::view_of(data, size));
  return 0;
}
