// A client of a SimulatedServer, and the network between them.
//
// Requests are numbered from 1; a fault can be put on any of them. The network can be down, and
// slow. Nothing waits unless it is told to, so that a whole replication runs in one call.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/alarm.h"
#include "base/clock.h"
#include "replicate/http_client.h"
#include "replicate/simulated_server.h"

namespace couchlet {

enum class Fault : uint8_t {
  kNone,
  kLost,          // never reaches the server
  kAnswerLost,    // the server does it, and the answer never comes
  kBodyCut,       // half of the answer comes, then the connection breaks
  kBodyShort,     // half of the answer comes and looks like all of it
  kPortal,        // a captive portal answers 200 with its own page
  kBroken,        // 500
  kBusy,          // 503 with Retry-After: 30
  kUnauthorized,  // 401
  kSilent,        // nothing comes until the client gives up
};

class SimulatedClient;

// What the test keeps hold of while the peer owns the client.
struct SimulatedNetwork {
  explicit SimulatedNetwork(Clock& network_clock) : clock(network_clock) {}

  // Breaks all connections; take_down() also lets no new ones come up.
  void cut();
  void take_down() {
    is_down = true;
    cut();
  }

  Clock& clock;
  bool is_down = false;
  bool breaks_on_gzip = false;       // as a browser does where the server's CORS forbids the header
  bool breaks_on_multipart = false;  // as a server does that falls over it
  std::function<void()> on_multipart;  // before one goes out
  int64_t latency_ms = 0;              // before each request reaches the server
  size_t requests = 0;
  std::map<size_t, Fault> faults;  // by the request's number
  Fault every = Fault::kNone;      // for all that have none of their own
  // What is staged, by number.
  std::function<std::optional<std::string>(uint32_t number)> staged;
  // The client's other attachments, by digest; null: it has none that could stand in a body.
  std::function<Task<Result<std::optional<std::string>>>(const std::string& digest)> attachments;
  std::unordered_set<SimulatedClient*> clients;
};

class SimulatedClient : public HttpClient {
 public:
  SimulatedClient(SimulatedServer& server, std::shared_ptr<SimulatedNetwork> network)
      : server_(server), network_(std::move(network)) {
    network_->clients.insert(this);
  }
  ~SimulatedClient() override { network_->clients.erase(this); }

  Task<Result<std::unique_ptr<HttpResponse>>> send(HttpRequest request) override;
  bool can_send_attachments() const override { return network_->attachments != nullptr; }
  void abort_all() override { end_all(Error{0, "cancelled", "The request was aborted."}); }
  void break_all() { end_all(Error{0, "network", "The connection broke."}); }

 private:
  // A request that is under way, its body included.
  struct Call {
    explicit Call(Clock& clock) : alarm(clock) {}
    Alarm alarm;
    std::shared_ptr<Cancellation> cancellation = std::make_shared<Cancellation>();
    std::optional<Error> end;  // it is over
  };
  class Response;

  Task<Result<void>> put_attachments(HttpRequest& request) const;
  void end_all(const Error& error);

  SimulatedServer& server_;
  std::shared_ptr<SimulatedNetwork> network_;
  std::unordered_set<std::shared_ptr<Call>> calls_;
};

}  // namespace couchlet
