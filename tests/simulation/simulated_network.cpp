#include "simulated_network.h"

#include <utility>

#include "attachments_in_body.h"

namespace couchlet {

namespace {

Error no_network() { return {0, "network", "The simulated network is broken"}; }

constexpr size_t kUncut = SIZE_MAX;

}  // namespace

// The body in two pieces, of which the second may not come; and what follows, if it goes on.
class SimulatedRequests::Response final : public HttpResponse {
 public:
  Response(SimulatedRequests& requests, RemoteAnswer answer)
      : requests_(requests), answer_(std::move(answer)), first_piece_(draw_piece()) {}

  int status() const override { return answer_.status; }
  std::string header(std::string_view name) const override {
    if (name == "content-type") return answer_.content_type;
    return name == "retry-after" ? answer_.retry_after : "";
  }
  Task<Result<std::string>> read_chunk() override {
    const bool goes_on = answer_.more && answer_.body.empty();
    if (goes_on && !answer_.breaks) CO_TRY(co_await read_more());
    if (first_piece_ == kUncut && answer_.breaks) co_return no_network();
    std::string piece = answer_.body.substr(0, first_piece_);
    answer_.body.erase(0, piece.size());
    first_piece_ = kUncut;
    co_return piece;
  }
  void abort() override {
    answer_.more = nullptr;
    answer_.breaks = true;
    first_piece_ = kUncut;
    if (exchange_) exchange_->end(Error{0, "cancelled", "The request was called off"});
  }

 private:
  size_t draw_piece() const {
    return requests_.network_.run().random.below(answer_.body.size() + 1) + 1;
  }

  Task<Result<void>> read_more() {
    exchange_ = requests_.begin_exchange();
    SimulatedNetwork& network = requests_.network_;
    spawn(network.carry_more(requests_.connection_, answer_.more, exchange_));
    CO_TRY_ASSIGN(RemoteAnswer next, co_await requests_.wait_for(exchange_));
    exchange_ = nullptr;
    answer_.body = std::move(next.body);
    answer_.more = std::move(next.more);
    answer_.breaks = next.breaks;
    first_piece_ = draw_piece();
    co_return Result<void>();
  }

  SimulatedRequests& requests_;
  RemoteAnswer answer_;
  size_t first_piece_;
  std::shared_ptr<SimulatedNetwork::Exchange> exchange_;  // of what follows, while it is waited for
};

Task<void> SimulatedNetwork::carry(std::shared_ptr<Connection> from, HttpRequest request,
                                   std::shared_ptr<Exchange> exchange) {
  ++requests_;
  crash_client(*from);
  const Result<void> is_whole = co_await put_attachments(from, request);
  if (!is_whole.ok()) {
    run_.count("attachments that can't be read to be sent");
    co_return exchange->end(from->is_cut() ? no_network() : is_whole.error());
  }
  if (exchange->is_over) co_return;
  for (const AttachmentInBody& one : request.attachments) {
    run_.count(one.staged != 0 ? "attachments sent between servers" : "attachments sent");
  }
  co_await travel();
  Result<RemoteAnswer> answer = no_network();
  if (run_.chance(weather_.unavailable)) {
    run_.count("proxies' refusals");
    answer = RemoteAnswer{.status = 503, .body = "busy", .content_type = "text/plain"};
    if (run_.chance(300)) answer->retry_after = std::to_string(run_.between(1, 30));
  } else if (run_.chance(weather_.foreign)) {
    run_.count("captive portals");
    answer = RemoteAnswer{.body = "<html>Log in</html>", .content_type = "text/html"};
  } else if (run_.chance(weather_.lost_requests)) {
    run_.note(from->name(), "'s request is lost: ", request.method, " ", request.url);
    run_.count("lost requests");
    answer = co_await lose(request);
  } else {
    answer = co_await deliver(from->name(), std::move(request), exchange);
    co_await travel();
  }
  crash_client(*from);
  // Who has crashed is answered as well: it goes on as a ghost, whose requests come to nothing.
  exchange->end(from->is_cut() ? Result<RemoteAnswer>(no_network()) : std::move(answer));
}

Task<void> SimulatedNetwork::carry_more(std::shared_ptr<Connection> to, RemoteAnswer::More more,
                                        std::shared_ptr<Exchange> exchange) {
  crash_client(*to);
  const auto chunk = co_await more([exchange] { return exchange->is_over; });
  co_await travel();
  crash_client(*to);
  Result<RemoteAnswer> answer = no_network();
  if (chunk && !to->is_cut()) {
    answer = RemoteAnswer{.body = *chunk};
    if (!chunk->empty()) answer->more = std::move(more);
    if (!chunk->empty()) spoil(*answer);
  }
  exchange->end(std::move(answer));
}

Task<Result<RemoteAnswer>> SimulatedNetwork::deliver(const std::string& from, HttpRequest request,
                                                     std::shared_ptr<Exchange> exchange) {
  const bool is_broken = spoil_upload(request);
  if (run_.chance(weather_.doubled)) spawn(deliver_again(request));
  RemoteAnswer answer =
      co_await server_of(request).answer(request, [exchange] { return exchange->is_over; });
  run_.note(from, " asked ", request.method, " ", request.url, ": ", answer.status);
  run_.count("requests");
  if (answer.status == 0 || is_broken) co_return no_network();
  if (run_.chance(weather_.lost_answers)) {
    run_.note(from, "'s answer is lost");
    run_.count("lost answers");
    co_return co_await lose(request);
  }
  if (!answer.body.empty()) spoil(answer);
  co_return answer;
}

// Of a body with attachments; whether the connection breaks in the middle of it.
bool SimulatedNetwork::spoil_upload(HttpRequest& request) {
  if (request.attachments.empty()) return false;
  if (run_.chance(weather_.corrupted)) {
    run_.count("corrupted uploads");
    const auto& one = request.attachments[run_.random.below(request.attachments.size())];
    request.body[one.position + run_.random.below(static_cast<size_t>(one.length))] ^= 1;
  }
  const bool is_cut = run_.chance(weather_.cut);
  if (!is_cut && !run_.chance(weather_.truncated)) return false;
  run_.count(is_cut ? "cut uploads" : "truncated uploads");
  request.body.resize(run_.random.below(request.body.size()));
  return is_cut;
}

// REQUIRES: it has a body.
void SimulatedNetwork::spoil(RemoteAnswer& answer) {
  if (answer.content_type != "application/json" && run_.chance(weather_.corrupted)) {
    run_.count("corrupted attachments");
    answer.body[run_.random.below(answer.body.size())] ^= 1;
  }
  if (run_.chance(weather_.truncated)) {
    run_.count("truncated answers");
    answer.body.resize(run_.random.below(answer.body.size()));
    answer.more = nullptr;
  }
  if (run_.chance(weather_.cut)) {
    run_.count("cut answers");
    answer.breaks = true;
  }
}

RemoteServer& SimulatedNetwork::server_of(const HttpRequest& request) {
  for (RemoteServer* server : servers_) {
    if (request.url.starts_with(server->url())) return *server;
  }
  run_.fail("Nobody answers at " + request.url);
  return *servers_.front();
}

Task<void> SimulatedNetwork::deliver_again(HttpRequest request) {
  run_.count("doubled requests");
  co_await travel();
  co_await travel();
  RemoteServer& server = server_of(request);
  co_await server.answer(std::move(request), [] { return true; });
}

Task<Result<RemoteAnswer>> SimulatedNetwork::lose(const HttpRequest& request) {
  if (request.timeout_ms == 0 || !run_.chance(weather_.silent)) co_return no_network();
  co_await run_.time.wait(request.timeout_ms * 1000);
  co_return Error{0, "timeout", "The simulated server is silent"};
}

Task<void> SimulatedNetwork::travel() {
  const int64_t most = run_.chance(weather_.slow) ? weather_.slow_us : weather_.usual_us;
  co_await run_.time.wait(static_cast<int64_t>(run_.random.below(static_cast<size_t>(most + 1))));
}

void SimulatedNetwork::crash_client(Connection& client) {
  if (run_.random.below(10'000) < weather_.client_crashing) client.cut();
}

Task<Result<std::unique_ptr<HttpResponse>>> SimulatedRequests::send(HttpRequest request) {
  if (connection_->is_cut()) {
    co_await network_.run().time.wait(1000);
    co_return no_network();
  }
  const auto exchange = begin_exchange();
  spawn(network_.carry(connection_, std::move(request), exchange));
  CO_TRY_ASSIGN(RemoteAnswer answer, co_await wait_for(exchange));
  co_return std::make_unique<Response>(*this, std::move(answer));
}

std::shared_ptr<SimulatedNetwork::Exchange> SimulatedRequests::begin_exchange() {
  return under_way_.emplace_back(std::make_shared<SimulatedNetwork::Exchange>());
}

// Until it comes, or is called off.
Task<Result<RemoteAnswer>> SimulatedRequests::wait_for(
    std::shared_ptr<SimulatedNetwork::Exchange> exchange) {
  Result<RemoteAnswer> answer = co_await exchange->answer;
  std::erase(under_way_, exchange);
  co_return answer;
}

void SimulatedRequests::abort_all() {
  const auto under_way = std::exchange(under_way_, {});
  for (const auto& exchange : under_way) {
    exchange->end(Error{0, "cancelled", "The request was called off"});
  }
}

}  // namespace couchlet
