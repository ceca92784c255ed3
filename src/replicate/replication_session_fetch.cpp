// The stage that finds out what the target lacks of a batch, and fetches it.
#include <algorithm>
#include <iterator>
#include <utility>

#include "replicate/missing_documents.h"
#include "replicate/replication_session.h"

namespace couchlet {

namespace {

// So much is written to a local database in about 20 ms.
constexpr size_t kPartDocuments = 500;
constexpr size_t kPartBytes = size_t{512} * 1024;

// Reading a page of that many, finding out what is missing and beginning to write it is about as
// long as the page should stand still; what is more is done piece by piece.
constexpr size_t kRowsInOneGo = 1000;

// So many tell as much as thousands, whose ids and revisions are bytes that don't shrink.
constexpr size_t kProbedEdits = 100;

size_t count_revisions(const std::vector<RevisionsOfDocument>& documents) {
  size_t count = 0;
  for (const RevisionsOfDocument& document : documents) count += document.revisions.size();
  return count;
}

}  // namespace

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
  context_.failed.leave_out_refused(page.rows);
  if (page.rows.empty()) co_return Result<void>();
  const bool is_large = page.rows.size() > kRowsInOneGo;
  if (is_large) co_await context_.clock.sleep(0);
  CO_TRY_ASSIGN(auto missing, co_await find_missing(page.rows));
  if (is_large) co_await context_.clock.sleep(0);
  for (const MissingRevisions& document : missing) missing_found_ += document.missing.size();
  // Changes that the target has already, as they came from there, are no work to tell of.
  if (!missing.empty()) context_.activity.work();

  MissingDocuments sorted = sort_missing(page.rows, std::move(missing));
  if (context_.source.is_remote()) {
    includes_documents_ = sorted.first_generations * 2 >= page.rows.size();
  }
  add_parts(batch, {std::move(page.text)}, sorted.in_page, std::move(batch.held));
  page.rows.clear();
  moved_.signal();
  co_return co_await fetch_parts(batch, std::move(sorted.wanted));
}

// While one batch finds out about the target's edits, those after it wait: they may not have to
// ask.
Task<Result<std::vector<MissingRevisions>>> ReplicationSession::find_missing(
    const std::vector<PeerChange>& rows) {
  while (is_probing_ && !is_stopped_) co_await moved_;
  Question question = question_about(rows, edits_to_ask());
  const bool is_probe = edits_ == EditsFound::kNone && !question.edits.empty();
  if (is_probe) is_probing_ = true;
  auto answered = co_await ask(question);
  if (is_probe) {
    is_probing_ = false;
    moved_.signal();
  }
  CO_TRY_ASSIGN(std::vector<MissingRevisions> missing, std::move(answered));
  if (edits_ == EditsFound::kSomeKnown && !question.unasked.empty()) {
    question = Question{std::move(question.unasked), {}, {}};
    CO_TRY_ASSIGN(auto rest, co_await ask(question));
    std::move(rest.begin(), rest.end(), std::back_inserter(missing));
  }
  missing_checked_ += question.unasked.size();
  for (RevisionsOfDocument& edit : question.unasked) {
    missing.push_back({std::move(edit.id), std::move(edit.revisions), {}});
  }
  co_return missing;
}

size_t ReplicationSession::edits_to_ask() const {
  if (!context_.target.takes_unasked()) return SIZE_MAX;
  if (edits_ == EditsFound::kNone) return kProbedEdits;
  return edits_ == EditsFound::kAllMissing ? 0 : SIZE_MAX;
}

// Remembers what this tells of the target's edits.
Task<Result<std::vector<MissingRevisions>>> ReplicationSession::ask(const Question& question) {
  if (question.asked.empty()) co_return std::vector<MissingRevisions>();
  missing_checked_ += count_revisions(question.asked);
  CO_TRY_ASSIGN(auto missing, co_await context_.target.missing_revisions(question.asked));
  const EditsFound found = edits_found(question, missing);
  if (found != EditsFound::kNone) edits_ = found;
  co_return missing;
}

// A local database writes a part in one go, for which the page stands still; a remote one, in one
// request.
void ReplicationSession::add_parts(Batch& batch, Texts texts,
                                   std::span<const std::string_view> documents,
                                   std::shared_ptr<const Held> held) const {
  if (context_.target.is_remote()) {
    if (documents.empty()) return;
    batch.parts.push_back(
        {std::move(texts), {documents.begin(), documents.end()}, std::move(held)});
    return;
  }
  while (!documents.empty()) {
    size_t bytes = 0;
    size_t count = 0;
    while (count < documents.size() && count < kPartDocuments && bytes < kPartBytes) {
      bytes += documents[count++].size();
    }
    const auto part = documents.first(count);
    batch.parts.push_back({texts, {part.begin(), part.end()}, held});
    documents = documents.subspan(count);
  }
}

Task<Result<void>> ReplicationSession::fetch_parts(Batch& batch,
                                                   std::vector<WantedRevision> wanted) {
  while (!wanted.empty() && !is_stopped_) {
    if (!may_fetch_more(batch)) {
      co_await moved_;
      continue;
    }
    for (WantedRevision& one : wanted) {
      one.may_be_followed = context_.target.takes_following_attachments();
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
    auto revision = Revision::parse(refused.rev);
    // Gone since the page was read: the document has moved on, and comes again further down the
    // feed. Or else this is a cluster whose only node that had it has just gone; then the feed has
    // passed it by.
    if (refused.error->status == 404) {
      const bool may_come_back = context_.source.is_remote() && revision.ok();
      if (may_come_back) context_.failed.add_spoilt(refused.id, *std::move(revision));
      continue;
    }
    if (!is_final_for_document(*refused.error)) return *refused.error;
    if (refused.error->name == kSpoiltAttachment && revision.ok()) {
      context_.failed.add_spoilt(refused.id, *std::move(revision));
    }
    report_refused(refused);
  }
  return {};
}

Result<void> ReplicationSession::take_fetched(Batch& batch, FetchedDocuments fetched) {
  TRY(take_fetch_errors(fetched.errors));
  // What is staged is in no memory of ours, but should not pile up either.
  size_t bytes = fetched.bytes;
  for (const auto& staged : fetched.staged) bytes += staged->length();
  add_parts(batch, std::move(fetched.texts), fetched.documents,
            hold(bytes, std::move(fetched.staged)));
  return {};
}

}  // namespace couchlet
