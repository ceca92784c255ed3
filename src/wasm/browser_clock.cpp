#include "wasm/browser_clock.h"

#include <emscripten/em_macros.h>

#include <cstdint>

#include "base/completion.h"

extern "C" {
// browser_clock.library.js
double couchlet_now();
uint32_t couchlet_wake_after(double milliseconds, void* sleeper);  // a timer's number
void couchlet_stop_timer(uint32_t timer);

// Called once for each couchlet_wake_after whose timer isn't stopped.
EMSCRIPTEN_KEEPALIVE void couchlet_woken(void* sleeper) {
  static_cast<couchlet::Completion<bool>*>(sleeper)->complete(true);
}
}

namespace couchlet {

int64_t BrowserClock::now_ms() { return static_cast<int64_t>(couchlet_now()); }

Task<void> BrowserClock::sleep(int64_t milliseconds) {
  std::function<void()> stop;
  co_await sleep(milliseconds, stop);
}

Task<void> BrowserClock::sleep(int64_t milliseconds, std::function<void()>& stop) {
  Completion<bool> over;
  const uint32_t timer = couchlet_wake_after(static_cast<double>(milliseconds), &over);
  stop = [timer, &over] {
    couchlet_stop_timer(timer);
    over.complete(true);
  };
  co_await over;
}

}  // namespace couchlet
