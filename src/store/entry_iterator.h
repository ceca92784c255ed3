// EntryIterator: walks the entries of one layer of the store (a memtable; a sorted run), as seen
// from one commit: each key at most once, in byte order, erased keys included, as they hide what
// lower layers hold under the key. LayeredCursor makes one view of several layers.
#pragma once

#include <string_view>

namespace couchlet {

class EntryIterator {
 public:
  virtual ~EntryIterator() = default;

  virtual void seek(std::string_view key) = 0;       // to the first entry with key >= `key`
  virtual void seek_back(std::string_view key) = 0;  // to the last entry with key <= `key`
  virtual void next() = 0;                           // REQUIRES: valid()
  virtual void previous() = 0;                       // REQUIRES: valid()

  virtual bool valid() const = 0;
  // REQUIRES: valid(). Good until the iterator moves.
  virtual std::string_view key() const = 0;
  virtual bool is_erased() const = 0;
  virtual std::string_view value() const = 0;  // "" where is_erased()
};

}  // namespace couchlet
