// A database here, a server elsewhere, and replications between them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/manual_clock.h"
#include "base/run_task.h"
#include "base/seeded_random.h"
#include "document/database.h"
#include "json/json_writer.h"
#include "replicate/http_peer.h"
#include "replicate/local_peer.h"
#include "replicate/replicator.h"
#include "replicate/simulated_client.h"
#include "replicate/simulated_server.h"
#include "store/memory_medium.h"

namespace couchlet {

// A replication that runs by itself, and all that it tells.
class RunningReplication {
 public:
  RunningReplication(std::unique_ptr<Peer> source, std::unique_ptr<Peer> target,
                     ReplicationOptions options, Clock& clock, Random& random)
      : replicator(std::move(source), std::move(target), std::move(options), events(), clock,
                   random) {
    spawn(run());
  }

  Replicator replicator;
  std::optional<Result<ReplicationResult>> result;
  std::vector<std::string> told;  // "active", "paused", "paused network", "change 3", "denied a"
  std::vector<std::string> documents;
  std::function<void(const std::string&)> on_told;

  // What was told since the last call, in one line.
  std::string take_told() {
    std::string line;
    for (const std::string& one : std::exchange(told, {})) line += (line.empty() ? "" : ", ") + one;
    return line;
  }

 private:
  Task<void> run() { result = co_await replicator.run(); }

  void tell(std::string what) {
    told.push_back(what);
    if (on_told) on_told(what);
  }

  ReplicationEvents events() {
    return {
        .active = [this] { tell("active"); },
        .paused =
            [this](const std::optional<Error>& error) {
              tell(error ? "paused " + error->name : "paused");
            },
        .change =
            [this](const ReplicationResult& now, const std::vector<std::string_view>& texts) {
              for (const auto text : texts) documents.emplace_back(text);
              tell("change " + std::to_string(now.docs_written));
            },
        .denied = [this](const WriteResult& refused) { tell("denied " + refused.id); },
        .checkpoint = [this](const std::string&) { tell("checkpoint"); },
    };
  }
};

// Where nobody else is to be let run a pause isn't waited for.
class PauselessClock : public ManualClock {
 public:
  using ManualClock::sleep;
  Task<void> sleep(int64_t milliseconds) override {
    if (milliseconds > 0) co_await ManualClock::sleep(milliseconds);
  }
};

class ReplicationFixture : public testing::Test {
 protected:
  ReplicationFixture() : local(new_database()) {}

  // Sleeps that nobody waits for any more come to their end, too.
  ~ReplicationFixture() override { clock.advance(int64_t{1} << 40); }

  std::shared_ptr<Database> new_database() {
    auto medium = std::make_unique<MemoryMedium>(std::make_shared<MemoryMediumData>());
    return *run_task(
        Database::open(std::move(medium), {.name = "local", .revs_limit = 1000}, clock, random));
  }

  std::unique_ptr<Peer> local_peer() { return std::make_unique<LocalPeer>(local); }
  std::unique_ptr<Peer> remote_peer() {
    return std::make_unique<HttpPeer>(std::make_unique<SimulatedClient>(server, network),
                                      SimulatedServer::kUrl, 60000);
  }

  std::unique_ptr<RunningReplication> start_pull(ReplicationOptions options = {}) {
    return std::make_unique<RunningReplication>(remote_peer(), local_peer(), std::move(options),
                                                clock, random);
  }
  std::unique_ptr<RunningReplication> start_push(ReplicationOptions options = {}) {
    return std::make_unique<RunningReplication>(local_peer(), remote_peer(), std::move(options),
                                                clock, random);
  }

  static Result<ReplicationResult> outcome(const RunningReplication& run) {
    return run.result.value_or(Error{0, "unfinished", "The replication waits for something."});
  }
  Result<ReplicationResult> pull(ReplicationOptions options = {}) {
    return outcome(*start_pull(std::move(options)));
  }
  Result<ReplicationResult> push(ReplicationOptions options = {}) {
    return outcome(*start_push(std::move(options)));
  }

  static ReplicationOptions live() {
    ReplicationOptions options;
    options.live = true;
    options.retry = true;
    return options;
  }

  // Writes one document as an app does; its revision, or the name of its error.
  static std::string put(Database& database, std::string_view text, bool new_edits = true) {
    auto results = run_task(database.write({text}, {.new_edits = new_edits}));
    if (!results.ok()) return results.error().name;
    const WriteResult& result = results->front();
    return result.error ? result.error->name : result.rev;
  }
  std::string put_here(std::string_view text) { return put(*local, text); }
  std::string put_there(std::string_view text) { return put(*server.database(), text); }

  static void put_many(Database& database, size_t count, size_t bytes = 20) {
    for (size_t i = 0; i < count; ++i) {
      put(database, R"({"_id":"doc)" + std::to_string(1000 + i) + R"(","n":)" + std::to_string(i) +
                        R"(,"text":")" + std::string(bytes, 'x') + "\"}");
    }
  }

  // All leaves of all documents with their histories: equal where two databases hold the same.
  static std::string contents(Database& database) {
    ChangesOptions every;
    auto page = run_task(database.changes_page(std::move(every), nullptr));
    std::map<std::string, std::string> documents;
    for (const ChangeRow& row : page->rows) {
      GetOptions options;
      options.open_revs_all = true;
      options.revs = true;
      documents[row.id] = run_task(database.get(row.id, std::move(options))).value();
    }
    std::string text;
    for (const auto& [id, leaves] : documents) text += id + " " + leaves + "\n";
    return text;
  }
  std::string here() { return contents(*local); }
  std::string there() { return contents(*server.database()); }
  uint64_t count_here() { return run_task(local->info())->document_count; }
  uint64_t count_there() { return run_task(server.database()->info())->document_count; }

  PauselessClock clock;
  SeededRandom random{1};
  SimulatedServer server{clock, random};
  std::shared_ptr<SimulatedNetwork> network = std::make_shared<SimulatedNetwork>(clock);
  std::shared_ptr<Database> local;
};

}  // namespace couchlet
