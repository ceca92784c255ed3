#include "base/md5.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/bytes.h"

namespace couchlet {

namespace {

// RFC 1321, 3.4: floor(2^32 * abs(sin(i + 1))).
constexpr uint32_t kSines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

constexpr int kRotations[4][4] = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

// Step i of 64. The four variables change their roles from step to step: done by the index, so that
// none is moved. Every step waits for the one before it to give b: what does not depend on b is
// added to a first, and the halves of the second round's function, which never share a set bit,
// are added one by one.
template <size_t i>
[[gnu::always_inline]] inline void step(std::array<uint32_t, 4>& state, const char* block) {
  uint32_t& a = state[(64 - i) % 4];
  const uint32_t b = state[(65 - i) % 4];
  const uint32_t c = state[(66 - i) % 4];
  const uint32_t d = state[(67 - i) % 4];
  constexpr size_t round = i / 16;
  constexpr size_t word = round == 0   ? i
                          : round == 1 ? (5 * i + 1) % 16
                          : round == 2 ? (3 * i + 5) % 16
                                       : 7 * i % 16;
  a += kSines[i] + load_little_endian<uint32_t>(block + 4 * word);
  if constexpr (round == 0) {
    a += d ^ (b & (c ^ d));
  } else if constexpr (round == 1) {
    a += c & ~d;
    a += b & d;
  } else if constexpr (round == 2) {
    a += b ^ (c ^ d);
  } else {
    a += c ^ (b | ~d);
  }
  a = b + std::rotl(a, kRotations[round][i % 4]);
}

template <size_t... i>
[[gnu::always_inline]] inline void all_steps(std::array<uint32_t, 4>& state, const char* block,
                                             std::index_sequence<i...>) {
  (step<i>(state, block), ...);
}

}  // namespace

void Md5::add_blocks(State& state, const char* blocks, size_t count) {
  State sum = state;
  for (; count > 0; --count, blocks += kBlockSize) {
    State mixed = sum;
    all_steps(mixed, blocks, std::make_index_sequence<64>());
    for (size_t i = 0; i < 4; ++i) sum[i] += mixed[i];
  }
  state = sum;
}

void Md5::update(std::string_view bytes) {
  const size_t pending = static_cast<size_t>(length_ % kBlockSize);
  length_ += bytes.size();
  if (pending > 0) {
    const size_t taken = std::min(kBlockSize - pending, bytes.size());
    bytes.copy(pending_.data() + pending, taken);
    bytes.remove_prefix(taken);
    if (pending + taken < kBlockSize) return;
    add_blocks(state_, pending_.data(), 1);
  }
  const size_t blocks = bytes.size() / kBlockSize;
  add_blocks(state_, bytes.data(), blocks);
  bytes.remove_prefix(blocks * kBlockSize);
  bytes.copy(pending_.data(), bytes.size());
}

Md5Digest Md5::finish() {
  const size_t pending = static_cast<size_t>(length_ % kBlockSize);
  const size_t padding = (pending < 56 ? 56 : 120) - pending;
  char tail[72] = {static_cast<char>(0x80)};
  store_little_endian(tail + padding, length_ * 8);
  update({tail, padding + 8});

  Md5Digest digest;
  for (size_t i = 0; i < 4; ++i) {
    char bytes[4];
    store_little_endian(bytes, state_[i]);
    std::memcpy(digest.data() + 4 * i, bytes, 4);
  }
  return digest;
}

Md5Digest md5(std::string_view bytes) {
  Md5 hash;
  hash.update(bytes);
  return hash.finish();
}

}  // namespace couchlet
