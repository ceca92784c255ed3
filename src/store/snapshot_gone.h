// What a reader gets that needs records which another context has removed, after a flush or a
// merge: it has to begin again, on a new snapshot (Store::renew()). Never the answer of a database.
#pragma once

#include "base/result.h"

namespace couchlet {

inline Error snapshot_gone() {
  return {500, "snapshot_gone", "Records of the database are missing."};
}

inline bool is_snapshot_gone(const Error& error) { return error.name == "snapshot_gone"; }

}  // namespace couchlet
