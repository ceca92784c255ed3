// RemoteTraits: what kind of server a RemoteServer is. Drawn from the seed.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "simulated_run.h"

namespace couchlet {

struct RemoteTraits {
  bool has_bulk_get = true;  // CouchDB 1 has none
  bool has_continuous_feed = true;
  bool takes_gzip = true;
  int gzip_refusal = 415;              // else; 0: no connection, as a browser sees it
  int multipart_refusal = 0;           // a status; 0: it takes multipart/related
  bool has_opaque_sequences = true;    // else numbers, as CouchDB 1 and PouchDB Server
  bool forgets = false;                // what has been superseded
  bool checks_local_revisions = true;  // CouchDB 2 and later write any _local document over
  size_t most_bytes = 0;               // of a write of several documents (413); 0: any

  // Documents that it doesn't take from anybody (403): those with some ids. Null: it takes all.
  std::function<bool(const std::string& id)> forbids = {};
};

RemoteTraits draw_remote_traits(SimulatedRun& run);

}  // namespace couchlet
