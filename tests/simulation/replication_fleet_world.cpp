// What happens around the replicas: others write, promote, delete; the weather.
#include <cstdint>
#include <limits>

#include "replication_fleet.h"

namespace couchlet {

namespace {

constexpr size_t kSecondUs = 1'000'000;

// A live replication sees that its server's database is another one by the sequences, if they tell,
// or because there is none while a longpoll ends. A request that is on its way for long must not be
// the first to meet the new one.
int64_t draw_absence_us(SimulatedRun& run, const RemoteTraits& traits) {
  if (traits.has_opaque_sequences) return static_cast<int64_t>(run.between(45, 60) * kSecondUs);
  return static_cast<int64_t>(run.between(120, 180) * kSecondUs);
}

}  // namespace

Task<void> ReplicationFleet::edit_remotely() {
  for (size_t left = plan_.most_remote_edits; left > 0; --left) {
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(3 * kSecondUs)));
    if (!layout_.main().server().has_database()) continue;
    edits_.edit_remotely(layout_.main(), edits_.draw_id());
  }
  --at_work_;
  changed_.signal();
}

Task<void> ReplicationFleet::promote_now_and_then() {
  while (plan_.kind == ReplicationPlan::Kind::kSplit && !has_arrived_) {
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(5 * kSecondUs)));
    promoter_.promote();
  }
}

// What others have written there is gone with it, if no replica has it.
Task<void> ReplicationFleet::recreate_databases() {
  for (size_t left = plan_.recreations; left > 0; --left) {
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(40 * kSecondUs)));
    if (at_work_ == 0) co_return;
    auto& remotes = layout_.remotes();
    RemoteSite& site = remotes[run_.random.below(remotes.size())];
    for (RemoteSite& each : remotes) ledger_.forget_acknowledged(each.name());
    site.server().recreate_database(draw_absence_us(run_, site.server().traits()));
  }
}

Task<void> ReplicationFleet::change_weather() {
  while (true) {
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(5 * kSecondUs)));
    if (at_work_ == 0) co_return;
    if (weather_.do_clocks_jump && run_.chance(500)) {
      const int64_t by_ms = static_cast<int64_t>(run_.random.below(200'000)) - 100'000;
      run_.note("the wall clock jumps by ", by_ms, " ms");
      run_.time.move_wall_clock(by_ms);
    }
    if (!weather_.is_disk_small) continue;
    for (const Replica& replica : layout_.replicas()) {
      const uint64_t room = run_.chance(400) ? run_.random.below(50'000) : 100'000'000;
      replica.disk->set_capacity(replica.disk->used() + room);
    }
  }
}

void ReplicationFleet::clear_weather() {
  run_.note("the weather clears");
  weather_ = fair_weather();
  tells_of_faults_ = network_weather_.has_faults();
  network_weather_ = NetworkWeather();
  for (const Replica& replica : layout_.replicas()) {
    replica.disk->set_capacity(std::numeric_limits<uint64_t>::max());
  }
}

}  // namespace couchlet
