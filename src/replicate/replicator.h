// Replicator: carries what the source has and the target has not from one Peer to another, by
// CouchDB's replication protocol (CouchDB documentation, replication/protocol), once or for as long
// as it is let.
//
// Checkpoints follow what has been written to the target, on both sides, so that a replication that
// died at any point resumes from there; nothing is taken for replicated that isn't.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "replicate/peer.h"

namespace couchlet {

struct ReplicationOptions {
  bool live = false;
  bool retry = false;  // live: errors but 401, 403 and a filter's are waited out
  ChangesFeed live_feed = ChangesFeed::kLongpoll;  // live: of a source that is a server
  std::optional<std::string> since;                // raw JSON; overrides the checkpoint
  bool all_leaves = true;       // style=all_docs: conflicts, too; else winners only
  uint64_t batch_size = 0;      // changes asked for at a time, at most; 0: page_size.h
  uint64_t batches_limit = 10;  // batches in memory at a time
  bool checkpoint_source = true;
  bool checkpoint_target = true;
  int64_t heartbeat_ms = 10000;
  int64_t timeout_ms = 60000;
  std::optional<std::vector<std::string>> doc_ids;  // nothing: all
  std::string selector;                             // raw JSON
  std::string filter;
  std::string filter_source;  // of a function: another one is another replication
  std::vector<std::pair<std::string, std::string>> query_params;
  bool report_documents = false;  // put the documents' text into change events
};

Result<ReplicationOptions> parse_replication_options(std::string_view json);

// Which of the source's changes are to be carried, from there on: all that follows from the options
// alone.
PeerChangesQuery changes_to_carry(const ReplicationOptions& options, std::string since);

struct ReplicationResult {
  int64_t start_time_ms = 0;
  int64_t end_time_ms = 0;
  uint64_t docs_read = 0;
  uint64_t docs_written = 0;
  uint64_t doc_write_failures = 0;
  std::string last_sequence = "0";  // raw JSON, of the source
  std::optional<uint64_t> pending;
  std::string status = "running";  // "complete", "cancelled", "aborting"
};

// Called on the engine's thread, between awaits of the replicator; must not call back into it
// except cancel() and wake().
struct ReplicationEvents {
  std::function<void()> active;  // work to do
  std::function<void(const std::optional<Error>&)>
      paused;  // all done for now, or waiting because of an error
  // After each batch that was written; `documents` only with report_documents.
  std::function<void(const ReplicationResult&, const std::vector<std::string_view>& documents)>
      change;
  std::function<void(const WriteResult&)> denied;  // the target refused a document (401, 403)
  std::function<void(const std::string& sequence)> checkpoint;
  std::function<int64_t(int64_t former_ms)> back_off = {};  // the app's rule (back_off.h)
};

std::string replication_result_json(const ReplicationResult& result);  // PouchDB's `info` shape

class Replicator {
 public:
  Replicator(std::unique_ptr<Peer> source, std::unique_ptr<Peer> target, ReplicationOptions options,
             ReplicationEvents events, Clock& clock, Random& random);
  ~Replicator();

  // Runs to the end: one-shot until the source's changes are over, live until cancelled or an error
  // (with retry only 401, 403 and a filter that fails). Call once. The Replicator must outlive the
  // task.
  Task<Result<ReplicationResult>> run();

  // Asks run() to end soon, with status "cancelled". What has been written stays.
  void cancel();

  // The connection may be back (online event) or there is a local write: end a back-off now.
  void wake();

  // Looks whether the server's database is still the one that it was. If it was made anew, all
  // begins anew. That is looked at before each checkpoint as well; so this is for who waits for
  // something to do, and knows that there was trouble.
  void check();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  // shared with cancel() and wake() while these run
};

}  // namespace couchlet
