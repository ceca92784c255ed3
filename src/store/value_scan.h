// Value scan: the values of many write-once keys at once, in whatever order these come. They are
// read in the order in which they lie, some hundred kilobytes at a time, and not block by block.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/task.h"
#include "store/snapshot.h"
#include "store/store.h"

namespace couchlet {

// What is found, in the order of `keys`. None: it is not there, or could not be read, or takes a
// closer look: get_value() tells.
Task<std::vector<std::optional<std::string>>> read_values(SnapshotRef snapshot,
                                                          std::vector<std::string> keys);

}  // namespace couchlet
