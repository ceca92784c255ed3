#include "network_weather.h"

namespace couchlet {

NetworkWeather draw_network_weather(SimulatedRun& run) {
  NetworkWeather weather;
  weather.usual_us = static_cast<int64_t>(run.between(1, 200)) * 1000;
  if (run.chance(500)) {
    weather.slow = run.between(1, 200);
    weather.slow_us = static_cast<int64_t>(run.between(100, 20'000)) * 1000;
  }
  if (run.chance(200)) return weather;
  if (run.chance(500)) weather.lost_requests = run.between(1, 150);
  if (run.chance(700)) weather.lost_answers = run.between(1, 150);
  if (run.chance(500)) weather.doubled = run.between(1, 200);
  if (run.chance(400)) weather.truncated = run.between(1, 100);
  if (run.chance(400)) weather.cut = run.between(1, 100);
  if (run.chance(500)) weather.corrupted = run.between(1, 300);
  if (run.chance(300)) weather.foreign = run.between(1, 100);
  if (run.chance(400)) weather.unavailable = run.between(1, 100);
  if (run.chance(300)) weather.limited = run.between(1, 50);
  if (run.chance(200)) weather.unauthorized = run.between(1, 20);
  if (run.chance(500)) weather.silent = run.between(0, 1000);
  if (run.chance(500)) weather.server_crashing = run.between(1, 200);
  if (run.chance(500)) weather.client_crashing = run.between(1, 200);
  return weather;
}

}  // namespace couchlet
