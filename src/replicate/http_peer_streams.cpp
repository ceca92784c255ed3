// How an HttpPeer with a stage fetches documents for a target that takes attachments from there:
// with stubs in the place of their attachments. Of those that have some, the ones with only small
// attachments are asked for once more, with these inside; large attachments come by a GET each and
// go into the stage.
#include <algorithm>
#include <iterator>
#include <utility>

#include "replicate/http_peer.h"
#include "replicate/protocol_json.h"
#include "replicate/url.h"

namespace couchlet {

namespace {

// What came cut, or not as its digest says, may do so by accident.
constexpr int kAttempts = 2;

bool has_large(const std::vector<AttachmentStub>& stubs) {
  return std::any_of(stubs.begin(), stubs.end(),
                     [](const AttachmentStub& stub) { return stub.length >= kLargeAttachment; });
}

// Null where the server has sent what nobody asked for.
const WantedRevision* wanted_of(const DocumentIdentity& identity,
                                const std::vector<WantedRevision>& wanted) {
  const auto revision = Revision::parse(identity.rev);
  const auto found = std::find_if(wanted.begin(), wanted.end(), [&](const WantedRevision& one) {
    return one.id == identity.id && revision.ok() && one.revision == *revision;
  });
  return found == wanted.end() ? nullptr : &*found;
}

template <typename T>
void append(std::vector<T>& all, std::vector<T> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

bool is_about_document(const Error& error) {
  return error.status == 403 || error.status == 404 || error.name == kSpoiltAttachment;
}

bool is_worth_another_attempt(const Result<HttpAnswer>& answer) {
  if (!answer.ok()) return answer.error().status == 0 && answer.error().name == "network";
  return answer->is_success() || (answer->status >= 500 && !answer->retry_after.is_asked());
}

}  // namespace

Task<Result<FetchedDocuments>> HttpPeer::fetch_streaming(std::vector<WantedRevision> wanted) {
  CO_TRY_ASSIGN(FetchedDocuments fetched, co_await fetch_texts(wanted, AttachmentsAs::kStubs));
  const auto documents = std::exchange(fetched.documents, {});
  std::vector<WantedRevision> with_data;
  uint64_t staged_bytes = 0;
  for (const std::string_view document : documents) {
    const DocumentIdentity identity = identity_of(document);
    const WantedRevision* one = wanted_of(identity, wanted);
    const auto stubs = one != nullptr ? lacking_stubs(document, one->possible_ancestors)
                                      : std::vector<AttachmentStub>();
    if (stubs.empty()) {
      fetched.documents.push_back(document);
    } else if (!one->may_be_followed || !has_large(stubs) || !has_document_path(one->id)) {
      with_data.push_back(*one);
    } else if (staged_bytes >= kMaxAnswerBytes) {
      fetched.left.push_back(*one);
    } else {
      CO_TRY_ASSIGN(staged_bytes, co_await stage_attachments(*one, document, stubs, fetched));
    }
  }
  if (with_data.empty()) co_return fetched;
  CO_TRY_ASSIGN(auto small, co_await fetch_texts(std::move(with_data), AttachmentsAs::kData));
  append(fetched.texts, std::move(small.texts));
  append(fetched.documents, std::move(small.documents));
  append(fetched.errors, std::move(small.errors));
  append(fetched.left, std::move(small.left));
  fetched.bytes += small.bytes;
  co_return fetched;
}

// Appends the document and its attachments to `fetched`, or the error that it is; how many bytes
// have been staged in all.
Task<Result<uint64_t>> HttpPeer::stage_attachments(const WantedRevision& wanted,
                                                   std::string_view document,
                                                   const std::vector<AttachmentStub>& stubs,
                                                   FetchedDocuments& fetched) {
  std::optional<Error> refused;
  for (const AttachmentStub& stub : stubs) {
    auto staged = co_await fetch_attachment(wanted, stub);
    if (staged.ok()) {
      fetched.staged.push_back(*std::move(staged));
      continue;
    }
    if (!is_about_document(staged.error())) co_return std::move(staged).error();
    refused = std::move(staged).error();
    break;
  }
  if (refused) {
    fetched.errors.push_back({wanted.id, wanted.revision.text(), std::move(refused)});
  } else {
    fetched.documents.push_back(document);
  }
  uint64_t bytes = 0;
  for (const auto& staged : fetched.staged) bytes += staged->length();
  co_return bytes;
}

Task<Result<std::shared_ptr<const StagedAttachment>>> HttpPeer::fetch_attachment(
    const WantedRevision& wanted, const AttachmentStub& stub) {
  HttpRequest request = get("/" + document_path(wanted.id) + "/" + percent_encode(stub.name) +
                            "?rev=" + percent_encode(wanted.revision.text()));
  request.headers = {{"Accept", "*/*"}};
  for (int attempt = 1;; ++attempt) {
    const auto staged = std::make_shared<StagedAttachment>(stage_);
    auto answer = co_await exchange_streamed(
        *client_, request, [&staged](std::string_view bytes) { staged->append(bytes); });
    was_well_ = answer.ok() && answer->status < 500;
    retry_after_ = answer.ok() && !answer->is_success() ? answer->retry_after : RetryAfter();
    const bool is_taken = answer.ok() && answer->is_success() && staged->finish(stub);
    if (is_taken) co_return std::shared_ptr<const StagedAttachment>(staged);
    if (attempt < kAttempts && is_worth_another_attempt(answer)) continue;
    if (!answer.ok()) co_return std::move(answer).error();
    if (answer->status == 404) CO_TRY(co_await is_only_the_document_missing(*answer));
    if (!answer->is_success()) co_return refusal(*answer);
    // A captive portal has come between? Then this fails, and the document isn't to blame.
    CO_TRY(co_await info());
    co_return Error{400, kSpoiltAttachment,
                    "The server's attachment '" + stub.name + "' is not what its digest tells."};
  }
}

}  // namespace couchlet
