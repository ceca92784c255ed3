// What became of one document of a write.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace couchlet {

inline constexpr const char* kMissingStub = "missing_stub";

struct WriteResult {
  std::string id;
  std::string rev;  // the revision written; on an error the one that came, "" if none did
  std::optional<Error> error;  // the document was not written
};

}  // namespace couchlet
