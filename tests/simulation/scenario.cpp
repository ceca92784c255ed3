#include "scenario.h"

#include "database_fleet.h"
#include "replication_fleet.h"
#include "store_fleet.h"

namespace couchlet {

namespace {

// More than any run needs by far: one that gets here turns in a circle.
constexpr size_t kMostEvents = 3'000'000;
constexpr int64_t kMostUs = 24 * 3'600'000'000;

template <typename Fleet>
void play(SimulatedRun& run) {
  Fleet fleet(run);
  spawn(fleet.sail());
  size_t events = 0;
  while (!run.has_failed() && run.time.resume_next()) {
    if (++events == kMostEvents) run.fail("It never ends: something is tried again and again");
    if (run.time.now_us() > kMostUs) break;
  }
  if (!fleet.has_arrived()) run.fail("It stands still: " + fleet.who_works());
  run.count("events", events);
}

constexpr Scenario kScenarios[] = {
    {"store", play<StoreFleet>},
    {"database", play<DatabaseFleet>},
    {"replication", play<ReplicationFleet>},
};

}  // namespace

std::span<const Scenario> scenarios() { return kScenarios; }

}  // namespace couchlet
