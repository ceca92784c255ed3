// A reading that can be repeated: on the newest snapshot, and where another context has removed
// what that needs (store/snapshot_gone.h), from the beginning on a newer one.
#pragma once

#include <type_traits>

#include "base/result.h"
#include "base/task.h"
#include "store/snapshot_gone.h"
#include "store/store.h"

namespace couchlet {

// `read` makes a task of a SnapshotRef.
template <typename Read>
auto on_snapshot(Store& store, Read read) -> std::invoke_result_t<Read&, SnapshotRef> {
  while (true) {
    const SnapshotRef snapshot = store.snapshot();
    auto found = co_await read(snapshot);
    if (found.ok() || !is_snapshot_gone(found.error())) co_return found;
    CO_TRY(co_await store.renew(snapshot));
  }
}

}  // namespace couchlet
