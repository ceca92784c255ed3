#include "weather.h"

namespace couchlet {

Weather draw_weather(SimulatedRun& run) {
  Weather weather;
  weather.usual_us = static_cast<int64_t>(run.between(1, 10)) * 300;
  weather.immediate = run.chance(300) ? run.between(0, 1000) : 0;
  if (run.chance(500)) {
    weather.slow = run.between(1, 100);
    weather.slow_us = static_cast<int64_t>(run.between(10, 20'000)) * 1000;
  }
  if (run.chance(500)) weather.lost_news = run.between(0, 1000);
  if (run.chance(500)) weather.late_news = run.between(0, 500);
  weather.has_locks = run.chance(700);
  weather.do_clocks_jump = run.chance(300);
  if (run.chance(200)) return weather;
  if (run.chance(600)) weather.failing = run.between(1, 100);
  if (run.chance(500)) weather.losing = run.between(1, 100);
  if (run.chance(700)) weather.crashing = run.between(1, 200);
  weather.is_disk_small = run.chance(250);
  return weather;
}

Weather fair_weather() { return {}; }

}  // namespace couchlet
