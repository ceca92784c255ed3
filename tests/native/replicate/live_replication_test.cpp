// Replications that stay: they wait for changes, and for a network that comes back.
#include <functional>

#include "replicate/replication_fixture.h"

namespace couchlet {
namespace {

constexpr int64_t kSecond = 1000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;

class LiveReplication : public ReplicationFixture, public testing::WithParamInterface<ChangesFeed> {
 protected:
  ReplicationOptions live() const {
    ReplicationOptions options = ReplicationFixture::live();
    options.live_feed = GetParam();
    return options;
  }

  // Moves time on in steps, as timers fire one after another.
  void pass(int64_t milliseconds) { clock.advance(milliseconds); }

  static ReplicationOptions by_tens() {
    ReplicationOptions options;
    options.batch_size = 10;
    return options;
  }
  // How long it takes, in milliseconds.
  int64_t time_to_end(const RunningReplication& run) {
    const int64_t began = clock.now_ms();
    while (!run.result) pass(10);
    return clock.now_ms() - began;
  }

  static std::string status(const RunningReplication& run) {
    if (!run.result) return "running";
    return run.result->ok() ? (*run.result)->status : run.result->error().name;
  }
};

INSTANTIATE_TEST_SUITE_P(By, LiveReplication,
                         testing::Values(ChangesFeed::kLongpoll, ChangesFeed::kContinuous),
                         [](const auto& feed) {
                           return feed.param == ChangesFeed::kLongpoll ? "longpoll" : "continuous";
                         });

TEST_P(LiveReplication, pull_waits_for_the_next_change_of_the_server) {
  put_many(*server.database(), 3);
  const auto run = start_pull(live());
  EXPECT_EQ(run->take_told(), "active, change 3, paused, checkpoint");
  put_there(R"({"_id":"new"})");
  EXPECT_EQ(run->take_told(), "active, change 4, paused, checkpoint");
  EXPECT_EQ(here(), there());
  EXPECT_EQ(status(*run), "running");
  run->replicator.cancel();
  EXPECT_EQ(status(*run), "cancelled");
}

TEST_P(LiveReplication, push_sends_a_local_write_at_once) {
  const auto run = start_push(live());
  EXPECT_EQ(run->take_told(), "paused");
  put_here(R"({"_id":"new"})");
  EXPECT_EQ(run->take_told(), "active, change 1, paused, checkpoint");
  EXPECT_EQ(here(), there());
  run->replicator.cancel();
  EXPECT_EQ(status(*run), "cancelled");
}

TEST_P(LiveReplication, what_is_written_while_a_push_is_under_way_goes_together) {
  const auto run = start_push(live());
  network->latency_ms = 100;
  for (int i = 0; i < 10; ++i) put_here(R"({"_id":"doc)" + std::to_string(i) + "\"}");
  pass(kSecond);
  EXPECT_EQ(here(), there());
  EXPECT_EQ(server.count("POST /_bulk_docs"), 2u);
  run->replicator.cancel();
}

TEST_P(LiveReplication, both_ways_at_once_comes_to_rest) {
  put_many(*local, 3);
  put_there(R"({"_id":"theirs"})");
  const auto down = start_pull(live());
  const auto up = start_push(live());
  EXPECT_EQ(here(), there());
  const size_t before = network->requests;
  put_here(R"({"_id":"one"})");
  put_there(R"({"_id":"two"})");
  EXPECT_EQ(here(), there());
  EXPECT_LT(network->requests - before, 20u);
  const size_t at_rest = network->requests;
  pass(kMinute);
  EXPECT_EQ(network->requests, at_rest) << "nothing more is asked while nothing happens";
  down->replicator.cancel();
  up->replicator.cancel();
}

TEST_P(LiveReplication, waits_out_a_network_that_is_away_and_tells_of_it_once) {
  put_many(*server.database(), 3);
  const auto run = start_pull(live());
  run->take_told();
  network->take_down();
  EXPECT_EQ(run->take_told(), "paused network");
  const size_t before = network->requests;
  pass(kHour);
  EXPECT_EQ(run->take_told(), "");
  const size_t attempts = network->requests - before;
  EXPECT_GE(attempts, 25u);
  EXPECT_LE(attempts, 80u) << "half a minute to two minutes apart, but for the first";

  put_there(R"({"_id":"meanwhile"})");
  network->is_down = false;
  pass(2 * kMinute);
  EXPECT_EQ(run->take_told(), "active, change 4, paused, checkpoint");
  EXPECT_EQ(here(), there());
  run->replicator.cancel();
}

TEST_P(LiveReplication, wake_ends_the_back_off) {
  const auto run = start_push(live());
  network->take_down();
  put_here(R"({"_id":"offline"})");
  pass(kHour);
  network->is_down = false;
  EXPECT_EQ(count_there(), 0u);
  run->replicator.wake();
  EXPECT_EQ(count_there(), 1u);
  EXPECT_EQ(run->take_told(), "paused, paused network, active, change 1, paused, checkpoint");
  run->replicator.cancel();
}

TEST_P(LiveReplication, starts_offline) {
  network->is_down = true;
  const auto run = start_pull(live());
  EXPECT_EQ(run->take_told(), "paused network");
  put_there(R"({"_id":"a"})");
  network->is_down = false;
  pass(kSecond);
  EXPECT_EQ(run->take_told(), "active, change 1, paused, checkpoint");
  run->replicator.cancel();
}

TEST_P(LiveReplication, without_retry_an_error_ends_it) {
  ReplicationOptions options = live();
  options.retry = false;
  const auto run = start_pull(options);
  EXPECT_EQ(run->take_told(), "paused");
  network->take_down();
  EXPECT_EQ(status(*run), "network");
  EXPECT_EQ(run->take_told(), "");
}

TEST_P(LiveReplication, a_proxy_that_closes_what_seems_idle_goes_unnoticed) {
  const auto run = start_pull(live());
  run->take_told();
  for (int i = 0; i < 5; ++i) {
    pass(30 * kSecond);
    network->cut();
  }
  put_there(R"({"_id":"a"})");
  EXPECT_EQ(run->take_told(), "active, change 1, paused, checkpoint");
  run->replicator.cancel();
}

TEST_P(LiveReplication, a_server_that_is_silent_is_given_up) {
  const auto run = start_pull(live());
  run->take_told();
  network->every = Fault::kSilent;
  network->cut();
  EXPECT_EQ(run->take_told(), "");
  pass(3 * kMinute);
  EXPECT_EQ(run->take_told(), "paused timeout");
  network->every = Fault::kNone;
  put_there(R"({"_id":"a"})");
  pass(5 * kMinute);
  EXPECT_EQ(here(), there());
  run->replicator.cancel();
}

TEST_P(LiveReplication, a_server_that_does_not_wait_in_longpolls_is_not_asked_all_the_time) {
  server.waits_in_longpolls = false;
  const auto run = start_pull(live());
  const size_t before = network->requests;
  pass(kMinute);
  EXPECT_LE(network->requests - before, 60u);
  put_there(R"({"_id":"a"})");
  pass(kSecond);
  EXPECT_EQ(here(), there());
  run->replicator.cancel();
  EXPECT_EQ(status(*run), "cancelled");
}

TEST_P(LiveReplication, retry_after_is_heeded) {
  const auto run = start_pull(live());
  network->every = Fault::kBusy;  // "Retry-After: 30"
  network->cut();
  pass(2 * kSecond);  // the first attempt after the cut
  EXPECT_EQ(run->take_told(), "paused, paused service_unavailable");
  network->every = Fault::kNone;
  const size_t before = network->requests;
  pass(27 * kSecond);
  EXPECT_EQ(network->requests, before);
  pass(10 * kSecond);
  EXPECT_GT(network->requests, before);
  EXPECT_EQ(run->take_told(), "active, paused");
  run->replicator.cancel();
}

TEST_P(LiveReplication, who_is_not_let_in_is_told_and_does_not_wait) {
  const auto run = start_push(live());
  run->take_told();
  network->every = Fault::kUnauthorized;
  put_here(R"({"_id":"a"})");
  EXPECT_EQ(status(*run), "unauthorized");
  EXPECT_EQ(run->take_told(), "");

  network->every = Fault::kNone;  // the app has logged in again
  const auto again = start_push(live());
  EXPECT_EQ(here(), there());
  again->replicator.cancel();
}

// Passes what there is until it is broken.
class BreakableFilter final : public ChangeFilter {
 public:
  Result<std::vector<bool>> passing(const std::vector<std::string_view>& documents) override {
    if (is_broken) return errors::bad_request("Filter function threw: Error: oops");
    return std::vector<bool>(documents.size(), true);
  }
  bool has_failed() const override { return is_broken; }

  bool is_broken = false;
};

TEST_P(LiveReplication, a_filter_that_fails_ends_it) {
  const auto filter = std::make_shared<BreakableFilter>();
  const auto run = std::make_unique<RunningReplication>(std::make_unique<LocalPeer>(local, filter),
                                                        remote_peer(), live(), clock, random);
  put_here(R"({"_id":"a"})");
  EXPECT_EQ(count_there(), 1u);
  filter->is_broken = true;
  put_here(R"({"_id":"b"})");
  EXPECT_EQ(status(*run), "bad_request");
}

TEST_P(LiveReplication, a_filter_that_fails_on_what_a_server_sends_ends_it) {
  const auto filter = std::make_shared<BreakableFilter>();
  filter->is_broken = true;
  put_there(R"({"_id":"a"})");
  auto source = std::make_unique<HttpPeer>(std::make_unique<SimulatedClient>(server, network),
                                           SimulatedServer::kUrl, 60000, filter);
  const RunningReplication run(std::move(source), local_peer(), live(), clock, random);
  EXPECT_EQ(status(run), "bad_request");
}

TEST_P(LiveReplication, changes_that_are_here_already_are_no_work_to_tell_of) {
  const auto down = start_pull(live());
  down->take_told();
  const auto up = start_push(live());
  put_here(R"({"_id":"a"})");
  EXPECT_EQ(here(), there());
  EXPECT_EQ(down->take_told(), "checkpoint") << "the server tells of what it was sent";
  up->replicator.cancel();
  down->replicator.cancel();
}

TEST_P(LiveReplication, a_captive_portal_is_an_outage_like_others) {
  const auto run = start_pull(live());
  run->take_told();
  network->every = Fault::kPortal;
  network->cut();
  pass(10 * kSecond);
  EXPECT_EQ(run->take_told(), "paused bad_response");
  put_there(R"({"_id":"a"})");
  network->every = Fault::kNone;
  pass(kMinute);
  EXPECT_EQ(here(), there());
  run->replicator.cancel();
}

TEST_P(LiveReplication, a_database_that_is_deleted_and_made_again_gets_everything_again) {
  put_many(*local, 3);
  const auto up = start_push(live());
  const auto down = start_pull(live());
  server.remove_database();
  put_here(R"({"_id":"while it is gone"})");
  pass(kMinute);
  EXPECT_NE(up->take_told().find("paused not_found"), std::string::npos);
  EXPECT_EQ(status(*up), "running");
  server.create_database();
  put_there(R"({"_id":"in the new one"})");
  pass(3 * kMinute);
  EXPECT_EQ(here(), there());
  EXPECT_EQ(count_there(), 5u);
  up->replicator.cancel();
  down->replicator.cancel();
}

TEST_P(LiveReplication, several_requests_at_once_may_find_out_that_gzip_is_refused) {
  server.refusal_of_gzip = 415;
  network->latency_ms = 10;
  put_many(*local, 90);
  ReplicationOptions options;
  options.batch_size = 30;
  const auto run = start_push(options);
  pass(kMinute);
  EXPECT_EQ(status(*run), "complete");
  EXPECT_EQ(here(), there());
}

TEST_P(LiveReplication, a_database_that_is_made_anew_while_nothing_is_asked_gets_everything_again) {
  put_many(*local, 3);
  for (const bool writes_local_over : {false, true}) {
    server.writes_local_over = writes_local_over;
    const auto up = start_push(live());
    server.create_database();
    put_here(writes_local_over ? R"({"_id":"first"})" : R"({"_id":"second"})");
    pass(kMinute);
    EXPECT_EQ(here(), there()) << writes_local_over;
    EXPECT_EQ(status(*up), "running");
    up->replicator.cancel();
  }
}

TEST_P(LiveReplication, a_database_made_anew_before_the_first_checkpoint_gets_everything_again) {
  server.writes_local_over = true;
  put_many(*local, 30);
  network->latency_ms = 100;
  ReplicationOptions options = live();
  options.batch_size = 10;
  const auto up = start_push(options);
  while (server.count("POST /_bulk_docs") == 0) pass(1);
  server.create_database();
  pass(kMinute);
  EXPECT_EQ(here(), there());
  up->replicator.cancel();
}

TEST_P(LiveReplication,
       check_finds_that_a_database_was_made_anew_though_there_is_nothing_to_carry) {
  put_many(*local, 3);
  const auto up = start_push(live());
  pass(kMinute);
  const size_t at_rest = network->requests;
  up->replicator.check();
  EXPECT_EQ(network->requests, at_rest + 1) << "all is as it was";
  server.create_database();
  up->replicator.check();
  pass(kMinute);
  EXPECT_EQ(here(), there());
  EXPECT_EQ(status(*up), "running");
  up->replicator.cancel();
}

TEST_P(LiveReplication, a_retry_goes_on_where_it_was_and_not_at_the_checkpoint) {
  ReplicationOptions options = live();
  options.batch_size = 10;
  put_many(*server.database(), 100);
  // A page in the middle, and again at once; the checkpoint is after the first one.
  network->faults = {{8, Fault::kLost}, {9, Fault::kLost}};
  const auto run = start_pull(options);
  pass(2 * kSecond);
  EXPECT_EQ(here(), there());
  EXPECT_NE(run->take_told().find("change 100"), std::string::npos) << "nothing was written twice";
  EXPECT_EQ(server.count("GET /_changes"), 11u) << "ten pages once each, and a longpoll";
  run->replicator.cancel();
}

TEST_P(LiveReplication, what_could_not_be_carried_is_tried_again_though_no_wait_ends) {
  server.survives = [](std::string_view document) {
    return document.find("\"a\"") == std::string_view::npos;
  };
  put_here(R"({"_id":"a"})");
  put_here(R"({"_id":"b"})");
  ReplicationOptions options = live();
  options.timeout_ms = 0;
  const auto run = start_push(options);
  pass(kSecond);
  EXPECT_EQ(run->take_told(), "active, denied a, change 1, paused, checkpoint");
  server.survives = nullptr;
  pass(4 * kMinute);
  EXPECT_EQ(count_there(), 1u);
  pass(2 * kMinute);
  EXPECT_EQ(count_there(), 2u);
  EXPECT_EQ(run->take_told(), "active, change 2, paused");
  const size_t at_rest = network->requests;
  pass(kHour);
  EXPECT_EQ(network->requests, at_rest);
  run->replicator.cancel();
  EXPECT_EQ(status(*run), "cancelled");
}

TEST_P(LiveReplication, cancel_ends_it_at_once_wherever_it_waits) {
  put_many(*server.database(), 30);
  network->latency_ms = 100;
  ReplicationOptions options = live();
  options.batch_size = 10;
  // Cancelled after each tenth of a round trip, until it is at rest in its longpoll.
  for (int64_t moment = 0; moment <= 1200; moment += 10) {
    local = new_database();
    const auto run = start_pull(options);
    pass(moment);
    ASSERT_EQ(status(*run), "running");
    run->replicator.cancel();
    ASSERT_EQ(status(*run), "cancelled") << moment;
    run->take_told();
    pass(kMinute);
    ASSERT_EQ(run->take_told(), "") << "it is over";
  }
}

TEST_P(LiveReplication, cancel_ends_a_back_off_and_a_dead_request) {
  network->is_down = true;
  const auto waiting = start_pull(live());
  waiting->replicator.cancel();
  EXPECT_EQ(status(*waiting), "cancelled");

  network->is_down = false;
  network->every = Fault::kSilent;
  const auto silent = start_push(live());
  silent->replicator.cancel();
  EXPECT_EQ(status(*silent), "cancelled");
}

TEST_P(LiveReplication, a_listener_may_cancel_at_any_event) {
  put_many(*local, 2);
  server.validate = [](std::string_view document) {
    return document.find("doc1001") == std::string_view::npos;
  };
  for (const char* at : {"active", "denied doc1001", "change 1", "paused", "checkpoint"}) {
    server.create_database();
    local = new_database();
    put_many(*local, 2);
    RunningReplication* running = nullptr;
    bool was_told = false;
    auto run = start_push(live());  // runs to its rest before a listener can be set
    run->replicator.cancel();

    server.create_database();
    network->latency_ms = 10;
    run = start_push(live());
    running = run.get();
    run->on_told = [&](const std::string& what) {
      if (what != at) return;
      was_told = true;
      running->replicator.cancel();
    };
    pass(kSecond);
    EXPECT_TRUE(was_told) << at;
    EXPECT_EQ(status(*run), "cancelled") << at;
    network->latency_ms = 0;
  }
}

TEST_P(LiveReplication, a_replication_may_be_dropped_where_its_end_is_told) {
  put_many(*server.database(), 2);
  auto run = start_pull(live());
  struct Owner {
    std::unique_ptr<Replicator> replicator;
    bool has_ended = false;
    Task<void> run() {
      (void)co_await replicator->run();
      has_ended = true;
      replicator.reset();
    }
  } owner;
  owner.replicator = std::make_unique<Replicator>(remote_peer(), local_peer(), live(),
                                                  ReplicationEvents{}, clock, random);
  spawn(owner.run());
  owner.replicator->cancel();
  EXPECT_TRUE(owner.has_ended);
  run->replicator.cancel();
}

TEST_P(LiveReplication, the_wire_is_not_idle_between_pages) {
  for (int i = 0; i < 100; ++i) {
    const std::string id = "doc" + std::to_string(1000 + i);
    const std::string rev = put_there(R"({"_id":")" + id + "\"}");
    put_there(R"({"_id":")" + id + R"(","_rev":")" + rev + R"(","n":2})");
  }
  network->latency_ms = 100;
  const int64_t took_ms = time_to_end(*start_pull(by_tens()));
  EXPECT_EQ(here(), there());
  // A checkpoint, ten pages (each tells where the next begins), the last page's documents, a
  // checkpoint; the documents of the other pages come meanwhile.
  EXPECT_LE(took_ms, 15 * network->latency_ms);
  EXPECT_EQ(server.count("POST /_bulk_get"), 10u);
}

// What a live pull asks a server for by a continuous feed.
class ContinuousReplication : public ReplicationFixture {
 protected:
  static ReplicationOptions continuous() {
    ReplicationOptions options = live();
    options.live_feed = ChangesFeed::kContinuous;
    return options;
  }
  void put_several_there(int count) {
    for (int i = 0; i < count; ++i) put_there(R"({"_id":"new)" + std::to_string(i) + "\"}");
  }
};

TEST_F(ContinuousReplication, changes_one_after_another_take_one_request) {
  const auto run = start_pull(continuous());
  run->take_told();
  ASSERT_EQ(server.count("GET /_changes"), 2u) << "what there is, and what will be";
  for (int i = 1; i <= 20; ++i) {
    put_there(R"({"_id":"new)" + std::to_string(i) + "\"}");
    ASSERT_EQ(count_here(), static_cast<uint64_t>(i));
  }
  EXPECT_EQ(server.count("GET /_changes"), 2u);
  EXPECT_EQ(here(), there());
  run->replicator.cancel();
}

TEST_F(ContinuousReplication, what_comes_while_a_batch_is_under_way_goes_together) {
  const auto run = start_pull(continuous());
  network->latency_ms = 100;
  const std::string rev = put_there(R"({"_id":"old"})");
  clock.advance(kSecond);
  put_there(R"({"_id":"old","_rev":")" + rev + "\"}");  // is fetched, which takes its time
  clock.advance(50);
  put_several_there(10);
  clock.advance(kSecond);
  EXPECT_EQ(here(), there());
  EXPECT_NE(run->take_told().find("change 2, paused, active, change 12, paused"),
            std::string::npos);
  run->replicator.cancel();
}

TEST_F(ContinuousReplication, more_than_a_batch_is_asked_for_as_pages) {
  ReplicationOptions options = continuous();
  options.batch_size = 10;
  const auto run = start_pull(options);
  network->latency_ms = 100;
  const std::string rev = put_there(R"({"_id":"old"})");
  clock.advance(kSecond);
  put_there(R"({"_id":"old","_rev":")" + rev + "\"}");
  clock.advance(50);
  put_several_there(35);
  clock.advance(kMinute);
  EXPECT_EQ(here(), there());
  const size_t asked = server.count("GET /_changes");
  EXPECT_GE(asked, 2u + 3u);
  put_there(R"({"_id":"the last one"})");
  EXPECT_EQ(here(), there());
  EXPECT_EQ(server.count("GET /_changes"), asked) << "and then by the feed again";
  run->replicator.cancel();
}

TEST_F(ContinuousReplication, a_server_without_it_is_asked_by_longpoll) {
  server.has_continuous_feed = false;
  const auto run = start_pull(continuous());
  for (int i = 0; i < 3; ++i) {
    put_there(R"({"_id":"new)" + std::to_string(i) + "\"}");
    clock.advance(2 * kSecond);
    EXPECT_EQ(here(), there());
  }
  EXPECT_LE(server.count("GET /_changes"), 7u);
  run->replicator.cancel();
}

TEST_F(ContinuousReplication, is_for_what_is_waited_for_alone) {
  put_many(*server.database(), 3);
  ReplicationOptions options = continuous();
  options.live = false;
  ASSERT_TRUE(pull(options).ok());
  EXPECT_EQ(server.count("GET /_changes"), 1u);
}

TEST_P(LiveReplication, it_is_not_idle_while_the_server_writes) {
  put_many(*local, 100);
  network->latency_ms = 100;
  const int64_t took_ms = time_to_end(*start_push(by_tens()));
  EXPECT_EQ(here(), there());
  EXPECT_EQ(server.count("POST /_bulk_docs"), 10u);
  // A checkpoint, what is missing, the first batch, nine batches by twos, a checkpoint.
  EXPECT_LE(took_ms, 10 * network->latency_ms);
}

}  // namespace
}  // namespace couchlet
