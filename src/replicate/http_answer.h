// HttpAnswer: a whole answer to one request, and what is wrong with it.
//
// Between the engine and CouchDB stand proxies, captive portals and servers that are half awake. So
// an answer counts only if it has the status expected and is JSON; all else becomes an Error:
//
//   {"error": …, "reason": …}   the server's own status, error and reason, unchanged
//   another refusal             its status, named as CouchDB names it, with the body's beginning
//   200 that isn't JSON         502 bad_response
//   no answer, or half of one   status 0, "network" or "timeout" (HttpClient)
//
// All but the first say which URL was asked, without credentials and query.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "replicate/http_client.h"

namespace couchlet {

// When a server that can't answer now wants to be asked again (Retry-After; RFC 9110, 10.2.3).
class RetryAfter {
 public:
  static constexpr int64_t kMaxMs = 3600 * 1000;

  RetryAfter() = default;
  // `date` is the answer's own Date, "" where it can't be seen.
  RetryAfter(std::string_view value, std::string_view date);

  bool is_asked() const { return wait_ms_ > 0 || until_; }

  // From a moment on; 0 if it isn't asked for, or is over. At most kMaxMs.
  int64_t wait_ms(int64_t now_ms) const;

 private:
  int64_t wait_ms_ = 0;
  std::optional<int64_t> until_;  // by whose clock is not known: ours has to do
};

struct HttpAnswer {
  std::string request;  // "GET http://host/db/_changes", for reasons
  int status = 0;
  std::string content_type;
  std::string body;
  bool is_cut = false;  // the body goes on: reading stopped at max_bytes
  RetryAfter retry_after;

  bool is_success() const { return status >= 200 && status < 300; }
};

// An answer whose headers have come.
struct BegunAnswer {
  HttpAnswer answer;
  std::unique_ptr<HttpResponse> rest;  // a success's body, which is to be read; else null
};

// Sends the request. A refusal is read to its end.
Task<Result<BegunAnswer>> begin_exchange(HttpClient& client, HttpRequest request);

// Sends the request and reads its answer, of a success at most about `max_bytes` (0: all). Errors
// only where there is no answer.
Task<Result<HttpAnswer>> exchange(HttpClient& client, HttpRequest request, size_t max_bytes);

// The same, but the body of a success goes to `take`, piece by piece, and is not in the answer.
Task<Result<HttpAnswer>> exchange_streamed(HttpClient& client, HttpRequest request,
                                           std::function<void(std::string_view)> take);

// What a server says of an error, in the body of an answer or in a row of one.
struct ServerError {
  std::string name;
  std::string reason;
};

// The refusal's "error" and "reason"; "" where the body isn't CouchDB's JSON.
ServerError server_error(const HttpAnswer& answer);

// The error that a refusal is. REQUIRES: !answer.is_success()
Error refusal(const HttpAnswer& answer);

// The error that ended an answer, with what was asked.
Error broken_answer(Error error, const HttpAnswer& answer);

// The error that a success with an unexpected body is; `problem` says what is wrong with it.
Error bad_response(const HttpAnswer& answer, std::string_view problem);

}  // namespace couchlet
