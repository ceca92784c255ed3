// Flush: turns what came with the log into a run and segments, so that the log can be deleted.
#pragma once

#include <cstdint>

#include "store/manifest_change.h"
#include "store/memtable.h"
#include "store/write_once.h"

namespace couchlet {

// Runs are cut into tables of this size: what a step of a merge writes at once.
inline constexpr size_t kRunTableBytes = 512 * 1024;

// Adds to `change` the memtable, which holds the log from the current manifest's flushed_through on
// up to `through`, and the tables that came with it.
void add_flush(ManifestChange& change, const Memtable& memtable, const Tables& tail_tables,
               uint64_t through, WriteOnceKeys keys);

}  // namespace couchlet
