// The objects and arrays that are open while JSON is being read, and how many there may be.
#pragma once

#include <bitset>
#include <cstddef>

namespace couchlet {

// CouchDB has no limit of its own here; JSON.parse and most servers' stacks give up at some
// thousands, and no document that people write comes near.
inline constexpr size_t kMaxJsonDepth = 512;

class JsonNesting {
 public:
  size_t depth() const { return depth_; }
  bool is_in_object() const { return is_object_[depth_ - 1]; }  // REQUIRES: depth() > 0

  bool enter(bool is_object) {
    if (depth_ == kMaxJsonDepth) return false;
    is_object_[depth_++] = is_object;
    return true;
  }
  void leave() { --depth_; }

 private:
  std::bitset<kMaxJsonDepth> is_object_;
  size_t depth_ = 0;
};

}  // namespace couchlet
