// RemoteServer: a small CouchDB in front of RemoteDocuments: what a replicator asks of its HTTP
// API, in the weather of the network.
//
// It crashes between any two of its steps, in the middle of a bulk write, too, and is down for a
// while. What it had not answered by then is never answered; what it had written stays. Its
// database may be deleted and made anew, empty, after a while in which there is none.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/task.h"
#include "json_text.h"
#include "network_weather.h"
#include "remote_documents.h"
#include "remote_request.h"
#include "remote_traits.h"
#include "replicate/http_client.h"
#include "simulated_run.h"

namespace couchlet {

struct RemoteAnswer {
  int status = 200;  // 0: the connection breaks
  std::string body = {};
  std::string content_type = "application/json";
  std::string retry_after = {};
  bool breaks = false;  // the connection, in the middle of the body

  // Of one that goes on: waits for what comes next, "" at its end; nothing: the connection breaks.
  using More = std::function<Task<std::optional<std::string>>(std::function<bool()> is_gone)>;
  More more = nullptr;
};

class RemoteServer {
 public:
  // `url`: the database's.
  RemoteServer(SimulatedRun& run, const NetworkWeather& weather, std::string url,
               RemoteTraits traits, RemoteDocuments& documents);

  // A longpoll ends when there is a change, or when `is_gone` says that nobody waits.
  Task<RemoteAnswer> answer(HttpRequest request, std::function<bool()> is_gone);

  // The documents are gone at once; the database is back, empty, after `absence_us`.
  void recreate_database(int64_t absence_us);
  bool has_database() const { return run_.time.now_us() >= there_at_us_; }

  const std::string& url() const { return url_; }
  const RemoteTraits& traits() const { return traits_; }

 private:
  Task<RemoteAnswer> answer_in_life(const HttpRequest& request, uint64_t life,
                                    std::function<bool()> is_gone);
  RemoteAnswer refuse_or_none(const HttpRequest& request);

  // remote_server_documents.cpp
  Task<RemoteAnswer> answer_about_document(const HttpRequest& http, RemoteRequest request,
                                           uint64_t life);
  Task<RemoteAnswer> put_multipart(const HttpRequest& http, std::string id, uint64_t life);
  RemoteAnswer document(const RemoteRequest& request) const;

  Task<RemoteAnswer> changes(RemoteRequest request, uint64_t life, std::function<bool()> is_gone);
  struct Following;
  RemoteAnswer follow(RemoteRequest request, uint64_t life);
  Task<std::optional<std::string>> more_changes(std::shared_ptr<Following> following,
                                                std::function<bool()> is_gone);
  std::string lines_since(Following& following);
  Task<RemoteAnswer> bulk_docs(Json request, size_t bytes, uint64_t life);
  Json write(const Json& document);
  RemoteAnswer local_document(const RemoteRequest& request);
  Task<void> step();
  bool has_crashed_since(uint64_t life) const { return life != life_; }

  // remote_server_reads.cpp
  uint64_t since_asked(const RemoteRequest& request) const;
  Json changes_since(uint64_t since, const RemoteRequest& request) const;
  RemoteAnswer revs_diff(const Json& request) const;
  RemoteAnswer bulk_get(const RemoteRequest& request) const;
  RemoteAnswer open_revisions(const RemoteRequest& request) const;
  RemoteAnswer attachment(const RemoteRequest& request) const;
  bool can_read(const std::string& id, const std::string& rev) const;
  Json revision(const std::string& id, const std::string& rev, const Json& known,
                const RemoteRequest& request) const;
  Json sequence_json(uint64_t sequence) const;

  SimulatedRun& run_;
  const NetworkWeather& weather_;
  const std::string url_;
  const RemoteTraits traits_;
  RemoteDocuments& documents_;
  uint64_t life_ = 1;  // one more with each crash
  int64_t up_at_us_ = 0;
  int64_t there_at_us_ = 0;  // the database
};

RemoteAnswer remote_refusal(int status, const char* error, const char* reason);
RemoteAnswer remote_success(const Json& body);

}  // namespace couchlet
