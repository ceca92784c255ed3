#include "wasm/text_from_js.h"

extern "C" {
// engine.library.js. The second writes at most `capacity` bytes and returns how many; it goes on
// where it stopped and never cuts a character.
uint32_t couchlet_text_length(uint32_t text_id);
uint32_t couchlet_text_encode(uint32_t text_id, char* to, uint32_t capacity);
void couchlet_text_forget(uint32_t text_id);
}

namespace couchlet {

std::string take_text(uint32_t text_id) {
  std::string bytes;
  size_t written = 0;
  // UTF-8 has a byte for each UTF-16 unit at the least. What doesn't fit, as the text isn't ASCII,
  // is at most three bytes a unit: rooms of the length that is left get there in a few rounds.
  while (const uint32_t left = couchlet_text_length(text_id)) {
    bytes.resize(written + left + 4);
    written += couchlet_text_encode(text_id, bytes.data() + written, left + 4);
  }
  bytes.resize(written);
  couchlet_text_forget(text_id);
  return bytes;
}

}  // namespace couchlet
