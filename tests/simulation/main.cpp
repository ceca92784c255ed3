// couchlet_simulation: simulated runs, one for each seed.
//
//   couchlet_simulation [store|database|replication]     all scenarios, or one of them
//     --seeds FROM..TO     these seeds (without it: 1..100)
//     --seed N             this one, with its last lines
//     --lines N            how many of them (without it: 100)
//     --soak               from a random seed on until stopped, telling now and then how it goes
//     --report FILE        where to write how many runs there were, as JSON
//
// The first run that fails ends the program with 1: its seed is told, what was seen, and what
// happened before. The same seed fails in the same way, in every build of the same sources.
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "scenario.h"
#include "simulated_run.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/common_interface_defs.h>
#define COUCHLET_SANITIZED
#endif
#endif

namespace couchlet {
namespace {

struct Request {
  std::string scenario;  // "": all
  uint64_t first_seed = 1;
  uint64_t last_seed = 100;
  size_t lines = 100;
  bool shows_lines = false;  // also of a run that passes
  bool soaks = false;
  std::string report;
};

// A run that ends the process, by a signal or a sanitizer, must tell its seed as well.
const char* playing_scenario = "";
uint64_t playing_seed = 0;

void tell_playing() {
  char text[200];
  const int size = std::snprintf(text, sizeof text, "\nIn: couchlet_simulation %s --seed %llu\n",
                                 playing_scenario, static_cast<unsigned long long>(playing_seed));
  if (write(STDERR_FILENO, text, static_cast<size_t>(size)) < 0) std::_Exit(1);
}

void on_signal(int signal) {
  tell_playing();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void tell_seed_on_death() {
#ifdef COUCHLET_SANITIZED
  __sanitizer_set_death_callback(tell_playing);
  std::signal(SIGABRT, on_signal);
#else
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE})
    std::signal(signal, on_signal);
#endif
}

class Player {
 public:
  explicit Player(const Request& request) : request_(request) {}

  // One seed of each scenario. The process ends with the first that fails.
  void play(uint64_t seed) {
    for (const Scenario& scenario : scenarios()) {
      if (!request_.scenario.empty() && request_.scenario != scenario.name) continue;
      play(scenario, seed);
    }
  }

  uint64_t runs() const { return runs_; }

  void tell_counts() const {
    for (const auto& [what, count] : counts_) {
      std::printf("%12llu  %s\n", static_cast<unsigned long long>(count), what.c_str());
    }
    std::fflush(stdout);
  }

 private:
  void play(const Scenario& scenario, uint64_t seed) {
    playing_scenario = scenario.name;
    playing_seed = seed;
    SimulatedRun run(seed, request_.shows_lines ? request_.lines : 0);
    scenario.play(run);
    if (run.has_failed()) fail(scenario, seed, run);
    if (request_.shows_lines) tell_lines(run);
    ++runs_;
    for (const auto& [what, count] : run.counts()) {
      counts_[std::string(scenario.name) + ": " + what] += count;
    }
  }

  [[noreturn]] void fail(const Scenario& scenario, uint64_t seed, const SimulatedRun& failed) {
    SimulatedRun again(seed, request_.lines);
    scenario.play(again);
    tell_lines(again);
    if (again.failure() != failed.failure()) {
      std::printf("The same seed goes another way the second time: %s\n",
                  again.has_failed() ? again.failure().c_str() : "no failure");
    }
    std::printf("%s\n\nFAILED after %llu runs. Again: couchlet_simulation %s --seed %llu\n",
                failed.failure().c_str(), static_cast<unsigned long long>(runs_), scenario.name,
                static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    std::_Exit(1);  // what still waits in the run is left behind
  }

  static void tell_lines(const SimulatedRun& run) {
    for (const std::string& line : run.lines()) std::printf("%s\n", line.c_str());
  }

  const Request& request_;
  uint64_t runs_ = 0;
  std::map<std::string, uint64_t> counts_;
};

template <typename Number>
bool read_number(std::string_view text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stopped == end && !text.empty();
}

bool read_seeds(std::string_view text, Request& request) {
  const size_t dots = text.find("..");
  return dots != std::string_view::npos && read_number(text.substr(0, dots), request.first_seed) &&
         read_number(text.substr(dots + 2), request.last_seed);
}

bool is_scenario(std::string_view name) {
  for (const Scenario& scenario : scenarios()) {
    if (name == scenario.name) return true;
  }
  return false;
}

std::optional<Request> read_request(const std::vector<std::string_view>& arguments) {
  Request request;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    const std::string_view value = i + 1 < arguments.size() ? arguments[i + 1] : "";
    bool is_right = true;
    if (name == "--soak") {
      request.soaks = true;
    } else if (is_scenario(name)) {
      request.scenario = name;
    } else {
      ++i;
      if (name == "--seed") {
        is_right = read_number(value, request.first_seed);
        request.last_seed = request.first_seed;
        request.shows_lines = true;
      } else if (name == "--seeds") {
        is_right = read_seeds(value, request);
      } else if (name == "--lines") {
        is_right = read_number(value, request.lines) && request.lines > 0;
      } else if (name == "--report") {
        request.report = value;
      } else {
        is_right = false;
      }
    }
    if (!is_right) return std::nullopt;
  }
  return request;
}

[[noreturn]] void soak(Player& player) {
  using std::chrono::steady_clock;
  uint64_t seed = std::random_device{}();
  auto told = steady_clock::now();
  while (true) {
    player.play(seed++);
    if (steady_clock::now() - told < std::chrono::seconds(10)) continue;
    told = steady_clock::now();
    std::printf("%llu runs, the last of seed %llu\n",
                static_cast<unsigned long long>(player.runs()),
                static_cast<unsigned long long>(seed - 1));
    std::fflush(stdout);
  }
}

int simulate(const Request& request) {
  tell_seed_on_death();
  Player player(request);
  if (request.soaks) soak(player);
  for (uint64_t seed = request.first_seed; seed <= request.last_seed; ++seed) player.play(seed);
  player.tell_counts();
  std::printf("%llu runs passed\n", static_cast<unsigned long long>(player.runs()));
  if (!request.report.empty())
    std::ofstream(request.report) << "{\"runs\":" << player.runs() << "}\n";
  return player.runs() > 0 ? 0 : 1;
}

}  // namespace
}  // namespace couchlet

int main(int count, char** arguments) {
  const auto request = couchlet::read_request({arguments + 1, arguments + count});
  if (request) return couchlet::simulate(*request);
  std::fputs(
      "couchlet_simulation [store|database|replication] [--seeds FROM..TO | --seed N | --soak]\n"
      "                    [--lines N] [--report FILE]\n",
      stderr);
  return 2;
}
