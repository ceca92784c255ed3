// What a database keeps of a document's past.
#pragma once

#include <cstdint>

namespace couchlet {

struct Retention {
  uint64_t revs_limit = 1000;    // revisions that are remembered of each branch; CouchDB's default
  bool auto_compaction = false;  // a body goes with the edit that supersedes it
};

}  // namespace couchlet
