// SimulatedNetwork: between the contexts of a run and its RemoteServers. Each request goes its own
// way, so that they overtake each other; what may happen to it is said in NetworkWeather.
//
// A request that is on its way arrives, whatever becomes of who has sent it: aborted, or crashed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/completion.h"
#include "base/result.h"
#include "base/task.h"
#include "network_weather.h"
#include "remote_server.h"
#include "replicate/http_client.h"
#include "simulated_medium.h"
#include "simulated_run.h"

namespace couchlet {

class SimulatedNetwork {
 public:
  // A request until its sender knows what came of it.
  struct Exchange {
    Completion<Result<RemoteAnswer>> answer;
    bool is_over = false;

    void end(Result<RemoteAnswer> with) {
      if (!std::exchange(is_over, true)) answer.complete(std::move(with));
    }
  };

  SimulatedNetwork(SimulatedRun& run, const NetworkWeather& weather)
      : run_(run), weather_(weather) {}

  // The server must outlive the network. Its URL is the beginning of no other's.
  void add(RemoteServer& server) { servers_.push_back(&server); }

  Task<void> carry(std::shared_ptr<Connection> from, HttpRequest request,
                   std::shared_ptr<Exchange> exchange);
  // What comes next of an answer that goes on, as the body of another one.
  Task<void> carry_more(std::shared_ptr<Connection> to, RemoteAnswer::More more,
                        std::shared_ptr<Exchange> exchange);

  SimulatedRun& run() { return run_; }
  size_t requests() const { return requests_; }  // that have been sent so far

 private:
  RemoteServer& server_of(const HttpRequest& request);
  void spoil(RemoteAnswer& answer);
  bool spoil_upload(HttpRequest& request);
  Task<void> travel();
  Task<Result<RemoteAnswer>> deliver(const std::string& from, HttpRequest request,
                                     std::shared_ptr<Exchange> exchange);
  Task<void> deliver_again(HttpRequest request);
  Task<Result<RemoteAnswer>> lose(const HttpRequest& request);
  void crash_client(Connection& client);

  SimulatedRun& run_;
  const NetworkWeather& weather_;
  std::vector<RemoteServer*> servers_;
  size_t requests_ = 0;
};

// One replication's requests, of one context. `sends_attachments`: the replication is a push of the
// database that the context has open, first.
class SimulatedRequests final : public HttpClient {
 public:
  SimulatedRequests(SimulatedNetwork& network, std::shared_ptr<Connection> connection,
                    bool sends_attachments)
      : network_(network),
        connection_(std::move(connection)),
        sends_attachments_(sends_attachments) {}

  Task<Result<std::unique_ptr<HttpResponse>>> send(HttpRequest request) override;
  bool can_send_attachments() const override { return sends_attachments_; }
  void abort_all() override;

 private:
  class Response;
  std::shared_ptr<SimulatedNetwork::Exchange> begin_exchange();
  Task<Result<RemoteAnswer>> wait_for(std::shared_ptr<SimulatedNetwork::Exchange> exchange);

  SimulatedNetwork& network_;
  const std::shared_ptr<Connection> connection_;
  const bool sends_attachments_;
  std::vector<std::shared_ptr<SimulatedNetwork::Exchange>> under_way_;
};

}  // namespace couchlet
