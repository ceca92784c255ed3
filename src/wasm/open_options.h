// The options that a database is opened with, as js/local-options.js hands them over: a JSON object
// whose values have been checked there.
//
//   adapter "idb" | "memory" · durability "relaxed" | "strict" · revs_limit · auto_compaction ·
//   deterministic_revs (false: random revision ids) · cacheSize, memtableSize: bytes
#pragma once

#include <string>

#include "base/result.h"
#include "document/database.h"

namespace couchlet {

struct OpenOptions {
  bool in_memory = false;
  bool strict_durability = false;
  DatabaseSettings settings;
};

Result<OpenOptions> parse_open_options(std::string name, const std::string& json);

}  // namespace couchlet
