// A scenario: what a run simulates. All are started the same way, from a seed.
#pragma once

#include <span>

#include "simulated_run.h"

namespace couchlet {

struct Scenario {
  const char* name;
  // Goes through the run until it is over or has failed.
  void (*play)(SimulatedRun& run);
};

std::span<const Scenario> scenarios();

}  // namespace couchlet
