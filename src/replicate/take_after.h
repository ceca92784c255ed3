// Cutting a list where a request, or an answer, may have no more of it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

namespace couchlet {

// Takes out all but the first `count`, in their order.
template <typename T>
std::vector<T> take_after(std::vector<T>& all, size_t count) {
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(std::min(count, all.size()));
  std::vector<T> rest(std::make_move_iterator(first), std::make_move_iterator(all.end()));
  all.erase(first, all.end());
  return rest;
}

}  // namespace couchlet
