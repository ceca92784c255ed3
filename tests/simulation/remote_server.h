// RemoteServer: a small CouchDB in front of RemoteDocuments: what a replicator asks of its HTTP
// API, in the weather of the network.
//
// It crashes between any two of its steps, in the middle of a bulk write, too, and is down for a
// while. What it had not answered by then is never answered; what it had written stays.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/task.h"
#include "json_text.h"
#include "network_weather.h"
#include "remote_documents.h"
#include "replicate/http_client.h"
#include "simulated_run.h"

namespace couchlet {

struct RemoteAnswer {
  int status = 200;  // 0: the connection breaks
  std::string body = {};
  std::string content_type = "application/json";
  std::string retry_after = {};
};

class RemoteServer {
 public:
  static constexpr std::string_view kUrl = "http://server/db";

  RemoteServer(SimulatedRun& run, const NetworkWeather& weather, RemoteDocuments& documents);

  // A longpoll ends when there is a change, or when `is_gone` says that nobody waits.
  Task<RemoteAnswer> answer(HttpRequest request, std::function<bool()> is_gone);

 private:
  using Query = std::map<std::string, std::string, std::less<>>;

  Task<RemoteAnswer> changes(Query query, uint64_t life, std::function<bool()> is_gone);
  Task<RemoteAnswer> bulk_docs(Json request, uint64_t life);
  RemoteAnswer revs_diff(const Json& request) const;
  RemoteAnswer bulk_get(const Json& request) const;
  RemoteAnswer local_document(const HttpRequest& request, const std::string& id);

  Json changes_since(uint64_t since, const Query& query) const;
  Json revision(const Json& wanted) const;
  std::string sequence_text(uint64_t sequence) const;
  Task<void> step();
  bool has_crashed_since(uint64_t life) const { return life != life_; }

  SimulatedRun& run_;
  const NetworkWeather& weather_;
  RemoteDocuments& documents_;
  const bool forgets_;  // what has been superseded
  uint64_t life_ = 1;   // one more with each crash
  int64_t up_at_us_ = 0;
};

}  // namespace couchlet
