// ReplicationSession: one run through a source's changes, from a known sequence to their end or,
// live, to the first failure. Four stages work side by side on a queue of batches:
//
//   read_changes  ->  fetch_batches (several)  ->  write_batches  ->  save_checkpoints
//
// A batch is a page of the source's changes. While it is being written, the documents of later ones
// are being fetched and the page after these is being read. Batches are written in the order in
// which they were read, to a server some at a time, so that it works on one while the next is on
// its way; the sequence at the end of the last one before which nothing is lacking is what a
// checkpoint may say. An error takes its place in the queue: what was read before it is written
// before the session ends with it.
//
// What is in memory is bounded: by batches_limit and by kMaxBytesInFlight, beyond which only the
// batch that is written next may still grow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/alarm.h"
#include "base/clock.h"
#include "base/completion.h"
#include "base/result.h"
#include "base/task.h"
#include "replicate/activity.h"
#include "replicate/back_off.h"
#include "replicate/checkpointer.h"
#include "replicate/failed_documents.h"
#include "replicate/missing_documents.h"
#include "replicate/page_size.h"
#include "replicate/peer.h"
#include "replicate/pulled_changes.h"
#include "replicate/replicator.h"
#include "replicate/target_writer.h"

namespace couchlet {

// What the sessions of one replication share; all of it outlives them.
struct ReplicationContext {
  Peer& source;
  Peer& target;
  const ReplicationOptions& options;
  const ReplicationEvents& events;
  Clock& clock;
  Checkpointer& checkpointer;
  Activity& activity;
  BackOff& back_off;
  FailedDocuments& failed;
  LineageOfPull* lineage;     // null: what is written has none
  ReplicationResult& result;  // last_sequence: up to where everything has been written
};

class ReplicationSession {
 public:
  static constexpr size_t kMaxBytesInFlight = 4 * kMaxAnswerBytes;
  // At a time. Browsers have six connections a server, of all tabs.
  static constexpr int kFetches = 3;
  static constexpr int kWrites = 2;  // to a server

  explicit ReplicationSession(const ReplicationContext& context);

  // From context.result.last_sequence on. Call once; the session must outlive the task.
  Task<Result<void>> run();

  // The session has ended as the target has changed under it. Another one finds out what is
  // lacking.
  bool has_lost_target() const { return has_lost_target_; }

  // Looks whether the server's database is still the one that it was; run() ends if it isn't.
  void check();

  // Makes run() end soon. It may do so, and let go of the session, before stop() returns.
  void stop();

 private:
  using Staged = std::vector<std::shared_ptr<const StagedAttachment>>;

  // Bytes that are in memory, and attachments that are staged, as long as somebody holds on to
  // this.
  class Held {
   public:
    Held(size_t& total, size_t bytes, Staged staged)
        : total_(total), bytes_(bytes), staged_(std::move(staged)) {
      total_ += bytes_;
    }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() { total_ -= bytes_; }

   private:
    size_t& total_;
    const size_t bytes_;
    const Staged staged_;
  };
  using Texts = std::vector<std::shared_ptr<const std::string>>;

  // Documents to write, and the texts they are in.
  struct Part {
    Texts texts;
    std::vector<std::string_view> documents;
    std::shared_ptr<const Held> held;
  };
  struct Batch {
    PeerChanges page;
    std::shared_ptr<const Held> held;  // the page
    std::deque<Part> parts;
    int writes = 0;             // of its parts, under way
    bool is_taken = false;      // somebody fetches its documents
    bool is_complete = false;   // all its parts are there
    bool is_of_spoilt = false;  // failed_documents.h
    bool had_rows = false;      // when it was read
    std::optional<Error> error;
  };

  Task<void> read_changes();
  bool is_to_read() const;
  Task<Result<PeerChanges>> read_page();
  Task<Result<void>> leave_out_pulled(PeerChanges& page);
  PeerChangesQuery next_query() const;
  Task<Result<PeerChanges>> wait_for_changes(PeerChangesQuery query);
  void take_page(PeerChanges page);
  Task<void> join_lineage();
  void retry_spoilt();
  Task<void> retry_spoilt_at_times();
  void take_error(Error error);

  Task<void> fetch_batches();
  std::shared_ptr<Batch> next_to_fetch() const;
  Task<Result<void>> fetch_batch(Batch& batch);
  Task<Result<std::vector<MissingRevisions>>> find_missing(const std::vector<PeerChange>& rows);
  size_t edits_to_ask() const;
  Task<Result<std::vector<MissingRevisions>>> ask(const Question& question);
  void add_parts(Batch& batch, Texts texts, std::span<const std::string_view> documents,
                 std::shared_ptr<const Held> held) const;
  Task<Result<void>> fetch_parts(Batch& batch, std::vector<WantedRevision> wanted);
  bool may_fetch_more(const Batch& batch) const;
  Result<void> take_fetch_errors(const std::vector<WriteResult>& errors);
  Result<void> take_fetched(Batch& batch, FetchedDocuments fetched);

  Task<void> write_batches();
  Task<void> write_parts();
  std::shared_ptr<Batch> next_to_write() const;
  const Error* error_in_turn() const;
  int most_writes() const;
  Task<Result<void>> write_next_part(std::shared_ptr<Batch> batch);
  // What has come of a part.
  struct PartOutcome {
    std::vector<std::string_view> written;
    std::vector<WantedRevision> lacking;          // refused for want of an attachment's bytes
    std::vector<FetchedDocuments> fetched_again;  // what `written` points into, beside the part
    int attempts = 0;
  };
  Task<Result<void>> write_documents(std::vector<std::string_view> documents, PartOutcome& outcome);
  Task<Result<void>> write_lacking(PartOutcome& outcome);
  void count_written(std::span<const std::string_view> documents,
                     const std::vector<WriteResult>& refused, PartOutcome& outcome);
  void take_refused(WriteResult refused, std::span<const std::string_view> documents);
  void report_refused(const WriteResult& refused);
  bool finish_batches();
  void finish_batch();

  Task<void> save_checkpoints();
  bool is_close(const std::string& earlier, const std::string& later) const;
  bool is_checkpoint_due() const;
  Task<Result<void>> save_checkpoint();
  Task<Result<void>> look_for_checkpoint();

  std::shared_ptr<const Held> hold(size_t bytes, Staged staged = {}) {
    return std::make_shared<const Held>(bytes_in_flight_, bytes, std::move(staged));
  }
  bool has_room() const;
  bool is_at_rest() const { return batches_.empty() && is_waiting_; }
  void report_rest();
  void fail(Error error);

  const ReplicationContext context_;
  TargetWriter writer_;
  PulledChanges pulled_;
  Alarm alarm_;
  Alarm spoilt_alarm_;
  Event moved_;                 // anything below has changed
  size_t bytes_in_flight_ = 0;  // of all that is held
  std::deque<std::shared_ptr<Batch>> batches_;
  int writes_ = 0;                // under way
  bool has_ended_write_ = false;  // without an error
  PageSize page_size_;
  bool includes_documents_;  // in pages: it pays while most of what is missing is of the first
                             // generation
  // Whether plain edits need to be asked about. That is found out by asking about the first ones: a
  // checkpoint can be older than what was written, where a run was cut off.
  EditsFound edits_ = EditsFound::kNone;
  bool is_probing_ = false;    // the first ones are being asked about
  bool has_rows_ = false;      // there may be something to write
  bool has_joined_ = false;    // the lineage: it may be written
  bool is_caught_up_ = false;  // there was nothing after the last page
  bool is_waiting_ = false;    // live: all changes have been read
  bool is_read_ = false;       // no batch will follow
  bool is_written_ = false;    // none is left
  bool is_stopped_ = false;
  bool has_failed_to_save_ = false;
  bool has_lost_target_ = false;
  bool is_to_check_ = false;
  bool has_wait_broken_ = false;  // since the source has last told something
  std::optional<Error> failure_;

  std::string start_sequence_;
  std::string read_sequence_;  // where the next page begins
  std::string saved_sequence_;
  bool has_passed_rows_ = false;  // since then there was something to carry
  int64_t start_time_ms_;
  int64_t saved_at_ms_;
  uint64_t missing_checked_ = 0;
  uint64_t missing_found_ = 0;
};

}  // namespace couchlet
