// The keys that the store's fleet uses: few enough that commits meet, of all shapes. Keys with 'b'
// are put once: their numbers come from a counter that is kept in the store, under "n".
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/seeded_random.h"

namespace couchlet {

inline constexpr char kWriteOncePrefix = 'b';
inline constexpr const char* kWriteOnceCounter = "n";

inline std::string write_once_key(uint64_t number) {
  std::string key(1, kWriteOncePrefix);
  put_u64be(key, number);
  return key;
}

// A key that may be put as often as one likes, of about `count`.
inline std::string draw_key(SeededRandom& random, size_t count) {
  const size_t which = random.below(count);
  switch (which % 16) {
    case 0:
      return std::string(which / 16, '\0');  // the empty one too
    case 1:
      return std::string(1 + which / 16, '\xff');
    case 2:
      return "a" + std::to_string(which) + std::string(200, 'a');
    default:
      return (which % 2 == 0 ? "k/of one kind/" : "w") + std::to_string(which);
  }
}

inline std::string draw_blob_key(SeededRandom& random) {
  return "digest-" + std::to_string(random.below(6));
}

}  // namespace couchlet
