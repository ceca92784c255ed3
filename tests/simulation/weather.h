// Weather: how badly a run's storage behaves. Drawn from the seed, so that there are runs in which
// nothing fails and nobody waits long, and runs with a bit of everything.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simulated_run.h"

namespace couchlet {

struct Weather {
  // Of the calls of a medium, in a thousand.
  size_t failing = 0;      // are answered with an error, with or without having had their effect
  size_t losing = 0;       // break the connection
  size_t slow = 0;         // take long
  size_t immediate = 0;    // are answered without any waiting
  size_t crashing = 0;     // in ten thousand: end their context
  int64_t usual_us = 500;  // the most that a call that is not slow waits, twice
  int64_t slow_us = 0;

  size_t lost_news = 0;  // in a thousand
  size_t late_news = 0;
  bool is_disk_small = false;   // it gets full at times
  bool do_clocks_jump = false;  // the wall clock
  bool has_locks = true;        // else every context may merge at any time

  // Whether anything can go wrong that a caller gets to see.
  bool has_faults() const { return failing > 0 || losing > 0 || crashing > 0 || is_disk_small; }
};

Weather draw_weather(SimulatedRun& run);

// What every run ends with: nothing fails any more.
Weather fair_weather();

}  // namespace couchlet
