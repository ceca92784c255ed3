// Randomness, as the engine sees it: the browser's generator in the module, a seeded one in
// simulation.
#pragma once

#include <cstdint>
#include <string>

namespace couchlet {

class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t next() = 0;  // 64 uniformly distributed bits
};

}  // namespace couchlet
