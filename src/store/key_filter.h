// Key filter: a set of keys that may answer "perhaps" for one that is not in it (a Bloom filter;
// ten bits and seven probes a key, so in one case of a hundred). A table has one, so that a write
// of a new document, which first looks whether it is there, need not read a block of each run.
//
//   filter: probe count u8 | bits, as many as fill the rest; none: every key may be in it
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace couchlet {

class KeyFilterBuilder {
 public:
  void add(std::string_view key);
  std::string finish() const;

 private:
  std::vector<uint64_t> hashes_;
};

bool may_contain(std::string_view filter, std::string_view key);

}  // namespace couchlet
