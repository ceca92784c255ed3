// How an HttpPeer writes documents: together by _bulk_docs; those whose large attachments follow by
// a PUT each, as multipart/related (CouchDB: api/document/common.html, "Creating Multiple
// Attachments"): the document, and after it the attachments in the order in which it names them.
//
// CouchDB compares what came with the length and the digest that the document tells, and refuses
// the whole if it is something else; its answer tells of no digest. What other servers do is looked
// at once, at the first document that one takes. One that doesn't take multipart says so in as many
// ways as there are servers: so a refusal that isn't clearly about the document or the login sends
// the document the other way, with all attachments in its text, and what comes of that tells.
//
// A server that finds a body too large answers 413 before it has read it, and closes the
// connection. Firefox sees no answer then, only a break (CouchDB's couch_httpd:respond_ calls that
// racy, and reads on for a second at most). So a large upload that breaks while the server can be
// reached is halved. A single document that breaks again and again is sent in its text, which
// CouchDB reads before it answers; or, if that would be too large, it is left for another session,
// so that it doesn't hold up the others.
#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "base/md5.h"
#include "json/json_reader.h"
#include "replicate/http_peer.h"
#include "replicate/protocol_json.h"
#include "replicate/target_writer.h"
#include "replicate/url.h"

namespace couchlet {

namespace {

using Trial = ServerTraits::Trial;

// So often a connection may break before that is taken for an answer.
constexpr int kBreaksBeforeDoubt = 3;

// A smaller body is on its way before a server can have refused it.
constexpr size_t kLargeUpload = size_t{256} * 1024;

// Of attachments in a text, where that is to help: it takes eight times as much of memory.
constexpr uint64_t kMostInText = uint64_t{16} << 20;

// Of a document, with status 500: not the last word about it.
constexpr std::string_view kUploadFails = "upload_fails";

Error not_taken(std::string reason, int status = 415) {
  return {status, std::string(kFollowingNotTaken), std::move(reason)};
}

// Whether it is the server that may be to blame, and not the login.
bool is_doubt(const Error& error) {
  return error.name == kFollowingNotTaken && error.status != 401;
}

bool is_same(const DocumentIdentity& a, const DocumentIdentity& b) {
  return a.id == b.id && a.rev == b.rev;
}

// Whether a text stands for itself in a part's headers, for all who read them.
bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20) || c == '"' || c == '\\' || c == '%' || c == '&';
  });
}

bool have_plain_headers(const std::vector<AttachmentStub>& attachments) {
  return std::all_of(attachments.begin(), attachments.end(), [](const AttachmentStub& attachment) {
    return is_plain(attachment.name) && is_plain(attachment.content_type);
  });
}

uint64_t bytes_of(const std::vector<AttachmentStub>& attachments) {
  uint64_t bytes = 0;
  for (const AttachmentStub& attachment : attachments) bytes += attachment.length;
  return bytes;
}

// No server can do anything with these now; the batch comes again.
bool is_about_server(const HttpAnswer& answer) {
  const int status = answer.status;
  return status == 408 || status == 429 || status == 502 || status == 503 || status == 504 ||
         answer.retry_after.is_asked();
}

// Not cut short, nor a captive portal's page.
bool is_document(std::string_view text) {
  JsonReader reader(text);
  return reader.peek() == JsonReader::Type::kObject && reader.skip() && reader.at_end();
}

// Whether the server has each attachment as it was sent.
bool has_all(std::string_view stored, const std::vector<AttachmentStub>& sent) {
  const auto stubs = lacking_stubs(stored, {});
  return std::all_of(sent.begin(), sent.end(), [&](const AttachmentStub& one) {
    const auto found = std::find_if(stubs.begin(), stubs.end(), [&](const AttachmentStub& stub) {
      return stub.name == one.name;
    });
    return found != stubs.end() && found->length == one.length &&
           (found->may_be_gzipped || found->digest == one.digest);
  });
}

}  // namespace

bool HttpPeer::takes_following_attachments() const {
  return (stage_ || client_->can_send_attachments()) && traits_->multipart != Trial::kRefused;
}

// Takes out those that are followed by attachments, as they are to be sent.
std::vector<std::string> HttpPeer::take_followed(std::vector<std::string_view>& documents) const {
  std::vector<std::string> followed;
  const auto staged = stage_ ? stage_->ready() : std::vector<StagedBytes>();
  std::erase_if(documents, [&](std::string_view document) {
    std::string text = with_staged_following(document, staged);
    if (text.empty() && !following_attachments(document).empty()) text = document;
    if (text.empty()) return false;
    followed.push_back(std::move(text));
    return true;
  });
  return followed;
}

Task<Result<std::vector<WriteResult>>> HttpPeer::write(std::vector<std::string_view> documents) {
  const std::vector<std::string> followed = take_followed(documents);
  std::vector<WriteResult> refused;
  if (!documents.empty()) {
    CO_TRY_ASSIGN(refused, co_await write_together(std::move(documents)));
  }
  for (const std::string& document : followed) {
    CO_TRY_ASSIGN(WriteResult result, co_await write_followed(document));
    if (result.error) refused.push_back(std::move(result));
  }
  co_return refused;
}

Task<Result<std::vector<WriteResult>>> HttpPeer::write_together(
    std::vector<std::string_view> documents) {
  HttpRequest request = post("/_bulk_docs", bulk_docs_request(documents));
  const size_t bytes = request.body.size();
  auto answer = co_await ask(std::move(request));
  if (!answer.ok()) {
    co_return co_await broken_together(std::move(documents), bytes, answer.error());
  }
  if (!answer->is_success()) {
    co_return co_await refused_together(std::move(documents), *std::move(answer));
  }
  auto refused = parse_bulk_docs(answer->body);
  if (!refused.ok()) co_return bad_response(*answer, refused.error().reason);
  const bool has_doubted = std::any_of(
      documents.begin(), documents.end(),
      [&](std::string_view document) { return is_same(identity_of(document), doubted_); });
  const bool is_refused = std::any_of(refused->begin(), refused->end(),
                                      [&](const auto& one) { return one.id == doubted_.id; });
  if (documents.size() == 1) failed_uploads_.erase(identity_of(documents.front()).id);
  if (has_doubted && !is_refused && traits_->multipart == Trial::kUntried) {
    traits_->multipart = Trial::kRefused;
  }
  co_return refused;
}

// CouchDB refuses a whole request for one document that is none to it, with a 400 of many names. So
// does whoever understands no request at all, which one without documents tells.
Task<Result<std::vector<WriteResult>>> HttpPeer::refused_together(
    std::vector<std::string_view> documents, HttpAnswer answer) {
  Error error = refusal(answer);
  if (answer.status != 400 || documents.size() > 1 || is_about_one_document(error)) co_return error;
  const auto without = co_await ask(post("/_bulk_docs", bulk_docs_request({})));
  if (!without.ok() || !without->is_success()) co_return error;
  DocumentIdentity identity = identity_of(documents.front());
  co_return std::vector<WriteResult>{
      {std::move(identity.id), std::move(identity.rev), std::move(error)}};
}

// No answer came to `bytes`.
Task<Result<std::vector<WriteResult>>> HttpPeer::broken_together(
    std::vector<std::string_view> documents, size_t bytes, Error error) {
  if (error.name != "network" || bytes < kLargeUpload) co_return error;
  const auto reached = co_await info();
  if (!reached.ok()) co_return error;
  if (documents.size() > 1) co_return Error{413, "too_large", std::move(error.reason)};
  DocumentIdentity identity = identity_of(documents.front());
  CO_TRY_ASSIGN(Refusal refused, failed_upload(std::move(error), {identity, false}));
  co_return std::vector<WriteResult>{
      {std::move(identity.id), std::move(identity.rev), std::move(refused)}};
}

// What has failed is said of the document when it has failed so often.
Result<HttpPeer::Refusal> HttpPeer::failed_upload(Error error, const FollowedDocument& document) {
  if (++failed_uploads_[document.identity.id] < kBreaksBeforeDoubt) return error;
  if (document.fits_in_text) return Refusal(not_taken(std::move(error.reason)));
  return Refusal(Error{500, std::string(kUploadFails), std::move(error.reason)});
}

// With an error if the document is refused.
Task<Result<WriteResult>> HttpPeer::write_followed(std::string_view document) {
  const DocumentIdentity identity = identity_of(document);
  WriteResult result{identity.id, identity.rev, {}};
  const auto following = following_attachments(document);
  if (traits_->multipart == Trial::kRefused || !has_document_path(identity.id) ||
      !have_plain_headers(following)) {
    result.error = not_taken("It is not tried.");
    co_return result;
  }
  const FollowedDocument followed{identity, bytes_of(following) <= kMostInText};
  auto answer = co_await ask(multipart_put(identity, document, following));
  if (answer.ok() && answer->is_success()) {
    failed_uploads_.erase(identity.id);
    CO_TRY_ASSIGN(result.error, refusal_in_success(*answer, identity));
    if (!result.error && traits_->multipart == Trial::kUntried) {
      result.error = co_await look_at_stored(identity, following);
    }
  } else if (answer.ok()) {
    CO_TRY_ASSIGN(result.error, co_await refusal_of_followed(*answer, followed));
  } else {
    CO_TRY_ASSIGN(result.error, co_await refusal_by_break(answer.error(), followed));
  }
  if (result.error && is_doubt(*result.error)) doubted_ = identity;
  co_return result;
}

// The boundary is in none of the parts: it is the digest of a text that has their digests in it.
HttpRequest HttpPeer::multipart_put(const DocumentIdentity& identity, std::string_view document,
                                    const std::vector<AttachmentStub>& following) const {
  HttpRequest request = get("/" + document_path(identity.id) + "?new_edits=false");
  const Md5Digest digest = md5(document);
  const std::string boundary =
      to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
  request.method = "PUT";
  request.headers.emplace_back("Content-Type", "multipart/related; boundary=\"" + boundary + "\"");
  std::string& body = request.body;
  body.append("--").append(boundary).append("\r\nContent-Type: application/json\r\n\r\n");
  body.append(document).append("\r\n--").append(boundary);
  for (const AttachmentStub& attachment : following) {
    body.append("\r\nContent-Disposition: attachment; filename=\"").append(attachment.name);
    body.append("\"\r\nContent-Type: ").append(attachment.content_type);
    body.append("\r\nContent-Length: ").append(std::to_string(attachment.length));
    body.append("\r\n\r\n");
    request.attachments.push_back(
        {body.size(), attachment.digest, attachment.length, staged_number(attachment)});
    body.append("\r\n--").append(boundary);
  }
  body.append("--");
  return request;
}

// 0: it is not staged.
uint32_t HttpPeer::staged_number(const AttachmentStub& attachment) const {
  if (!stage_) return 0;
  const auto staged = stage_->ready();
  const auto found = std::find_if(staged.begin(), staged.end(), [&](const StagedBytes& one) {
    return one.digest == attachment.digest && one.length == attachment.length;
  });
  return found == staged.end() ? 0 : found->number;
}

// What is wrong with the document, or an error of all.
Task<Result<HttpPeer::Refusal>> HttpPeer::refusal_of_followed(HttpAnswer answer,
                                                              FollowedDocument document) {
  Error error = refusal(answer);
  if (is_about_server(answer)) co_return error;
  if (is_about_one_document(error)) co_return Refusal(std::move(error));
  const bool may_be_login = answer.status == 401 || answer.status == 403;
  // A document that is refused and a session that is over look the same. The latter is over for
  // all.
  if (may_be_login || answer.status == 404) CO_TRY(co_await info());
  // Meanwhile somebody may have logged in again. _bulk_docs says which of its documents it means.
  if (answer.status == 401 && document.fits_in_text) {
    co_return Refusal(not_taken(std::move(error.reason), 401));
  }
  if (may_be_login) co_return Refusal(std::move(error));
  const bool is_failure = answer.status >= 500 && traits_->multipart == Trial::kTaken;
  if (is_failure && !document.fits_in_text) co_return failed_upload(std::move(error), document);
  co_return Refusal(not_taken(std::move(error.reason)));
}

// The same of no answer at all, which may be one: a server can fall over what it doesn't know.
Task<Result<HttpPeer::Refusal>> HttpPeer::refusal_by_break(Error error, FollowedDocument document) {
  if (error.name == "attachment_unreadable") co_return Refusal(not_taken(std::move(error.reason)));
  if (error.name != "network" || traits_->multipart == Trial::kRefused) co_return error;
  const auto reached = co_await info();
  if (!reached.ok()) co_return error;
  if (traits_->multipart == Trial::kTaken) co_return failed_upload(std::move(error), document);
  if (++traits_->multipart_breaks % kBreaksBeforeDoubt != 0) co_return error;
  co_return Refusal(not_taken(std::move(error.reason)));
}

// None if the document was taken, as it is.
Result<HttpPeer::Refusal> HttpPeer::refusal_in_success(const HttpAnswer& answer,
                                                       const DocumentIdentity& identity) {
  if (answer.body.starts_with('[')) {  // PouchDB Server answers as to _bulk_docs
    auto rows = parse_bulk_docs(answer.body);
    if (!rows.ok()) return bad_response(answer, rows.error().reason);
    return rows->empty() ? Refusal() : rows->front().error;
  }
  TRY_ASSIGN(const std::string rev, revision_made(answer));
  if (rev == identity.rev) return Refusal();
  traits_->multipart = Trial::kRefused;
  return Refusal(not_taken("It has become another revision."));
}

// REQUIRES: the document was taken. Whether this server keeps what it takes; where that can't be
// seen now, the next document will tell.
Task<HttpPeer::Refusal> HttpPeer::look_at_stored(DocumentIdentity identity,
                                                 std::vector<AttachmentStub> sent) {
  const auto stored =
      co_await ask(get("/" + document_path(identity.id) +
                       "?att_encoding_info=true&rev=" + percent_encode(identity.rev)));
  if (!stored.ok() || !stored->is_success() || !is_document(stored->body)) co_return Refusal();
  const bool is_kept = has_all(stored->body, sent);
  traits_->multipart = is_kept ? Trial::kTaken : Trial::kRefused;
  if (is_kept) co_return Refusal();
  // The revision is there now, and comes no second time.
  co_return Error{422, "bad_attachments", "The server has stored something else than was sent."};
}

}  // namespace couchlet
