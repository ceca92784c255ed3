#include "scenario.h"

#include "store_fleet.h"

namespace couchlet {

namespace {

// More than any run needs by far: one that gets here turns in a circle.
constexpr size_t kMostEvents = 3'000'000;

template <typename Fleet>
void play(Run& run) {
  Fleet fleet(run);
  spawn(fleet.sail());
  size_t events = 0;
  while (!run.has_failed() && run.time.resume_next()) {
    if (++events == kMostEvents) run.fail("It never ends: something is tried again and again");
  }
  if (!fleet.has_arrived()) run.fail("It stands still: all wait, and nothing is going to happen");
  run.count("events", events);
}

constexpr Scenario kScenarios[] = {
    {"store", play<StoreFleet>},
};

}  // namespace

std::span<const Scenario> scenarios() { return kScenarios; }

}  // namespace couchlet
