// HTTP as the engine sees it: fetch in a browser, a scripted or simulated server in tests.
//
// The client adds credentials and whatever else the app configured; the engine gives a method, a
// URL, a few headers and a body. Redirects are followed by the client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"

namespace couchlet {

// An attachment that stands in a request's body without coming through the engine's memory: it is
// staged (AttachmentStage), or the client has a medium that it reads it from (Medium::read_blob).
struct AttachmentInBody {
  size_t position = 0;  // in HttpRequest::body: before the byte there
  std::string digest;
  uint64_t length = 0;
  uint32_t staged = 0;  // its number; 0: it is in the medium
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::vector<AttachmentInBody> attachments;  // by ascending position
  bool is_gzip_wanted = false;  // the body goes out gzipped, with a Content-Encoding, if it can
  bool is_wait = false;         // for news: whoever waits knows best what to do after a break
  // How long the server may be silent, 0: for ever. Until the headers, to which is added what the
  // body may take to go out, and again between chunks of the answer's body.
  int64_t timeout_ms = 0;
};

// How long a client waits for the headers: 0: for ever. A link of 64 kbit/s is slow, but not dead.
int64_t headers_timeout_ms(const HttpRequest& request);

class HttpResponse {
 public:
  virtual ~HttpResponse() = default;  // destroyed early: the request is aborted
  virtual int status() const = 0;
  virtual std::string header(std::string_view lower_case_name) const = 0;  // "" if absent
  // The next bytes of the body, "" at its end. An error (status 0) if the connection breaks.
  virtual Task<Result<std::string>> read_chunk() = 0;
  // Ends the request: a chunk that somebody waits for, and any later one, is an Error of status 0
  // named "cancelled".
  virtual void abort() = 0;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // Resumes with the response's status and headers. Where no answer came: an Error of status 0,
  // named "network" (offline, refused, CORS, cut) or "timeout"; "attachment_unreadable" where one
  // of the body's is not there (any more), or has another length.
  virtual Task<Result<std::unique_ptr<HttpResponse>>> send(HttpRequest request) = 0;

  // Whether it has a medium with the attachments that a body may have and that are not staged.
  virtual bool can_send_attachments() const { return false; }

  // Ends all requests that are under way, bodies being read included, with an Error of status 0
  // named "cancelled": the caller gives up. Requests that are sent later are not affected.
  virtual void abort_all() = 0;
};

}  // namespace couchlet
