// PageSize: how many changes to ask for at a time.
//
// A page has to be worth its round trip and is not to fill the memory: it grows as long as full
// pages come quickly, and is cut to what kPageBytes hold. Over a link of 100 ms ten thousand small
// documents are three pages; over one of 1 Mbit/s, where a page of a thousand takes seconds, it
// stays there and loses little when the link breaks.
#pragma once

#include <cstddef>
#include <cstdint>

#include "replicate/peer.h"

namespace couchlet {

class PageSize {
 public:
  static constexpr uint64_t kFirst = 1000;
  static constexpr uint64_t kMostOfRemote = 16'000;
  // What a page of a local database costs is the time that it holds the thread up.
  static constexpr uint64_t kMostOfLocal = 2500;
  static constexpr size_t kPageBytes = kMaxAnswerBytes / 2;
  static constexpr int64_t kQuickMs = 1000;

  // `batch_size`: at most so many, at once; 0: as it comes.
  PageSize(uint64_t batch_size, bool is_remote);

  uint64_t rows() const { return rows_; }

  // Of a page that was asked for with rows(): how many came, and how large they were. Bytes are 0
  // where there is no text of it.
  void learn(size_t rows, size_t bytes, int64_t duration_ms);

 private:
  const uint64_t most_;
  const bool grows_;
  uint64_t rows_;
};

}  // namespace couchlet
