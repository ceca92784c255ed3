// EntryIterator: walks the entries of one layer of the store (a memtable; a sorted run), as seen
// from one commit: each key at most once, in byte order, erased keys included, as they hide what
// lower layers hold under the key. LayeredCursor makes one view of several layers.
//
// What is in memory is walked without waiting. A layer that has to read a block first says so: it
// is not is_ready() after the movement, and has to be loaded before anything else is asked of it.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/task.h"

namespace couchlet {

class EntryIterator {
 public:
  virtual ~EntryIterator() = default;

  virtual void seek(std::string_view key) = 0;       // to the first entry with key >= `key`
  virtual void seek_back(std::string_view key) = 0;  // to the last entry with key <= `key`
  virtual void next() = 0;                           // REQUIRES: valid()
  virtual void previous() = 0;                       // REQUIRES: valid()

  virtual bool is_ready() const { return true; }
  // Completes the last movement. After an error the iterator has to seek again.
  virtual Task<Result<void>> load() { co_return Result<void>(); }

  // REQUIRES of all that follows: is_ready()
  virtual bool valid() const = 0;
  virtual std::string_view key() const = 0;    // REQUIRES: valid(); good until it moves
  virtual bool is_erased() const = 0;          // REQUIRES: valid()
  virtual std::string_view value() const = 0;  // REQUIRES: valid(); "" if erased
};

}  // namespace couchlet
