// What we ask of JSON text beyond RFC 8259, and the error for text that isn't such.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace couchlet {

// Objects and arrays that may be open at once. CouchDB has no limit of its own here; JSON.parse and
// most servers' stacks give up at some thousands, and no document that people write comes near.
inline constexpr size_t kMaxJsonDepth = 512;

// CouchDB's answer to a body that it can't read, and where it is at fault.
inline Error invalid_json(size_t offset) {
  return errors::bad_request("invalid UTF-8 JSON at byte " + std::to_string(offset));
}

}  // namespace couchlet
