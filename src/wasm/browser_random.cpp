#include "wasm/browser_random.h"

extern "C" void couchlet_random_bytes(void* to, size_t length);  // browser_random.library.js

namespace couchlet {

uint64_t BrowserRandom::next() {
  if (left_ == 0) {
    couchlet_random_bytes(page_.data(), sizeof(page_));
    left_ = page_.size();
  }
  return page_[--left_];
}

}  // namespace couchlet
