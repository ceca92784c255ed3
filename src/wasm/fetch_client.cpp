#include "wasm/fetch_client.h"

#include <emscripten/em_macros.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/completion.h"
#include "json/json_writer.h"

extern "C" {
// fetch_client.library.js. An exchange is named by its address; after couchlet_fetch_abort nothing
// more is heard of it. Each start is answered once by _head or _failed, each read by _chunk or
// _failed.
void couchlet_fetch_start(void* exchange, uint32_t fetch_id, const char* method, const char* url,
                          const char* headers_json, const char* body, size_t body_length,
                          const char* attachments_json, void* medium, int is_gzip_wanted,
                          double headers_timeout_ms, double timeout_ms);
void couchlet_fetch_read(void* exchange);
void couchlet_fetch_abort(void* exchange);
}

namespace couchlet {

namespace {

// [{"position": …, "digest": …, "length": …, "staged": …}, …]
std::string attachments_json(const std::vector<AttachmentInBody>& attachments) {
  std::string text = "[";
  for (const AttachmentInBody& attachment : attachments) {
    text.append(text.size() > 1 ? ",{\"position\":" : "{\"position\":");
    text.append(std::to_string(attachment.position)).append(",\"digest\":");
    text.append(json_string(attachment.digest)).append(",\"length\":");
    text.append(std::to_string(attachment.length)).append(",\"staged\":");
    text.append(std::to_string(attachment.staged)).append("}");
  }
  return text + "]";
}

}  // namespace

// One request and its answer.
class FetchExchange {
 public:
  explicit FetchExchange(FetchClient& client) : client_(client) { client.under_way_.insert(this); }
  ~FetchExchange() {
    couchlet_fetch_abort(this);
    client_.under_way_.erase(this);
  }

  Task<Result<void>> start(uint32_t fetch_id, void* medium, HttpRequest request) {
    std::string headers = "{";
    for (const auto& [name, value] : request.headers) {
      if (headers.size() > 1) headers.push_back(',');
      headers.append(json_string(name)).append(":").append(json_string(value));
    }
    headers.push_back('}');
    couchlet_fetch_start(
        this, fetch_id, request.method.c_str(), request.url.c_str(), headers.c_str(),
        request.body.data(), request.body.size(), attachments_json(request.attachments).c_str(),
        medium, request.is_gzip_wanted ? 1 : 0, static_cast<double>(headers_timeout_ms(request)),
        static_cast<double>(request.timeout_ms));
    co_return co_await wait();
  }

  Task<Result<std::string>> read_chunk() {
    chunk_.clear();
    if (is_over_) co_return aborted();
    couchlet_fetch_read(this);
    CO_TRY(co_await wait());
    co_return std::move(chunk_);
  }

  void abort() {
    couchlet_fetch_abort(this);
    is_over_ = true;
    if (waiting_) arrive(aborted());
  }

  int status() const { return status_; }
  std::string header(std::string_view lower_case_name) const {
    for (const auto& [name, value] : headers_) {
      if (name == lower_case_name) return value;
    }
    return "";
  }

  // Called from JavaScript.
  void take_header(std::string_view name, std::string_view value) {
    headers_.emplace_back(name, value);
  }
  void take_head(int status) {
    status_ = status;
    arrive({});
  }
  char* room_for_chunk(size_t length) {
    chunk_.resize(length);
    return chunk_.data();
  }
  void take_chunk() { arrive({}); }
  void fail(Error error) {
    is_over_ = true;
    arrive(std::move(error));
  }

 private:
  static Error aborted() { return {0, "cancelled", "The request was cancelled."}; }

  Task<Result<void>> wait() {
    Completion<Result<void>> arrived;
    waiting_ = &arrived;
    if (early_) {
      waiting_ = nullptr;
      co_return *std::exchange(early_, std::nullopt);
    }
    co_return co_await arrived;
  }

  void arrive(Result<void> result) {
    if (auto* waiting = std::exchange(waiting_, nullptr)) {
      waiting->complete(std::move(result));
    } else {
      early_ = std::move(result);
    }
  }

  FetchClient& client_;
  int status_ = 0;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::string chunk_;
  Completion<Result<void>>* waiting_ = nullptr;
  std::optional<Result<void>> early_;  // what came before somebody waited for it
  bool is_over_ = false;               // aborted or failed: there is nothing more to read
};

namespace {

class FetchResponse final : public HttpResponse {
 public:
  explicit FetchResponse(std::unique_ptr<FetchExchange> exchange)
      : exchange_(std::move(exchange)) {}

  int status() const override { return exchange_->status(); }
  std::string header(std::string_view lower_case_name) const override {
    return exchange_->header(lower_case_name);
  }
  Task<Result<std::string>> read_chunk() override { return exchange_->read_chunk(); }
  void abort() override { exchange_->abort(); }

 private:
  std::unique_ptr<FetchExchange> exchange_;
};

FetchExchange& exchange_at(void* address) { return *static_cast<FetchExchange*>(address); }

}  // namespace

Task<Result<std::unique_ptr<HttpResponse>>> FetchClient::send(HttpRequest request) {
  auto exchange = std::make_unique<FetchExchange>(*this);
  CO_TRY(co_await exchange->start(fetch_id_, medium_, std::move(request)));
  co_return std::unique_ptr<HttpResponse>(std::make_unique<FetchResponse>(std::move(exchange)));
}

void FetchClient::abort_all() {
  // Whoever is woken may end, and take its exchange out of the set.
  const std::vector<FetchExchange*> exchanges(under_way_.begin(), under_way_.end());
  for (FetchExchange* exchange : exchanges) {
    if (under_way_.contains(exchange)) exchange->abort();
  }
}

}  // namespace couchlet

extern "C" {

EMSCRIPTEN_KEEPALIVE void couchlet_fetch_header(void* exchange, const char* name,
                                                const char* value) {
  couchlet::exchange_at(exchange).take_header(name, value);
}

EMSCRIPTEN_KEEPALIVE void couchlet_fetch_head(void* exchange, int status) {
  couchlet::exchange_at(exchange).take_head(status);
}

EMSCRIPTEN_KEEPALIVE char* couchlet_fetch_room(void* exchange, size_t length) {
  return couchlet::exchange_at(exchange).room_for_chunk(length);
}

EMSCRIPTEN_KEEPALIVE void couchlet_fetch_chunk(void* exchange) {
  couchlet::exchange_at(exchange).take_chunk();
}

EMSCRIPTEN_KEEPALIVE void couchlet_fetch_failed(void* exchange, const char* name,
                                                const char* reason) {
  couchlet::exchange_at(exchange).fail({0, name, reason});
}
}
