#include "store/arena.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "base/seeded_random.h"

namespace couchlet {
namespace {

TEST(Arena, pieces_are_aligned_and_do_not_overlap) {
  Arena arena;
  SeededRandom random(1);
  struct Piece {
    char* at;
    size_t bytes;
    char fill;
  };
  std::vector<Piece> pieces;
  size_t sum = 0;
  for (int i = 0; i < 2000; ++i) {
    const size_t bytes = i % 50 == 0 ? random.below(100'000) : random.below(200);
    Piece piece{arena.allocate(bytes), bytes, static_cast<char>(i)};
    EXPECT_EQ(reinterpret_cast<uintptr_t>(piece.at) % 8, 0U);
    std::memset(piece.at, piece.fill, bytes);
    pieces.push_back(piece);
    sum += bytes;
  }
  for (const Piece& piece : pieces) {
    EXPECT_EQ(std::string(piece.at, piece.bytes), std::string(piece.bytes, piece.fill));
  }
  EXPECT_GE(arena.allocated_bytes(), sum);
}

TEST(Arena, an_arena_of_few_small_pieces_is_small) {
  Arena arena;
  EXPECT_EQ(arena.allocated_bytes(), 0U);
  arena.allocate(100);
  EXPECT_LE(arena.allocated_bytes(), 4096U);
}

}  // namespace
}  // namespace couchlet
