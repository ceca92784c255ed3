#include "wasm/browser_clock.h"

#include <emscripten/em_macros.h>

#include <cstdint>

#include "base/completion.h"

extern "C" {
// browser_clock.library.js
double couchlet_now();
void couchlet_wake_after(double milliseconds, void* sleeper);

// Called once for each couchlet_wake_after.
EMSCRIPTEN_KEEPALIVE void couchlet_woken(void* sleeper) {
  static_cast<couchlet::Completion<bool>*>(sleeper)->complete(true);
}
}

namespace couchlet {

int64_t BrowserClock::now_ms() { return static_cast<int64_t>(couchlet_now()); }

Task<void> BrowserClock::sleep(int64_t milliseconds) {
  Completion<bool> over;
  couchlet_wake_after(static_cast<double>(milliseconds), &over);
  co_await over;
}

}  // namespace couchlet
