// The stage that writes batches to the target, and counts and tells what came of it.
#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

#include "document/write_result.h"
#include "replicate/protocol_json.h"
#include "replicate/replication_session.h"
#include "replicate/task_group.h"

namespace couchlet {

namespace {

// The bytes have come otherwise than they were sent. They may come whole another time.
bool is_spoilt(const Error& error) { return error.name == kSpoiltAttachment; }

// What comes of the document and of who sends it, and not of the database that was to take it.
bool is_refusal_by_target(const Error& error) {
  if (is_spoilt(error)) return false;
  return error.status == 400 || error.status == 401 || error.status == 403 || error.status == 413;
}

// Whether a document that is refused so is written once more: it comes with all attachments then,
// and after that, if it has to, in its text.
bool is_for_want_of_bytes(const Error& error, int attempts) {
  if (error.name == kMissingStub) return attempts == 1;
  return error.name == kFollowingNotTaken && attempts <= 2;
}

}  // namespace

Task<void> ReplicationSession::write_batches() {
  TaskGroup writers;
  for (int i = 0; i < kWrites; ++i) writers.spawn(write_parts());
  co_await writers.join();
  is_written_ = true;
  moved_.signal();
}

Task<void> ReplicationSession::write_parts() {
  while (!is_stopped_) {
    if (finish_batches()) {
      report_rest();
      moved_.signal();
    } else if (auto batch = next_to_write()) {
      auto written = co_await write_next_part(std::move(batch));
      if (!written.ok()) fail(std::move(written).error());
    } else if (batches_.empty() && is_read_) {
      break;
    } else if (const Error* error = error_in_turn()) {
      fail(*error);
    } else {
      co_await moved_;
    }
  }
}

// One that has a part to write, and before which all have been given out.
std::shared_ptr<ReplicationSession::Batch> ReplicationSession::next_to_write() const {
  if (!has_joined_ || writes_ >= most_writes()) return nullptr;
  for (const auto& batch : batches_) {
    if (!batch->parts.empty()) return batch;
    if (!batch->is_complete || batch->error) return nullptr;
  }
  return nullptr;
}

// The error before which all has been written; null: there is none.
const Error* ReplicationSession::error_in_turn() const {
  if (writes_ > 0 || batches_.empty()) return nullptr;
  const Batch& batch = *batches_.front();
  return batch.parts.empty() && batch.error ? &*batch.error : nullptr;
}

// The first write finds out what the server takes, for all.
int ReplicationSession::most_writes() const {
  return context_.target.is_remote() && has_ended_write_ ? kWrites : 1;
}

// While the first documents are being fetched it is found out how they are to be marked.
Task<void> ReplicationSession::join_lineage() {
  while (!has_rows_ && !is_written_ && !is_stopped_) co_await moved_;
  if (has_joined_ || is_written_ || is_stopped_) co_return;
  const auto number = co_await context_.lineage->number();
  if (!number.ok()) co_return fail(number.error());
  context_.target.set_lineage(*number);
  has_joined_ = true;
  moved_.signal();
}

// REQUIRES: the batch has one.
Task<Result<void>> ReplicationSession::write_next_part(std::shared_ptr<Batch> batch) {
  Part part = std::move(batch->parts.front());
  batch->parts.pop_front();
  ++batch->writes;
  ++writes_;
  PartOutcome outcome;
  outcome.attempts = 1;
  auto done = co_await write_documents(part.documents, outcome);
  while (done.ok() && !outcome.lacking.empty()) done = co_await write_lacking(outcome);
  --writes_;
  if (done.ok()) {
    --batch->writes;  // else it never ends
    has_ended_write_ = true;
    finish_batches();
  }
  if (!outcome.written.empty() && context_.events.change) {
    if (!context_.options.report_documents) outcome.written.clear();
    context_.events.change(context_.result, outcome.written);
  }
  part = {};
  report_rest();
  moved_.signal();
  co_return done;
}

Task<Result<void>> ReplicationSession::write_documents(std::vector<std::string_view> documents,
                                                       PartOutcome& outcome) {
  return writer_.write(std::move(documents),
                       [this, &outcome](std::span<const std::string_view> some,
                                        const std::vector<WriteResult>& refused) {
                         count_written(some, refused, outcome);
                       });
}

// Once more, with the attachments that the target was taken to have, or in another way than it
// doesn't take.
Task<Result<void>> ReplicationSession::write_lacking(PartOutcome& outcome) {
  ++outcome.attempts;
  std::vector<WantedRevision> wanted = std::exchange(outcome.lacking, {});
  while (!wanted.empty() && !is_stopped_) {
    CO_TRY_ASSIGN(FetchedDocuments some, co_await context_.source.fetch(std::move(wanted)));
    wanted = std::move(some.left);
    CO_TRY(take_fetch_errors(some.errors));
    CO_TRY(co_await write_documents(some.documents, outcome));
    outcome.fetched_again.push_back(std::move(some));
  }
  co_return Result<void>();
}

void ReplicationSession::count_written(std::span<const std::string_view> documents,
                                       const std::vector<WriteResult>& refused,
                                       PartOutcome& outcome) {
  std::unordered_set<std::string> refused_names;
  for (const WriteResult& result : refused) refused_names.insert(result.id + '\n' + result.rev);
  const auto is_refused = [&](std::string_view document) {
    if (refused.empty()) return false;
    const auto [id, rev] = identity_of(document);
    // CouchDB names the revision, PouchDB Server may leave it out.
    return refused_names.contains(id + '\n' + rev) || refused_names.contains(id + '\n');
  };
  const size_t before = outcome.written.size();
  std::copy_if(documents.begin(), documents.end(), std::back_inserter(outcome.written),
               [&](std::string_view document) { return !is_refused(document); });
  context_.result.docs_read += documents.size();
  context_.result.docs_written += outcome.written.size() - before;
  context_.back_off.reset();
  for (const WriteResult& result : refused) {
    auto revision = Revision::parse(result.rev);
    if (revision.ok() && is_for_want_of_bytes(*result.error, outcome.attempts)) {
      const bool may_be_followed =
          result.error->name != kFollowingNotTaken && context_.target.takes_following_attachments();
      outcome.lacking.push_back({result.id, *std::move(revision), {}, may_be_followed});
      --context_.result.docs_read;
    } else {
      take_refused(result, documents);
    }
  }
}

// `documents` are what was written together with it.
void ReplicationSession::take_refused(WriteResult refused,
                                      std::span<const std::string_view> documents) {
  std::vector<std::string> revs;
  for (const std::string_view document : documents) {
    auto [id, rev] = identity_of(document);
    if (id != refused.id || (!refused.rev.empty() && rev != refused.rev)) continue;
    revs.push_back(std::move(rev));
  }
  if (refused.rev.empty() && revs.size() == 1) refused.rev = revs.front();
  report_refused(refused);
  const bool is_for_good = is_refusal_by_target(*refused.error);
  const bool comes_again = is_spoilt(*refused.error) || !is_final_for_document(*refused.error);
  if (!is_for_good && !comes_again) return;
  for (const std::string& rev : revs) {
    auto revision = Revision::parse(rev);
    if (!revision.ok()) continue;
    if (is_for_good) {
      context_.failed.add_refused(refused.id, *std::move(revision));
    } else {
      context_.failed.add_spoilt(refused.id, *std::move(revision));
    }
  }
}

void ReplicationSession::report_refused(const WriteResult& refused) {
  ++context_.result.doc_write_failures;
  if (context_.events.denied) context_.events.denied(refused);
}

// Those up to the first one of which something is lacking; whether there were some.
bool ReplicationSession::finish_batches() {
  const size_t before = batches_.size();
  while (!batches_.empty() && !is_stopped_) {
    const Batch& batch = *batches_.front();
    const bool is_written = batch.is_complete && batch.parts.empty() && batch.writes == 0;
    if (!is_written || batch.error) break;
    finish_batch();
  }
  return batches_.size() < before;
}

// REQUIRES: all of the first batch has been written.
void ReplicationSession::finish_batch() {
  const auto batch = std::move(batches_.front());
  batches_.pop_front();
  if (batch->is_of_spoilt) context_.failed.spoilt_retried();
  has_passed_rows_ = has_passed_rows_ || batch->had_rows;
  context_.result.last_sequence = std::move(batch->page.last_sequence);
  context_.result.pending = batch->page.pending;
}

}  // namespace couchlet
