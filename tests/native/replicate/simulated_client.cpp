#include "replicate/simulated_client.h"

#include <vector>

namespace couchlet {

namespace {

constexpr size_t kChunk = 1000;

Error network_error(std::string reason) { return {0, "network", std::move(reason)}; }

void spoil(SimulatedAnswer& answer, Fault fault) {
  switch (fault) {
    case Fault::kBodyShort:
      answer.body.resize(answer.body.size() / 2);
      break;
    case Fault::kPortal:
      answer = {200, "<!DOCTYPE html><title>Please log in</title>", "text/html"};
      break;
    case Fault::kBroken:
      answer = {500, R"({"error":"internal_server_error","reason":"boom"})"};
      break;
    case Fault::kBusy:
      answer = {503, "", "text/plain", "30"};
      break;
    case Fault::kUnauthorized:
      answer = {401, R"({"error":"unauthorized","reason":"Session expired."})"};
      break;
    default:
      break;
  }
}

// Whether the server never hears of the request.
bool is_before_server(Fault fault) {
  return fault != Fault::kNone && fault != Fault::kAnswerLost && fault != Fault::kBodyCut &&
         fault != Fault::kBodyShort;
}

}  // namespace

class SimulatedClient::Response : public HttpResponse {
 public:
  Response(SimulatedClient& client, std::shared_ptr<Call> call, SimulatedAnswer answer, bool is_cut)
      : client_(client), call_(std::move(call)), answer_(std::move(answer)), is_cut_(is_cut) {}
  ~Response() override { client_.calls_.erase(call_); }

  int status() const override { return answer_.status; }

  std::string header(std::string_view name) const override {
    if (name == "content-type") return answer_.content_type;
    return name == "retry-after" ? answer_.retry_after : "";
  }

  Task<Result<std::string>> read_chunk() override {
    if (call_->end) co_return *call_->end;
    if (is_cut_ && at_ >= answer_.body.size() / 2) co_return network_error("The connection broke.");
    if (at_ == answer_.body.size() && answer_.more) {
      const auto call = call_;
      answer_.body = co_await answer_.more(call->cancellation);
      at_ = 0;
      if (call->end) co_return *call->end;
    }
    std::string chunk = answer_.body.substr(at_, kChunk);
    at_ += chunk.size();
    co_return chunk;
  }

  void abort() override {
    if (call_->end) return;
    call_->end = Error{0, "cancelled", "The request was aborted."};
    call_->cancellation->cancel();
  }

 private:
  SimulatedClient& client_;
  const std::shared_ptr<Call> call_;
  SimulatedAnswer answer_;
  const bool is_cut_;
  size_t at_ = 0;
};

// Into the body.
Task<Result<void>> SimulatedClient::put_attachments(HttpRequest& request) const {
  size_t added = 0;
  for (const AttachmentInBody& attachment : std::exchange(request.attachments, {})) {
    std::optional<std::string> bytes;
    if (attachment.staged != 0) {
      bytes = network_->staged(attachment.staged);
    } else {
      CO_TRY_ASSIGN(bytes, co_await network_->attachments(attachment.digest));
    }
    if (!bytes || bytes->size() != attachment.length) {
      co_return Error{0, "attachment_unreadable", "There is no such attachment."};
    }
    request.body.insert(attachment.position + added, *bytes);
    added += bytes->size();
  }
  co_return Result<void>();
}

Task<Result<std::unique_ptr<HttpResponse>>> SimulatedClient::send(HttpRequest request) {
  const bool is_multipart = !request.attachments.empty();
  CO_TRY(co_await put_attachments(request));
  if (is_multipart && network_->on_multipart) network_->on_multipart();
  const auto call = std::make_shared<Call>(network_->clock);
  calls_.insert(call);
  const size_t number = ++network_->requests;
  const auto found = network_->faults.find(number);
  const Fault fault = found == network_->faults.end() ? network_->every : found->second;

  const auto give_up = [&](Error error) {
    calls_.erase(call);
    return call->end.value_or(std::move(error));
  };
  if (network_->latency_ms > 0) co_await call->alarm.sleep(network_->latency_ms);
  if (call->end) co_return give_up(*call->end);
  const bool is_forbidden = (network_->breaks_on_gzip && request.is_gzip_wanted) ||
                            (network_->breaks_on_multipart && is_multipart);
  if (network_->is_down || is_forbidden || fault == Fault::kLost)
    co_return give_up(network_error("No route."));
  if (fault == Fault::kSilent) {
    co_await call->alarm.sleep(request.timeout_ms);
    co_return give_up({0, "timeout", "The server did not answer in time."});
  }

  SimulatedAnswer answer;
  if (!is_before_server(fault)) {
    answer = co_await server_.answer(std::move(request), call->cancellation);
  }
  if (call->end) co_return give_up(*call->end);
  if (network_->is_down || fault == Fault::kAnswerLost) {
    co_return give_up(network_error("The connection broke."));
  }
  spoil(answer, fault);
  co_return std::make_unique<Response>(*this, call, std::move(answer), fault == Fault::kBodyCut);
}

void SimulatedClient::end_all(const Error& error) {
  const std::vector<std::shared_ptr<Call>> calls(calls_.begin(), calls_.end());
  for (const auto& call : calls) call->end = error;
  for (const auto& call : calls) {
    call->alarm.wake();
    call->cancellation->cancel();
  }
}

void SimulatedNetwork::cut() {
  const std::vector<SimulatedClient*> all(clients.begin(), clients.end());
  for (SimulatedClient* client : all) {
    if (clients.contains(client)) client->break_all();
  }
}

}  // namespace couchlet
