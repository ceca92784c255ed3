// A text that JavaScript holds, copied into WebAssembly memory once, as UTF-8, without a detour
// over a JavaScript byte array or Embind's string conversion (which walks the characters in
// JavaScript).
#pragma once

#include <cstdint>
#include <string>

namespace couchlet {

// Takes the text that js/engine.js holds under `text_id`; it is gone from there afterwards.
std::string take_text(uint32_t text_id);

}  // namespace couchlet
