#include "replicate/local_peer.h"

#include <iterator>
#include <utility>

#include "document/attachment_reader.h"
#include "replicate/attachment_stubs.h"
#include "replicate/protocol_json.h"

namespace couchlet {

namespace {

// So many changes are looked at in one go where most of them may not pass: some milliseconds' work,
// a filter's with the documents' texts.
constexpr uint64_t kMostFiltered = 2'000;
constexpr uint64_t kMostOfNamed = 20'000;

Result<ChangesOptions> options_of(const PeerChangesQuery& query,
                                  std::shared_ptr<ChangeFilter> filter) {
  if (!filter && (!query.selector.empty() || !query.filter.empty())) {
    return Error{501, "not_implemented", "Nobody has made a filter of what the options name."};
  }
  ChangesOptions options;
  if (query.doc_ids) options.most_looked_at = kMostOfNamed;
  if (filter) options.most_looked_at = kMostFiltered;
  options.filter = std::move(filter);
  options.since = number_of_sequence(query.since).value_or(0);
  options.since_now = query.since == "\"now\"";
  if (query.limit > 0) options.limit = query.limit;
  options.all_leaves = query.all_leaves;
  options.longpoll = query.waits();
  options.timeout_ms = query.timeout_ms;
  options.doc_ids = query.doc_ids;
  return options;
}

GetOptions options_for(const WantedRevision& wanted) {
  GetOptions options;
  options.rev = wanted.revision.text();
  options.revs = wanted.revision.generation() > 1;  // a first one's past is its _rev
  options.attachments = true;
  if (wanted.may_be_followed) options.follows_from = kLargeAttachment;
  for (const Revision& known : wanted.possible_ancestors) {
    options.atts_since.push_back(known.text());
  }
  return options;
}

// One that could not be read as a document is refused without its name.
void name_document(WriteResult& refused, std::string_view document) {
  DocumentIdentity identity = identity_of(document);
  if (refused.id.empty()) refused.id = std::move(identity.id);
  if (refused.rev.empty()) refused.rev = std::move(identity.rev);
}

uint64_t bytes_following(std::string_view document) {
  uint64_t bytes = 0;
  for (const AttachmentStub& attachment : following_attachments(document)) {
    bytes += attachment.length;
  }
  return bytes;
}

PeerChanges page_of(ChangesPage rows) {
  PeerChanges page;
  page.rows.reserve(rows.rows.size());
  for (ChangeRow& row : rows.rows) {
    page.rows.push_back({std::to_string(row.sequence),
                         std::move(row.id),
                         std::move(row.revisions),
                         row.is_deleted,
                         row.is_plain_edit,
                         row.lineage,
                         {}});
  }
  page.last_sequence = std::to_string(rows.last_sequence);
  page.pending = rows.pending;
  page.is_partial = rows.is_partial;
  return page;
}

}  // namespace

LocalPeer::LocalPeer(std::shared_ptr<Database> database, std::shared_ptr<ChangeFilter> filter,
                     std::shared_ptr<AttachmentStage> stage)
    : database_(std::move(database)), filter_(std::move(filter)), stage_(std::move(stage)) {}

Task<Result<std::string>> LocalPeer::identity() {
  CO_TRY_ASSIGN(const DatabaseInfo info, co_await database_->info());
  co_return "couchlet:" + info.uuid;
}

void LocalPeer::cancel() {
  const auto waiting = std::exchange(waiting_, {});
  for (const auto& cancellation : waiting) cancellation->cancel();
}

Task<Result<PeerInfo>> LocalPeer::info() {
  CO_TRY_ASSIGN(const DatabaseInfo info, co_await database_->info());
  co_return PeerInfo{std::to_string(info.update_sequence)};
}

Task<Result<PeerChanges>> LocalPeer::changes(PeerChangesQuery query) {
  CO_TRY_ASSIGN(ChangesOptions options, options_of(query, filter_));
  const auto cancellation = std::make_shared<Cancellation>();
  waiting_.insert(cancellation);
  auto rows = co_await database_->changes_page(std::move(options), cancellation);
  waiting_.erase(cancellation);
  if (cancellation->is_cancelled()) co_return Error{0, "cancelled", "The replication was ended."};
  if (!rows.ok()) co_return std::move(rows).error();
  co_return page_of(std::move(*rows));
}

Task<Result<std::vector<MissingRevisions>>> LocalPeer::missing_revisions(
    std::vector<RevisionsOfDocument> documents) {
  return database_->missing_revisions(std::move(documents));
}

Task<Result<FetchedDocuments>> LocalPeer::fetch(std::vector<WantedRevision> wanted) {
  FetchedDocuments fetched;
  // What follows is in no memory of ours, but what is written in one go should not take for ever.
  uint64_t to_write = 0;
  size_t done = 0;
  for (; done < wanted.size() && to_write < kMaxAnswerBytes; ++done) {
    const WantedRevision& one = wanted[done];
    auto document = co_await read_document(one, fetched);
    while (!document.ok() && is_attachment_gone(document.error())) {
      document = co_await read_document(one, fetched);  // the document has moved on
    }
    if (!document.ok()) {
      fetched.errors.push_back({one.id, one.revision.text(), std::move(document).error()});
      continue;
    }
    fetched.bytes += document->size();
    to_write += document->size() + bytes_following(*document);
    fetched.texts.push_back(std::make_shared<const std::string>(*std::move(document)));
    fetched.documents.emplace_back(*fetched.texts.back());
  }
  std::move(wanted.begin() + static_cast<std::ptrdiff_t>(done), wanted.end(),
            std::back_inserter(fetched.left));
  co_return fetched;
}

// With a stage, what follows the document goes there, and to `fetched`.
Task<Result<std::string>> LocalPeer::read_document(const WantedRevision& wanted,
                                                   FetchedDocuments& fetched) {
  CO_TRY_ASSIGN(std::string document, co_await database_->get(wanted.id, options_for(wanted)));
  if (!stage_) co_return document;
  for (AttachmentStub& stub : following_attachments(document)) {
    stub.may_be_gzipped = false;  // nothing is, here
    Attachment attachment;
    attachment.name = stub.name;
    attachment.digest = stub.digest;
    attachment.length = stub.length;
    const auto staged = std::make_shared<StagedAttachment>(stage_);
    CO_TRY(co_await database_->read_attachment(
        std::move(attachment), [&staged](std::string_view piece) { staged->append(piece); }));
    if (!staged->finish(stub)) {
      co_return errors::corrupt("The attachment '" + stub.name + "' is not what its digest tells.");
    }
    fetched.staged.push_back(staged);
  }
  co_return document;
}

Task<Result<std::vector<WriteResult>>> LocalPeer::write(std::vector<std::string_view> documents) {
  WriteOptions options{.new_edits = false, .lineage = lineage_};
  if (stage_) options.staged = stage_->ready();
  CO_TRY_ASSIGN(auto results, co_await database_->write(documents, std::move(options)));
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i].error) name_document(results[i], documents[i]);
  }
  std::erase_if(results, [](const WriteResult& result) { return !result.error; });
  co_return results;
}

Task<Result<std::optional<std::string>>> LocalPeer::get_local(std::string id) {
  auto document = co_await database_->get_local("_local/" + id);
  if (document.ok()) co_return std::optional<std::string>(std::move(*document));
  if (document.error().status == 404) co_return std::optional<std::string>();
  co_return std::move(document).error();
}

Task<Result<std::string>> LocalPeer::put_local(std::string, std::string document) {
  CO_TRY_ASSIGN(WriteResult result, co_await database_->put_local(document));
  if (result.error) co_return *result.error;
  co_return std::move(result.rev);
}

}  // namespace couchlet
