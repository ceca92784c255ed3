// What a RemoteServer answers about one document that a URL names: it is read, with its attachments
// or one of these, or written as multipart/related, whole or not at all.
#include <algorithm>
#include <utility>

#include "remote_server.h"
#include "replicate/multipart_document.h"

namespace couchlet {

namespace {

std::string content_type_of(const HttpRequest& request) {
  const auto found =
      std::find_if(request.headers.begin(), request.headers.end(),
                   [](const auto& header) { return header.first == "Content-Type"; });
  return found == request.headers.end() ? "" : found->second;
}

RemoteAnswer refusal_by(const Error& error) {
  return remote_refusal(error.status, error.name.c_str(), error.reason.c_str());
}

// As to a PUT what was said of a document among others.
RemoteAnswer refusal_by_row(const Json& row) {
  const std::string name = text_at(row, "error");
  return refusal_by({name == "forbidden" ? 403 : 412, name, text_at(row, "reason")});
}

}  // namespace

Task<RemoteAnswer> RemoteServer::answer_about_document(const HttpRequest& http,
                                                       RemoteRequest request, uint64_t life) {
  if (request.method == "PUT") {
    if (request.asked("new_edits") != "false") run_.fail("An edit is to be made at the server");
    co_return co_await put_multipart(http, request.path.front(), life);
  }
  if (request.path.size() == 2) co_return attachment(request);
  co_return request.query.contains("open_revs") ? open_revisions(request) : document(request);
}

Task<RemoteAnswer> RemoteServer::put_multipart(const HttpRequest& http, std::string id,
                                               uint64_t life) {
  run_.count("multipart puts");
  if (traits_.multipart_refusal != 0) {
    run_.count("multipart refused");
    co_return remote_refusal(traits_.multipart_refusal, "unknown_error", "What is this?");
  }
  const auto text = document_of_multipart(content_type_of(http), http.body);
  if (!text.ok()) {
    run_.count("multipart puts: " + text.error().name);
    co_return refusal_by(text.error());
  }
  const Json document = parse_json(*text);
  if (text_at(document, "_id") != id) run_.fail("Another document is put at " + id);
  co_await step();
  if (has_crashed_since(life)) co_return RemoteAnswer{.status = 0};
  const Json refused = write(document);
  if (!refused.is_null()) co_return refusal_by_row(refused);
  const Json made = {{"ok", true}, {"id", id}, {"rev", document["_rev"]}};
  co_return RemoteAnswer{.status = 201, .body = made.dump()};
}

RemoteAnswer RemoteServer::document(const RemoteRequest& request) const {
  const std::string& id = request.path.front();
  const std::string rev = request.asked("rev");
  if (!can_read(id, rev)) return remote_refusal(404, "not_found", "missing");
  return remote_success(documents_.read(id, rev, {}));
}

}  // namespace couchlet
