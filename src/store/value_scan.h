// Value scan: the values of many write-once keys, some hundred kilobytes at a time and not block by
// block. While the values of one request are taken the next one is already on its way.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "store/snapshot.h"
#include "store/store.h"

namespace couchlet {

// Calls take(i, value) for each key keys[i] whose value is found, once, in no particular order; the
// view is good during the call. One that it isn't called for is not there, or could not be read, or
// takes a closer look: get_value() tells. REQUIRES: the keys ascend.
Task<void> read_values(SnapshotRef snapshot, std::vector<std::string> keys,
                       std::function<void(size_t, std::string_view)> take);

}  // namespace couchlet
