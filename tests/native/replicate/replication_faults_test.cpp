// Replication with every request made to fail, one after another, in every way; and with many
// failing at random. What must hold: nothing is taken for carried that isn't, and once the faults
// are over both sides are equal.
#include <functional>

#include "replicate/replication_fixture.h"

namespace couchlet {
namespace {

constexpr Fault kFaults[] = {Fault::kLost,      Fault::kAnswerLost,   Fault::kBodyCut,
                             Fault::kBodyShort, Fault::kPortal,       Fault::kBroken,
                             Fault::kBusy,      Fault::kUnauthorized, Fault::kSilent};
constexpr size_t kFaultCount = std::size(kFaults);

class ReplicationFaults : public ReplicationFixture {
 protected:
  ReplicationFaults() {
    options.batch_size = 5;
    options.batches_limit = 3;
  }

  // Documents of all kinds: first generations, edits, conflicts, tombstones, a design document.
  static void fill(Database& database) {
    for (int i = 0; i < 12; ++i) {
      const std::string id = R"({"_id":"doc)" + std::to_string(i) + "\"";
      const std::string rev = put(database, id + R"(,"n":0})");
      if (i % 3 == 1) put(database, id + R"(,"_rev":")" + rev + R"(","n":1})");
      if (i % 4 == 2) put(database, id + R"(,"_rev":")" + rev + R"(","_deleted":true})");
      if (i % 5 == 3) put(database, id + R"(,"_rev":"1-other","n":"conflict"})", false);
    }
    put(database, R"({"_id":"_design/app","views":{}})");
  }

  // Lets time pass until it has ended.
  Result<ReplicationResult> finish(const std::unique_ptr<RunningReplication>& run) {
    for (int i = 0; i < 1000 && !run->result; ++i) clock.advance(1000);
    return outcome(*run);
  }

  using Start = std::function<std::unique_ptr<RunningReplication>()>;

  // Replicates from `source` with a fault at its first request, at its second …; after each, the
  // source changes, and a second try must make both sides equal.
  void fail_at_every_request(const Start& start, const std::function<Database&()>& source) {
    for (const Fault fault : kFaults) {
      for (size_t position = 1;; ++position) {
        SCOPED_TRACE(testing::Message()
                     << "fault " << static_cast<int>(fault) << " at request " << position);
        ASSERT_LT(position, 100u);
        local = new_database();
        server.create_database();
        fill(source());
        const size_t before = network->requests;
        // Twice, as a single break is tried again at once.
        network->faults = {{before + position, fault}, {before + position + to_second, fault}};
        const auto failed = finish(start());
        const bool was_hit = network->requests >= before + position;
        if (!was_hit) {
          ASSERT_TRUE(failed.ok());
          ASSERT_EQ(here(), there());
          break;
        }
        network->faults.clear();
        put(source(), R"({"_id":"meanwhile"})");
        const auto repeated = finish(start());
        ASSERT_TRUE(repeated.ok()) << repeated.error().reason;
        ASSERT_EQ(here(), there());
      }
    }
  }

  ReplicationOptions options;
  size_t to_second = 1;  // from the first request that fails
};

TEST_F(ReplicationFaults, a_pull_that_failed_at_any_request_is_completed_by_the_next) {
  fail_at_every_request([&] { return start_pull(options); },
                        [&]() -> Database& { return *server.database(); });
}

TEST_F(ReplicationFaults, a_push_that_failed_at_any_request_is_completed_by_the_next) {
  fail_at_every_request([&] { return start_push(options); }, [&]() -> Database& { return *local; });
}

TEST_F(ReplicationFaults, a_push_of_whose_writes_one_fails_and_the_next_does_not_does_so_too) {
  network->latency_ms = 10;
  to_second = 2;
  fail_at_every_request([&] { return start_push(options); }, [&]() -> Database& { return *local; });
}

TEST_F(ReplicationFaults, a_pull_from_a_server_without_bulk_get_does_so_too) {
  server.has_bulk_get = false;
  fail_at_every_request([&] { return start_pull(options); },
                        [&]() -> Database& { return *server.database(); });
}

// A replication that retries gets over it by itself.
TEST_F(ReplicationFaults, a_live_replication_gets_over_a_fault_at_any_request) {
  ReplicationOptions lively = live();
  lively.batch_size = 5;
  for (const Fault fault : kFaults) {
    if (fault == Fault::kUnauthorized) continue;  // ends it
    for (size_t position = 1; position < 100; ++position) {
      SCOPED_TRACE(testing::Message()
                   << "fault " << static_cast<int>(fault) << " at request " << position);
      local = new_database();
      server.create_database();
      fill(*server.database());
      const size_t before = network->requests;
      network->faults = {{before + position, fault}, {before + position + 1, fault}};
      const auto run = start_pull(lively);
      clock.advance(3 * 60 * 1000);
      ASSERT_EQ(here(), there());
      put_there(R"({"_id":"meanwhile"})");
      clock.advance(3 * 60 * 1000);
      ASSERT_EQ(here(), there());
      ASSERT_FALSE(run->result.has_value());
      run->replicator.cancel();
      if (network->requests < before + position) break;
    }
  }
}

// Two devices that write and replicate over a bad network, by chance; then the network is mended.
class Chance : public ReplicationFaults {
 protected:
  std::unique_ptr<RunningReplication> start(size_t device, bool is_push) {
    local = devices[device];
    return is_push ? start_push(options) : start_pull(options);
  }

  // A new document, or an edit or deletion of whatever revision is the winner.
  void write_somewhere() {
    const auto& database = random.below(3) == 0 ? server.database() : devices[random.below(2)];
    const std::string id = "doc" + std::to_string(random.below(15));
    const auto document = run_task(database->get(id, {}));
    std::string text = R"({"_id":")" + id + R"(","n":)" + std::to_string(random.below(4));
    if (document.ok()) {
      const size_t at = document->find("\"_rev\":\"") + 8;
      text += R"(,"_rev":")" + document->substr(at, document->find('"', at) - at) + "\"";
      if (random.below(5) == 0) text += R"(,"_deleted":true)";
    }
    put(*database, text + "}");
  }

  void spoil_the_network() {
    network->faults.clear();
    for (size_t i = 1; i < 60; ++i) {
      if (random.below(6) > 0) continue;
      network->faults[network->requests + i] = kFaults[random.below(kFaultCount)];
    }
  }

  void replicate_both_ways(size_t device) {
    ASSERT_TRUE(finish(start(device, true)).ok());
    ASSERT_TRUE(finish(start(device, false)).ok());
  }

  std::vector<std::shared_ptr<Database>> devices;
};

TEST_F(Chance, all_are_equal_once_the_network_is_mended) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    random = SeededRandom(seed);
    devices = {new_database(), new_database()};
    server.create_database();
    options.batch_size = 1 + random.below(8);
    for (int round = 0; round < 8; ++round) {
      for (size_t i = random.below(6); i > 0; --i) write_somewhere();
      spoil_the_network();
      // Both at once, or one, or none.
      const auto first = start(random.below(2), random.below(2) == 0);
      const auto second = start(random.below(2), random.below(2) == 0);
      (void)finish(first);
      (void)finish(second);
    }
    network->faults.clear();
    for (size_t device : {0u, 1u, 0u}) ASSERT_NO_FATAL_FAILURE(replicate_both_ways(device));
    ASSERT_EQ(contents(*devices[0]), there());
    ASSERT_EQ(contents(*devices[1]), there());
  }
}

}  // namespace
}  // namespace couchlet
