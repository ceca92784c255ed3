#include "wasm/browser_stage.h"

extern "C" {
// blobs.library.js
uint32_t couchlet_stage_begin();
void couchlet_stage_append(uint32_t number, const char* bytes, size_t length);
void couchlet_stage_release(uint32_t number);
}

namespace couchlet {

uint32_t BrowserStage::begin() { return couchlet_stage_begin(); }

void BrowserStage::append(uint32_t number, std::string_view bytes) {
  couchlet_stage_append(number, bytes.data(), bytes.size());
}

void BrowserStage::release(uint32_t number) { couchlet_stage_release(number); }

}  // namespace couchlet
