// Memtable: an ordered map from keys to their versions, in memory. It only grows.
//
// A skip list with one node a key, and from each node a chain of versions, newest first: what the
// commits did to that key. Who looks passes a commit number and sees, of each key, the newest
// version that is not above it; so a reader that holds on to a number sees one state of the map
// while later commits are added, and nothing has to be copied or locked for it.
//
// Compared with LevelDB's list of (key, number) pairs, a key that is rewritten often costs the
// search nothing, and the bottom level can be linked backwards, so that previous() is one step.
//
// Nodes, versions, keys and values lie in an arena and never move: views stay good while the
// memtable lives. Heights come from a generator with a fixed seed: same calls, same list.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "store/arena.h"
#include "store/entry_iterator.h"

namespace couchlet {

class Memtable {
 public:
  class Node;  // a key's place in the list, for take_back()

  // What a commit did to a key.
  struct Entry {
    bool is_erased = false;
    std::string_view value;
  };

  Memtable();
  Memtable(const Memtable&) = delete;
  Memtable& operator=(const Memtable&) = delete;

  // REQUIRES: `number` is not below that of any entry added before. A second entry with the same
  // key and number replaces the first.
  Node* put(uint64_t number, std::string_view key, std::string_view value);
  Node* erase(uint64_t number, std::string_view key);

  // Removes the version that `number` added to `node`, if it is there. REQUIRES: it is the newest.
  void take_back(uint64_t number, Node* node);

  // The newest entry of `key` that is not above `number`; none where there is no such entry.
  std::optional<Entry> find(uint64_t number, std::string_view key) const;

  // Walks what find(number, …) finds. The memtable must outlive it.
  std::unique_ptr<EntryIterator> iterate(uint64_t number) const;

  size_t allocated_bytes() const { return arena_.allocated_bytes(); }

 private:
  struct Version;
  struct Target;
  class Iterator;

  // 4^12 keys before the list gets slower than logarithmic.
  static constexpr int kMaxHeight = 12;

  Node* add(uint64_t number, std::string_view key, std::string_view value, bool is_erased);
  Node* insert_node(std::string_view key);
  Node* new_node(const Target& target, int height);
  int random_height();

  Node* first_at_or_after(std::string_view key) const;
  void find_insertion_point(const Target& target);

  Arena arena_;
  Node* head_;
  int height_ = 1;
  uint64_t random_state_ = 0x9E3779B97F4A7C15;

  // The nodes after which the last key was inserted, one a level. Keys mostly come in ascending
  // runs (log records are sorted), and the search for the next key starts from here.
  std::array<Node*, kMaxHeight> before_;
};

}  // namespace couchlet
