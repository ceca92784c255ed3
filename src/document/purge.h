// Purging: a leaf is removed as if it had never been, with those of its ancestors that led to no
// other leaf (CouchDB's _purge). No tombstone stays and no replication is told of it; one that
// carries the revision here again brings it back.
//
// A document with leaves left changes: it takes a new sequence, as another leaf may win now. One
// without is gone from every list and count, and the changes feed has nothing to say of it: what
// was made from the feed learns of a purge by Counters::purge_sequence.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "document/revision.h"
#include "store/store.h"

namespace couchlet {

struct PurgeResult {
  std::vector<Revision> removed;  // the leaf first
  bool is_document_gone = false;
};

// 404 not_found if there is no such document, or if it has no such leaf.
Task<Result<PurgeResult>> purge_leaf(WriteView& view, std::string id, Revision leaf);

// {"ok": true, "deletedRevs": […], "documentWasRemovedCompletely": …}, as PouchDB answers.
std::string purge_result_json(const PurgeResult& result);

}  // namespace couchlet
