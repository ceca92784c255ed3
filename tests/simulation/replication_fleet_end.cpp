// How a run of a ReplicationFleet ends: the weather clears, and all come to the same.
#include <algorithm>
#include <cstdint>
#include <utility>

#include "replication_fleet.h"

namespace couchlet {

namespace {

constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kMinuteUs = 60 * kSecondUs;

// Within this the longest back-off is over (2 min, and a page in the background wakes a minute
// late), for each step of the longest way: from one replica through others to the server and back.
constexpr int64_t kRecoveryUs = 15 * kMinuteUs;

// Then a live replication asks for nothing but the news: with a longpoll of a minute, and perhaps
// a few requests around it.
constexpr int64_t kQuietMinutes = 5;
constexpr size_t kMostRequestsPerMinute = 4;

// Push, pull, and what the others have pushed; a step more for each replica that others are behind.
constexpr size_t kMostRounds = 4;

}  // namespace

Task<void> ReplicationFleet::agree() {
  clear_weather();
  std::vector<Stationed> lives;
  if (plan_.recovers_alone) {
    co_await take_over_from_crashed();
    co_await settle();
    if (plan_.recreations > 0) co_await edit_everywhere();
    co_await wait_for_recovery();
    lives = survivors_;
  } else {
    co_await settle();
    lives = co_await open_all();
    if (!run_.has_failed()) co_await replicate_all(lives);
  }
  if (!run_.has_failed()) co_await compare(lives);
  for (const Stationed& each : lives) co_await end_life(each.life);
}

// What is on its way may still arrive; a database that is deleted comes back.
Task<void> ReplicationFleet::settle() {
  while (ghosts_ > 0) co_await changed_;
  co_await run_.time.wait(2 * kMinuteUs);
  for (RemoteSite& site : layout_.remotes()) {
    while (!site.server().has_database()) co_await run_.time.wait(kSecondUs);
  }
  tells_of_faults_ = false;
  is_settled_ = plan_.recovers_alone;
}

Task<std::vector<ReplicationFleet::Stationed>> ReplicationFleet::open_all() {
  std::vector<Stationed> lives;
  for (const Station& station : layout_.stations()) {
    LifePtr life = co_await begin_life(station);
    if (life) {
      lives.push_back({&station, std::move(life)});
    } else {
      run_.fail(station.name + " can't be opened in fair weather");
    }
  }
  co_return lives;
}

Task<void> ReplicationFleet::replicate_all(const std::vector<Stationed>& lives) {
  for (size_t round = 0; round < kMostRounds + plan_.replicas; ++round) {
    const Result<uint64_t> written = co_await replicate_once(lives);
    if (!written.ok()) {
      co_return run_.fail("There is no replicating: " + std::to_string(written.error().status) +
                          " " + written.error().name + ": " + written.error().reason);
    }
    if (*written == 0) co_return;
  }
  run_.fail("There is always something left to replicate");
}

// How much was written by that.
Task<Result<uint64_t>> ReplicationFleet::replicate_once(const std::vector<Stationed>& lives) {
  uint64_t written = 0;
  for (const auto& [station, life] : lives) {
    for (const Route& route : station->routes) {
      CO_TRY_ASSIGN(const ReplicationResult done, co_await replications_.run(*life, route, false));
      written += done.docs_written;
    }
  }
  if (plan_.kind == ReplicationPlan::Kind::kSplit) written += promoter_.promote();
  co_return written;
}

// Who has crashed comes back, as an app does that is started again.
Task<void> ReplicationFleet::take_over_from_crashed() {
  std::vector<Stationed> living;
  for (const Stationed& each : std::exchange(survivors_, {})) {
    if (each.life->has_crashed()) {
      spawn(bury(each.life));
    } else {
      living.push_back(each);
    }
  }
  run_.count("lives that go on in fair weather", living.size());
  for (const Station& station : layout_.stations()) {
    const bool is_manned = std::any_of(living.begin(), living.end(), [&](const Stationed& each) {
      return each.station == &station;
    });
    if (is_manned) continue;
    LifePtr life = co_await begin_life(station);
    if (!life) co_return run_.fail(station.name + " can't be opened in fair weather");
    start_replicating(life, station);
    living.push_back({&station, std::move(life)});
  }
  survivors_ = std::move(living);
}

// A live replication whose target was made anew finds that out when it has something to bring
// there.
Task<void> ReplicationFleet::edit_everywhere() {
  for (const auto& [station, life] : survivors_) {
    if (!station->edits) continue;
    const Result<void> done = co_await edits_.edit(*life, plan_.last_id());
    if (!done.ok()) run_.fail(life->name() + " can't be edited: " + done.error().reason);
  }
  for (RemoteSite& site : layout_.remotes()) edits_.edit_remotely(site, plan_.last_id());
}

Task<void> ReplicationFleet::wait_for_recovery() {
  co_await run_.time.wait(kRecoveryUs);
  const size_t requests = network_.requests();
  size_t replications = 0;
  for (const auto& [station, life] : survivors_) replications += station->routes.size();
  co_await run_.time.wait(kQuietMinutes * kMinuteUs);
  const size_t asked = network_.requests() - requests;
  run_.count("requests with nothing to do", asked);
  if (asked > kMostRequestsPerMinute * kQuietMinutes * replications) {
    run_.fail(std::to_string(asked) + " requests are made with nothing to do");
  }
}

Task<void> ReplicationFleet::compare(const std::vector<Stationed>& lives) {
  ReplicationAgreement agreement(run_, plan_, ledger_);
  const RemoteSite& main = layout_.main();
  agreement.look(main.name(), contents_of(main.documents()));
  for (const RemoteSite& site : layout_.remotes()) {
    if (&site == &main) continue;
    if (plan_.kind == ReplicationPlan::Kind::kSplit) {
      agreement.look_at_inbox(site.name(), contents_of(site.documents()), main.name());
    } else {
      agreement.look(site.name(), contents_of(site.documents()));
    }
  }
  for (const auto& [station, life] : lives) {
    if (!station->edits) continue;
    const auto& [replica, database] = life->replicas.front();
    const auto contents = co_await contents_of(*database);
    if (!contents.ok())
      co_return run_.fail(life->name() + " can't be read: " + contents.error().reason);
    agreement.look(replica->name, *contents);
  }
}

}  // namespace couchlet
