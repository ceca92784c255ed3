// Checkpointer: reads and writes the checkpoints of one replication (checkpoint.h), on both sides
// or on those that the options name.
//
// A side may refuse to keep one: a reader of a public database may not write there. Then the other
// side keeps it alone and says so in it. That is not believed when the databases can't be the same
// any more, as the source's sequences end before it.
//
// A server's database may be deleted and made anew while a replication goes on. Then the checkpoint
// is gone, which is looked at before it is written again: CouchDB 2 and later would take it as if
// nothing had happened. So that there is one to be missed, an empty one is put there when a pair of
// databases meets for the first time, in the place of the question whether there is one.
#pragma once

#include <optional>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "replicate/checkpoint.h"
#include "replicate/peer.h"
#include "replicate/replicator.h"

namespace couchlet {

// "You may not write here", as CouchDB and the proxies before it say it, in an answer to the write
// of a local document.
bool is_refusal_to_keep(const Error& error);

// "There are no local documents for you", in an answer to the read of one.
bool is_refusal_to_tell(const Error& error);

// How often a local document is tried to be written: of those who write the same one at the same
// time (an app that syncs twice, tabs without a leader) one succeeds at every turn.
inline constexpr int kMaxAttempts = 20;

// What the peer's local document `id` says; empty where there is none.
Task<Result<Checkpoint>> read_checkpoint(Peer& peer, std::string id);

class Checkpointer {
 public:
  Checkpointer(Peer& source, Peer& target, const ReplicationOptions& options, Random& random);

  // Makes the name of its documents, the replication id: the first thing to do.
  Task<Result<void>> find_id();
  const std::string& id() const { return id_; }

  // Up to where this replication has come before; nullopt: nowhere. Reads both sides anew.
  Task<Result<std::optional<CommonSession>>> load();

  // Whether the server's database still has its checkpoint: an error if not, as it has been made
  // anew. REQUIRES: load() has succeeded.
  Task<Result<void>> look_for_it();

  // REQUIRES: load() has succeeded. record.session_id is session_id().
  Task<Result<void>> save(SessionRecord record);

  const std::string& session_id() const { return session_id_; }

  // Whether the source may still be the database that the last session has read.
  // REQUIRES: load() has succeeded.
  bool goes_on() const { return goes_on_from(source_.checkpoint, target_.checkpoint); }

  bool is_kept_on_both() const { return source_.is_wanted && target_.is_wanted; }
  bool is_kept() const { return source_.is_wanted || target_.is_wanted; }
  bool has_saved() const { return has_saved_; }

 private:
  struct Side {
    Peer& peer;
    bool is_wanted;  // by the options
    bool refuses = false;
    Checkpoint checkpoint;

    bool keeps() const { return is_wanted && !refuses; }
  };

  Task<Result<void>> load_both();
  Task<Result<void>> load_with_server(Side& here, Side& server);
  Task<Result<void>> begin(Side& here, Side& server);
  Task<Result<void>> begin_at(Side& side);
  Task<void> load_side(Side& side, Result<void>& outcome);
  Task<Result<std::optional<CommonSession>>> latest_of_alone(const Side& side);
  Task<Result<void>> save_side(Side& side, const Side& other, const CheckpointEntry& entry);
  Task<Result<void>> refresh(Side& side);

  const ReplicationOptions& options_;
  Side source_;
  Side target_;
  std::string session_id_;
  std::string id_;
  bool has_saved_ = false;
  bool is_fresh_ = false;  // nothing has been saved since load()
};

}  // namespace couchlet
