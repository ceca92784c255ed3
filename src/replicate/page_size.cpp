#include "replicate/page_size.h"

#include <algorithm>

namespace couchlet {

PageSize::PageSize(uint64_t batch_size, bool is_remote)
    : most_(batch_size > 0 ? batch_size : (is_remote ? kMostOfRemote : kMostOfLocal)),
      grows_(batch_size == 0),
      rows_(batch_size > 0 ? batch_size : kFirst) {}

void PageSize::learn(size_t rows, size_t bytes, int64_t duration_ms) {
  if (rows == 0) return;
  const uint64_t fitting = bytes == 0 ? most_ : kPageBytes / std::max<size_t>(1, bytes / rows);
  uint64_t wanted = most_;
  if (grows_) {
    const bool is_worth_more = rows >= rows_ && duration_ms < kQuickMs;
    wanted = is_worth_more ? rows_ * 4 : rows_;
  }
  rows_ = std::clamp<uint64_t>(std::min(wanted, fitting), 1, most_);
}

}  // namespace couchlet
