// The replication id: names the checkpoints of one replication, the same in every session and
// different for whatever changes which documents are carried. CouchDB documentation,
// replication/protocol, "Generate Replication ID"; the ids need not be those of other replicators,
// as each keeps its own checkpoints.
#pragma once

#include <string>
#include <string_view>

#include "replicate/replicator.h"

namespace couchlet {

// 32 hex digits, from the peers' identities and the options that choose documents.
std::string replication_id(std::string_view source_identity, std::string_view target_identity,
                           const ReplicationOptions& options);

}  // namespace couchlet
