// Recounting: what a database counts in running counters (counters.h, and the references of
// attachment records, stored_bodies.h), counted anew from the documents themselves. After damage
// the counters may be lost, or count what is.
//
// The count is made in a snapshot, in steps, while others go on writing. As they change a counter
// by what they add or take away, what was found to be wrong in the snapshot is wrong by as much
// later: a commit corrects the counters by that difference, on the newest state. Two recounts of
// which each corrects the same fault would be one too many, so a commit that finds that another
// one came between gives way, and the count is made again.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "store/store.h"

namespace couchlet {

// Says whether anything was wrong. Memory goes with the number of different attachments.
// REQUIRES: records and bodies can be read (repair.h).
Task<Result<bool>> recount(Store& store, Clock& clock);

}  // namespace couchlet
