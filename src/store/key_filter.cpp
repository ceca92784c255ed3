#include "store/key_filter.h"

#include <algorithm>

#include "base/bytes.h"

namespace couchlet {
namespace {

constexpr size_t kBitsPerKey = 10;
constexpr uint8_t kProbes = 7;  // about ln 2 times the bits

// Multiply and mix, eight bytes at a time; part of the format.
uint64_t hash_of(std::string_view key) {
  constexpr uint64_t kFactor = 0x9FB21C651E98DF25;
  uint64_t hash = key.size() * kFactor;
  const auto mix = [&hash](uint64_t word) {
    hash = (hash ^ word) * kFactor;
    hash ^= hash >> 32;
  };
  for (; key.size() >= 8; key.remove_prefix(8)) mix(load_little_endian<uint64_t>(key.data()));
  uint64_t rest = 0;
  for (size_t i = 0; i < key.size(); ++i) {
    rest |= uint64_t{static_cast<uint8_t>(key[i])} << (8 * i);
  }
  mix(rest);
  mix(0);
  return hash;
}

// The bits that a key sets: h, h + d, h + 2d … (Kirsch and Mitzenmacher, 2006).
class Probes {
 public:
  Probes(uint64_t hash, size_t bit_count)
      : at_(static_cast<uint32_t>(hash)),
        step_(static_cast<uint32_t>(hash >> 32) | 1),
        bit_count_(static_cast<uint32_t>(bit_count)) {}

  size_t next() {
    const size_t bit = at_ % bit_count_;
    at_ += step_;
    return bit;
  }

 private:
  uint32_t at_;
  uint32_t step_;
  uint32_t bit_count_;
};

}  // namespace

void KeyFilterBuilder::add(std::string_view key) { hashes_.push_back(hash_of(key)); }

std::string KeyFilterBuilder::finish() const {
  const size_t bytes = std::max<size_t>((hashes_.size() * kBitsPerKey + 7) / 8, 8);
  std::string filter(1 + bytes, '\0');
  filter[0] = static_cast<char>(kProbes);
  for (const uint64_t hash : hashes_) {
    Probes probes(hash, bytes * 8);
    for (uint8_t i = 0; i < kProbes; ++i) {
      const size_t bit = probes.next();
      filter[1 + bit / 8] = static_cast<char>(filter[1 + bit / 8] | 1 << bit % 8);
    }
  }
  return filter;
}

bool may_contain(std::string_view filter, std::string_view key) {
  if (filter.size() < 2) return true;
  Probes probes(hash_of(key), (filter.size() - 1) * 8);
  for (auto i = static_cast<uint8_t>(filter[0]); i > 0; --i) {
    const size_t bit = probes.next();
    if ((filter[1 + bit / 8] >> bit % 8 & 1) == 0) return false;
  }
  return true;
}

}  // namespace couchlet
