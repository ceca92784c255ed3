// Compaction: the bodies of revisions that have been superseded go, and what a branch remembers
// beyond revs_limit (CouchDB's _compact). Leaves stay, live or deleted, and so do the ids of all
// revisions within the limit: a replication has as much to tell as before.
//
// It walks through the documents, step by step. A step reads ahead in a snapshot, which only
// finds the documents that have something to lose; what is lost is decided by a commit, on the
// newest state. So reads and writes go on between the steps, of any context, another compaction
// too, and one that is broken off has done no less than it did.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "store/store.h"

namespace couchlet {

// Yields to other work after each step, by `clock`. A document whose record is damaged is left as
// it is.
Task<Result<void>> compact_documents(Store& store, Clock& clock, uint64_t revs_limit);

}  // namespace couchlet
