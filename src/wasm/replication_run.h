// A replication that JavaScript started: the replicator, and its events on their way out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "replicate/replicator.h"

namespace couchlet {

class ReplicationRun {
 public:
  // `clock` and `random` must outlive the run.
  // `asks_back_off`: JavaScript has a rule of its own for how long to wait.
  ReplicationRun(uint32_t number, std::unique_ptr<Peer> source, std::unique_ptr<Peer> target,
                 ReplicationOptions options, bool asks_back_off, Clock& clock, Random& random);

  // The JSON of PouchDB's `complete` event.
  Task<Result<std::string>> run();

  void cancel() { replicator_.cancel(); }
  void wake() { replicator_.wake(); }
  void check() { replicator_.check(); }

 private:
  ReplicationEvents events(bool asks_back_off);
  void tell(std::string_view event, std::string_view json) const;

  const uint32_t number_;
  Replicator replicator_;
};

}  // namespace couchlet
