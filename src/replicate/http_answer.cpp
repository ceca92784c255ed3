#include "replicate/http_answer.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/utf8.h"
#include "json/json_reader.h"
#include "replicate/calendar.h"
#include "replicate/url.h"

namespace couchlet {

namespace {

constexpr size_t kMaxRefusalBytes = 64 * 1024;  // of a body that is only read for its reason
constexpr size_t kMaxShownBytes = 120;

std::string describe(const HttpRequest& request) {
  const std::string_view url = request.url;
  return request.method + " " + without_credentials(url.substr(0, url.find('?')));
}

std::string_view name_of_status(int status) {
  switch (status) {
    case 400:
      return "bad_request";
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 405:
      return "method_not_allowed";
    case 408:
      return "timeout";
    case 409:
      return "conflict";
    case 412:
      return "precondition_failed";
    case 413:
      return "too_large";
    case 415:
      return "bad_content_type";
    case 429:
      return "too_many_requests";
    case 500:
      return "internal_server_error";
    case 502:
      return "bad_gateway";
    case 503:
      return "service_unavailable";
    case 504:
      return "gateway_timeout";
    default:
      return "unexpected_status";
  }
}

// The beginning of a body, fit to stand in a sentence.
std::string beginning_of(std::string_view body) {
  std::string shown;
  for (const char c : body.substr(0, kMaxShownBytes)) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20;
    if (is_control && shown.ends_with(' ')) continue;
    shown.push_back(is_control ? ' ' : c);
  }
  while (!shown.empty() && !is_valid_utf8(shown)) shown.pop_back();  // a character cut in two
  if (body.size() > kMaxShownBytes) shown.append("…");
  return shown;
}

std::string describe_body(const HttpAnswer& answer) {
  std::string text = answer.content_type.empty() ? "an answer" : answer.content_type;
  if (answer.body.empty()) return text + " with an empty body";
  return text + ": " + beginning_of(answer.body);
}

// Of a success, what is read goes to `take`, if there is one, and else into the answer.
Task<Result<void>> read_body(HttpResponse& response, HttpAnswer& answer, size_t max_bytes,
                             const std::function<void(std::string_view)>& take) {
  const bool is_taken = answer.is_success() && take;
  const size_t limit = answer.is_success() ? max_bytes : kMaxRefusalBytes;
  while (!answer.is_cut) {
    auto chunk = co_await response.read_chunk();
    // A refusal is one, whatever becomes of its body.
    if (!chunk.ok() && !answer.is_success()) break;
    if (!chunk.ok()) co_return broken_answer(std::move(chunk).error(), answer);
    if (chunk->empty()) break;
    if (is_taken) {
      take(*chunk);
    } else if (answer.body.empty()) {
      answer.body = std::move(*chunk);
    } else {
      answer.body.append(*chunk);
    }
    answer.is_cut = limit > 0 && answer.body.size() >= limit;
  }
  co_return Result<void>();
}

Task<Result<HttpAnswer>> read_answer(HttpClient& client, HttpRequest request, size_t max_bytes,
                                     std::function<void(std::string_view)> take) {
  CO_TRY_ASSIGN(BegunAnswer begun, co_await begin_exchange(client, std::move(request)));
  if (begun.rest) CO_TRY(co_await read_body(*begun.rest, begun.answer, max_bytes, take));
  co_return std::move(begun.answer);
}

}  // namespace

RetryAfter::RetryAfter(std::string_view value, std::string_view date) {
  int64_t seconds = 0;
  const char* const end = value.data() + value.size();
  const auto [read, problem] = std::from_chars(value.data(), end, seconds);
  if (problem == std::errc() && read == end) {
    wait_ms_ = std::clamp<int64_t>(seconds, 0, kMaxMs / 1000) * 1000;
    return;
  }
  const auto now = parse_http_date(date);
  until_ = parse_http_date(value);
  if (!now || !until_) return;
  wait_ms_ = std::clamp<int64_t>(*until_ - *now, 0, kMaxMs);
  until_.reset();
}

int64_t RetryAfter::wait_ms(int64_t now_ms) const {
  if (!until_) return wait_ms_;
  return std::clamp<int64_t>(*until_ - now_ms, 0, kMaxMs);
}

Task<Result<BegunAnswer>> begin_exchange(HttpClient& client, HttpRequest request) {
  BegunAnswer begun;
  HttpAnswer& answer = begun.answer;
  answer.request = describe(request);
  auto response = co_await client.send(std::move(request));
  if (!response.ok()) co_return broken_answer(std::move(response).error(), answer);
  answer.status = (*response)->status();
  answer.content_type = (*response)->header("content-type");
  answer.retry_after = RetryAfter((*response)->header("retry-after"), (*response)->header("date"));
  if (answer.is_success()) {
    begun.rest = std::move(*response);
  } else {
    CO_TRY(co_await read_body(**response, answer, 0, nullptr));
  }
  co_return begun;
}

Task<Result<HttpAnswer>> exchange(HttpClient& client, HttpRequest request, size_t max_bytes) {
  return read_answer(client, std::move(request), max_bytes, nullptr);
}

Task<Result<HttpAnswer>> exchange_streamed(HttpClient& client, HttpRequest request,
                                           std::function<void(std::string_view)> take) {
  return read_answer(client, std::move(request), 0, std::move(take));
}

ServerError server_error(const HttpAnswer& answer) {
  ServerError error;
  JsonReader reader(answer.body);
  if (reader.peek() != JsonReader::Type::kObject) return {};
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    const bool is_string = reader.peek() == JsonReader::Type::kString;
    if (key == "error" && is_string) {
      reader.read_string(error.name);
    } else if (key == "reason" && is_string) {
      reader.read_string(error.reason);
    } else {
      reader.skip();
    }
  }
  return reader.at_end() ? error : ServerError{};
}

Error refusal(const HttpAnswer& answer) {
  auto [name, reason] = server_error(answer);
  if (!name.empty()) return {answer.status, std::move(name), std::move(reason)};
  return {answer.status, std::string(name_of_status(answer.status)),
          "The server answered " + std::to_string(answer.status) + " with " +
              describe_body(answer) + " (" + answer.request + ")"};
}

Error broken_answer(Error error, const HttpAnswer& answer) {
  error.reason.append(" (").append(answer.request).append(")");
  return error;
}

Error bad_response(const HttpAnswer& answer, std::string_view problem) {
  return {502, "bad_response",
          "Not an answer of CouchDB: " + std::string(problem) + " (" + answer.request +
              " answered " + std::to_string(answer.status) + " with " + describe_body(answer) +
              ")"};
}

}  // namespace couchlet
