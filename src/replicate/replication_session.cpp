#include "replicate/replication_session.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "replicate/missing_documents.h"
#include "replicate/protocol_json.h"
#include "replicate/task_group.h"

namespace couchlet {

namespace {

// A page this large keeps a link of 1 Mbit/s busy for some seconds and costs a fast one no time.
constexpr size_t kPageBytes = kMaxAnswerBytes / 2;

// How much may have to be done again after a tab was killed. Checkpoints also follow whenever all
// is done.
constexpr int64_t kCheckpointIntervalMs = 5000;

// A connection on which a longpoll lasted as long works: it is no sign of trouble when it breaks.
constexpr int64_t kSteadyMs = 10 * 1000;

// Empty answers to longpolls don't come faster than this, whatever stands between.
constexpr int64_t kShortestLongpollMs = 1000;

size_t count_revisions(const std::vector<RevisionsOfDocument>& documents) {
  size_t count = 0;
  for (const RevisionsOfDocument& document : documents) count += document.revisions.size();
  return count;
}

// Opaque sequences of one place can differ as text; their numbers don't.
bool is_same_place(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto number_a = number_of_sequence(a);
  return number_a && number_a == number_of_sequence(b);
}

}  // namespace

ReplicationSession::ReplicationSession(const ReplicationContext& context)
    : context_(context),
      writer_(context.target),
      alarm_(context.clock),
      page_size_(context.options.batch_size),
      includes_documents_(context.source.is_remote()),
      start_sequence_(context.result.last_sequence),
      saved_sequence_(start_sequence_),
      start_time_ms_(context.clock.now_ms()),
      saved_at_ms_(start_time_ms_) {}

Task<Result<void>> ReplicationSession::run() {
  TaskGroup stages;
  stages.spawn(read_changes());
  for (int i = 0; i < kFetches; ++i) stages.spawn(fetch_batches());
  stages.spawn(save_checkpoints());
  stages.spawn(write_batches());
  co_await stages.join();
  if (!failure_) co_return Result<void>();
  // What was written before the failure need not be done again, if the peers can be reached at all.
  const bool is_reachable = failure_->status != 0 && !has_failed_to_save_;
  if (is_reachable && is_checkpoint_due()) (void)co_await save_checkpoint();
  co_return *std::move(failure_);
}

void ReplicationSession::stop() {
  is_stopped_ = true;
  context_.source.cancel();
  context_.target.cancel();
  alarm_.wake();
  moved_.signal();
}

void ReplicationSession::fail(Error error) {
  if (is_stopped_) return;
  failure_ = std::move(error);
  stop();
}

bool ReplicationSession::has_room() const {
  return batches_.size() < context_.options.batches_limit && bytes_in_flight_ < kMaxBytesInFlight;
}

void ReplicationSession::report_rest() {
  if (is_at_rest() && !is_stopped_) context_.activity.pause(std::nullopt);
}

// --- read_changes

Task<void> ReplicationSession::read_changes() {
  std::string since = start_sequence_;
  bool is_caught_up = false;
  while (!is_stopped_) {
    if (!has_room()) {
      co_await moved_;
      continue;
    }
    PeerChangesQuery query = next_query(since, is_caught_up);
    const uint64_t limit = query.limit;
    auto page = co_await wait_for_changes(std::move(query));
    if (is_stopped_) break;
    if (!page.ok()) {
      take_error(std::move(page).error());
      break;
    }
    is_caught_up = !page->is_partial && (page->rows.size() < limit || page->pending == 0u);
    std::string end = page->last_sequence;
    take_page(std::move(*page), since);
    since = std::move(end);
    if (is_caught_up && !context_.options.live) break;
  }
  is_read_ = true;
  moved_.signal();
}

PeerChangesQuery ReplicationSession::next_query(const std::string& since, bool is_caught_up) const {
  const ReplicationOptions& options = context_.options;
  PeerChangesQuery query;
  query.since = since;
  query.limit = page_size_;
  query.include_docs = includes_documents_;
  query.all_leaves = options.all_leaves;
  query.longpoll = is_caught_up;
  query.timeout_ms = options.timeout_ms;
  query.heartbeat_ms = options.heartbeat_ms;
  query.doc_ids = options.doc_ids;
  query.selector = options.selector;
  query.filter = options.filter;
  query.query_params = options.query_params;
  return query;
}

// The next page; one without rows, from where the query began, where there is nothing to tell.
Task<Result<PeerChanges>> ReplicationSession::wait_for_changes(PeerChangesQuery query) {
  if (!query.longpoll) co_return co_await context_.source.changes(std::move(query));

  is_waiting_ = true;
  report_rest();
  moved_.signal();  // at rest a checkpoint is due
  PeerChanges nothing;
  nothing.last_sequence = query.since;
  if (is_stopped_) co_return nothing;  // by a listener

  const int64_t began = context_.clock.now_ms();
  auto page = co_await context_.source.changes(std::move(query));
  const int64_t lasted = context_.clock.now_ms() - began;
  const bool was_steady = lasted >= kSteadyMs;
  if (page.ok() || was_steady) context_.back_off.reset();
  const bool is_break = !page.ok() && page.error().status == 0 && page.error().name == "network";
  if (is_break && was_steady && context_.options.retry) {
    page = std::move(nothing);  // a proxy has closed what seemed idle
  } else if (page.ok() && page->rows.empty() && lasted < kShortestLongpollMs && !is_stopped_) {
    co_await alarm_.sleep(kShortestLongpollMs);
  }
  is_waiting_ = false;
  co_return page;
}

void ReplicationSession::take_page(PeerChanges page, const std::string& since) {
  context_.activity.recover();
  if (page.rows.empty() && page.last_sequence == since) return;
  adapt_page_size(page);
  bytes_in_flight_ += page.bytes;
  auto batch = std::make_shared<Batch>();
  batch->page = std::move(page);
  batches_.push_back(std::move(batch));
  moved_.signal();
}

void ReplicationSession::take_error(Error error) {
  auto batch = std::make_shared<Batch>();
  batch->error = std::move(error);
  batch->is_taken = true;
  batch->is_complete = true;
  batches_.push_back(std::move(batch));
}

void ReplicationSession::adapt_page_size(const PeerChanges& page) {
  if (page.rows.empty() || page.bytes == 0) return;
  const size_t row_bytes = std::max<size_t>(1, page.bytes / page.rows.size());
  page_size_ = std::clamp<uint64_t>(kPageBytes / row_bytes, 1, context_.options.batch_size);
}

// --- fetch_batches

Task<void> ReplicationSession::fetch_batches() {
  while (!is_stopped_) {
    const auto batch = next_to_fetch();
    if (!batch) {
      if (is_read_) break;
      co_await moved_;
      continue;
    }
    batch->is_taken = true;
    auto fetched = co_await fetch_batch(*batch);
    if (!fetched.ok()) batch->error = std::move(fetched).error();
    batch->is_complete = true;
    moved_.signal();
  }
}

std::shared_ptr<ReplicationSession::Batch> ReplicationSession::next_to_fetch() const {
  for (const auto& batch : batches_) {
    if (!batch->is_taken) return batch;
  }
  return nullptr;
}

Task<Result<void>> ReplicationSession::fetch_batch(Batch& batch) {
  PeerChanges& page = batch.page;
  if (page.rows.empty()) co_return Result<void>();
  auto asked = revisions_of(page.rows);
  missing_checked_ += count_revisions(asked);
  CO_TRY_ASSIGN(auto missing, co_await context_.target.missing_revisions(std::move(asked)));
  for (const MissingRevisions& document : missing) missing_found_ += document.missing.size();
  // Changes that the target has already, as they came from there, are no work to tell of.
  if (!missing.empty()) context_.activity.work();

  MissingDocuments sorted = sort_missing(page.rows, std::move(missing));
  if (context_.source.is_remote()) {
    includes_documents_ = sorted.first_generations * 2 >= page.rows.size();
  }
  if (sorted.in_page.empty()) {
    bytes_in_flight_ -= page.bytes;
  } else {
    batch.parts.push_back({{page.text}, std::move(sorted.in_page), page.bytes});
  }
  page.rows.clear();
  page.text.reset();
  moved_.signal();
  co_return co_await fetch_parts(batch, std::move(sorted.wanted));
}

Task<Result<void>> ReplicationSession::fetch_parts(Batch& batch,
                                                   std::vector<WantedRevision> wanted) {
  while (!wanted.empty() && !is_stopped_) {
    if (!may_fetch_more(batch)) {
      co_await moved_;
      continue;
    }
    CO_TRY_ASSIGN(FetchedDocuments fetched, co_await context_.source.fetch(std::move(wanted)));
    wanted = std::move(fetched.left);
    CO_TRY(take_fetched(batch, std::move(fetched)));
    moved_.signal();
  }
  co_return Result<void>();
}

bool ReplicationSession::may_fetch_more(const Batch& batch) const {
  if (bytes_in_flight_ < kMaxBytesInFlight) return true;
  // The writer waits for this one, and those behind it hold the memory.
  return batches_.front().get() == &batch && batch.parts.empty();
}

Result<void> ReplicationSession::take_fetch_errors(const std::vector<WriteResult>& errors) {
  for (const WriteResult& refused : errors) {
    // Gone since the page was read: the document has moved on, and comes again further down the
    // feed.
    if (refused.error->status == 404) continue;
    if (!is_final_for_document(*refused.error)) return *refused.error;
    report_refused(refused);
  }
  return {};
}

Result<void> ReplicationSession::take_fetched(Batch& batch, FetchedDocuments fetched) {
  TRY(take_fetch_errors(fetched.errors));
  if (fetched.documents.empty()) return {};
  bytes_in_flight_ += fetched.bytes;
  batch.parts.push_back({std::move(fetched.texts), std::move(fetched.documents), fetched.bytes});
  return {};
}

// --- write_batches

Task<void> ReplicationSession::write_batches() {
  while (!is_stopped_) {
    if (batches_.empty()) {
      if (is_read_) break;
      co_await moved_;
      continue;
    }
    const auto batch = batches_.front();
    if (!batch->parts.empty()) {
      auto written = co_await write_next_part();
      if (!written.ok()) fail(std::move(written).error());
    } else if (batch->error) {
      fail(*batch->error);
    } else if (batch->is_complete) {
      finish_batch();
      report_rest();
      moved_.signal();
    } else {
      co_await moved_;
    }
  }
  is_written_ = true;
  moved_.signal();
}

// REQUIRES: the first batch has one.
Task<Result<void>> ReplicationSession::write_next_part() {
  const auto batch = batches_.front();
  const Part part = std::move(batch->parts.front());
  batch->parts.pop_front();
  std::vector<std::string_view> written;
  std::vector<WantedRevision> lacking;
  std::vector<FetchedDocuments> fetched_again;  // what `written` points into, beside the part
  auto outcome = co_await writer_.write(
      part.documents,
      [&](std::span<const std::string_view> documents, const std::vector<WriteResult>& refused) {
        count_written(documents, refused, written, &lacking);
      });
  if (outcome.ok() && !lacking.empty()) {
    outcome = co_await write_with_all_attachments(std::move(lacking), fetched_again, written);
  }
  bytes_in_flight_ -= part.bytes;
  const bool is_last = batch->parts.empty() && batch->is_complete && !batch->error;
  if (outcome.ok() && is_last && !is_stopped_) finish_batch();
  if (!written.empty() && context_.events.change) {
    if (!context_.options.report_documents) written.clear();
    context_.events.change(context_.result, written);
  }
  report_rest();
  moved_.signal();
  co_return outcome;
}

// What a target refuses for attachments that it was taken to have is fetched with all of them.
Task<Result<void>> ReplicationSession::write_with_all_attachments(
    std::vector<WantedRevision> wanted, std::vector<FetchedDocuments>& fetched,
    std::vector<std::string_view>& written) {
  while (!wanted.empty() && !is_stopped_) {
    CO_TRY_ASSIGN(FetchedDocuments some, co_await context_.source.fetch(std::move(wanted)));
    wanted = std::move(some.left);
    CO_TRY(take_fetch_errors(some.errors));
    CO_TRY(co_await writer_.write(some.documents, [&](std::span<const std::string_view> documents,
                                                      const std::vector<WriteResult>& refused) {
      count_written(documents, refused, written, nullptr);
    }));
    fetched.push_back(std::move(some));
  }
  co_return Result<void>();
}

// Appends to `written` the documents that were not refused, and to `lacking`, if it isn't null,
// those that were refused for want of an attachment's bytes.
void ReplicationSession::count_written(std::span<const std::string_view> documents,
                                       const std::vector<WriteResult>& refused,
                                       std::vector<std::string_view>& written,
                                       std::vector<WantedRevision>* lacking) {
  std::unordered_set<std::string> refused_names;
  for (const WriteResult& result : refused) refused_names.insert(result.id + '\n' + result.rev);
  const auto is_refused = [&](std::string_view document) {
    if (refused.empty()) return false;
    const auto [id, rev] = identity_of(document);
    // CouchDB names the revision, PouchDB Server may leave it out.
    return refused_names.contains(id + '\n' + rev) || refused_names.contains(id + '\n');
  };
  const size_t before = written.size();
  std::copy_if(documents.begin(), documents.end(), std::back_inserter(written),
               [&](std::string_view document) { return !is_refused(document); });
  context_.result.docs_read += documents.size();
  context_.result.docs_written += written.size() - before;
  context_.back_off.reset();
  for (const WriteResult& result : refused) {
    auto revision = Revision::parse(result.rev);
    if (lacking != nullptr && revision.ok() && result.error->name == "missing_stub") {
      lacking->push_back({result.id, *std::move(revision), {}});
    } else {
      report_refused(result);
    }
  }
}

void ReplicationSession::report_refused(const WriteResult& refused) {
  ++context_.result.doc_write_failures;
  if (context_.events.denied) context_.events.denied(refused);
}

// REQUIRES: all of the first batch has been written.
void ReplicationSession::finish_batch() {
  const auto batch = std::move(batches_.front());
  batches_.pop_front();
  context_.result.last_sequence = std::move(batch->page.last_sequence);
  context_.result.pending = batch->page.pending;
}

// --- save_checkpoints

Task<void> ReplicationSession::save_checkpoints() {
  while (!is_stopped_) {
    if (is_checkpoint_due()) {
      auto saved = co_await save_checkpoint();
      if (saved.ok()) continue;
      has_failed_to_save_ = true;
      fail(std::move(saved).error());
    } else if (is_written_) {
      break;
    } else {
      co_await moved_;
    }
  }
}

bool ReplicationSession::is_checkpoint_due() const {
  if (!context_.checkpointer.is_kept()) return false;
  if (is_same_place(context_.result.last_sequence, saved_sequence_)) return false;
  if (is_written_ || is_at_rest() || !context_.checkpointer.has_saved()) return true;
  const int64_t passed = context_.clock.now_ms() - saved_at_ms_;
  return passed < 0 || passed >= kCheckpointIntervalMs;  // below 0: the wall clock was set
}

Task<Result<void>> ReplicationSession::save_checkpoint() {
  const ReplicationResult& result = context_.result;
  SessionRecord record;
  record.session_id = context_.checkpointer.session_id();
  record.start_time_ms = result.start_time_ms;
  record.end_time_ms = saved_at_ms_ = context_.clock.now_ms();
  record.start_sequence = start_sequence_;
  record.recorded_sequence = result.last_sequence;
  record.missing_checked = missing_checked_;
  record.missing_found = missing_found_;
  record.docs_read = result.docs_read;
  record.docs_written = result.docs_written;
  record.doc_write_failures = result.doc_write_failures;
  const std::string sequence = record.recorded_sequence;
  CO_TRY(co_await context_.checkpointer.save(std::move(record)));
  saved_sequence_ = sequence;
  if (context_.events.checkpoint) context_.events.checkpoint(sequence);
  co_return Result<void>();
}

}  // namespace couchlet
