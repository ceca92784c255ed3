// NetworkWeather: how badly the network between replicas and their server behaves, and the server
// itself. Drawn from the seed, as the weather of the storage is.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simulated_run.h"

namespace couchlet {

struct NetworkWeather {
  // Of the requests, in a thousand.
  size_t lost_requests = 0;  // never reach the server
  size_t lost_answers = 0;   // were carried out, of which nobody hears
  size_t doubled = 0;        // reach the server a second time, later
  size_t truncated = 0;      // the answer's body ends early, or that of attachments that are sent
  size_t cut = 0;            // the connection breaks in the middle of such a body
  size_t corrupted = 0;      // a byte of an attachment is another one
  size_t foreign = 0;        // are answered by a captive portal, with a page
  size_t unavailable = 0;    // are answered 503 by a proxy
  size_t limited = 0;        // are answered 429 by the server
  size_t unauthorized = 0;   // are answered 401 by the server
  size_t silent = 0;         // of those that are lost: nobody says so, until the time is over
  size_t slow = 0;           // take long, each way
  int64_t usual_us = 500;
  int64_t slow_us = 0;

  // In ten thousand: of the server's steps, after which it is down for a while; and of the ways of
  // a request, on which its client's context ends.
  size_t server_crashing = 0;
  size_t client_crashing = 0;

  bool has_faults() const {
    return lost_requests > 0 || lost_answers > 0 || doubled > 0 || truncated > 0 || cut > 0 ||
           corrupted > 0 || foreign > 0 || unavailable > 0 || limited > 0 || unauthorized > 0 ||
           server_crashing > 0;
  }
};

NetworkWeather draw_network_weather(SimulatedRun& run);

}  // namespace couchlet
