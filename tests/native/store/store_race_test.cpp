// Several contexts write one database at once, with calls and news that overtake each other, fail
// and stop in the middle, all from one seed. Afterwards the log is replayed into a plain map,
// commit by commit, and every decision must have seen exactly the state of that map in its place.
//
// The commits are transfers between accounts, so that each state also has a sum that must be right.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/seeded_random.h"
#include "store/log_reader.h"
#include "store/open_store.h"
#include "store/store.h"

namespace couchlet {
namespace {

using Map = std::map<std::string, std::string>;

constexpr int kAccounts = 5;
constexpr int kTotal = kAccounts * 10;

std::string account(size_t which) { return "account" + std::to_string(which); }

// What the last run of one commit's decision has read and put.
struct Transfer {
  size_t order = 0;  // of that run among all
  Map seen;
  Map put;
  std::string answer = "(none yet)";
};

struct Rates {
  size_t fault_percent = 0;
  size_t crash_per_mille = 0;
  size_t lost_news_percent = 0;
};

class Race {
 public:
  Race(uint64_t seed, Rates rates) : random_(seed), rates_(rates) {}

  void run() {
    open_accounts();
    for (int i = 0; i < 3; ++i) {
      contexts_.push_back(std::make_unique<Context>());
      spawn(live(*contexts_.back()));
    }
    while (turns_.waiting() > 0) turns_.give(random_.below(turns_.waiting()));
    EXPECT_EQ(living_, 0);
  }

  void check() {
    const Map state = replay();
    for (const auto& [id, transfer] : transfers_) {
      EXPECT_NE(transfer.answer, "(none yet)") << id;
      const bool is_there = state.count("done " + id) > 0;
      if (transfer.answer == "") EXPECT_TRUE(is_there) << id;
      if (transfer.answer == "conflict" || transfer.answer == "io_error" ||
          transfer.answer == "insufficient_storage" || transfer.answer == "connection_lost") {
        EXPECT_FALSE(is_there) << id << " " << transfer.answer;
      }
    }
    for (const auto& context : contexts_) {
      if (context->faults->is_crashed) continue;
      context->faults->choose = [](size_t) { return Fault::kNone; };
      context->faults->turns = nullptr;
      EXPECT_TRUE(run_task(context->store->catch_up()).ok());
      EXPECT_EQ(scan(*context->store), text_of(state));
    }
    EXPECT_EQ(scan(**run_task(open_store(data_))), text_of(state));
  }

  size_t transfers_done() const {
    return static_cast<size_t>(std::ranges::count_if(
        transfers_, [](const auto& entry) { return entry.second.answer.empty(); }));
  }
  size_t retries() const { return decisions_ - transfers_.size(); }
  size_t crashes() const { return crashes_; }

 private:
  struct Context {
    std::shared_ptr<Faults> faults;
    std::unique_ptr<Store> store;
    int workers = 0;
  };

  void open_accounts() {
    const auto store = *run_task(open_store(data_));
    const auto decide = [](WriteView& view) -> Task<Result<void>> {
      for (size_t i = 0; i < kAccounts; ++i)
        view.put(account(i), std::to_string(kTotal / kAccounts));
      co_return Result<void>();
    };
    EXPECT_TRUE(run_task(store->commit(decide)).ok());
  }

  // A context's life: opened, some workers, and from the start again where it crashed.
  Task<void> live(Context& context) {
    ++living_;
    while (true) {
      context.store.reset();
      context.faults = std::make_shared<Faults>();
      context.faults->turns = &turns_;
      context.faults->choose = [this](size_t) { return choose_fault(); };
      context.faults->is_news_lost = random_.below(100) < rates_.lost_news_percent;
      auto store = co_await open_store(data_, context.faults);
      if (!store.ok()) continue;
      context.store = *std::move(store);
      break;
    }
    context.workers = 3;
    for (int i = 0; i < 3; ++i) spawn(work(context));
    --living_;
  }

  Task<void> work(Context& context) {
    ++living_;
    for (int i = 0; i < 6 && !context.faults->is_crashed; ++i) {
      const std::string id = std::to_string(++last_id_);
      transfers_[id].answer = outcome(co_await context.store->commit(transferring(id)));
      check_sum(context);
      if (random_.below(8) == 0) (void)co_await context.store->catch_up();
    }
    --living_;
    if (--context.workers == 0 && context.faults->is_crashed && ++crashes_ < 10) {
      spawn(live(context));
    }
  }

  Fault choose_fault() {
    if (random_.below(1000) < rates_.crash_per_mille) {
      return random_.below(2) == 0 ? Fault::kCrashBefore : Fault::kCrashAfter;
    }
    if (random_.below(100) >= rates_.fault_percent) return Fault::kNone;
    constexpr Fault kFaults[] = {Fault::kFailBefore, Fault::kFailAfter, Fault::kRefuse,
                                 Fault::kLoseBefore, Fault::kLoseAfter};
    return kFaults[random_.below(std::size(kFaults))];
  }

  // Moves some of an account to another, and leaves a sign of itself. Too little there: a conflict.
  Store::Decide transferring(const std::string& id) {
    const std::string from = account(random_.below(kAccounts));
    const std::string to = account(random_.below(kAccounts));
    const int amount = 1 + static_cast<int>(random_.below(8));
    const bool is_large = random_.below(40) == 0;
    return [this, id, from, to, amount, is_large](WriteView& view) -> Task<Result<void>> {
      Transfer& transfer = transfers_[id];
      transfer = Transfer();
      transfer.order = ++decisions_;
      for (const std::string& key : {from, to}) {
        CO_TRY_ASSIGN(const auto value, co_await view.get(key));
        transfer.seen[key] = value.value_or("(none)");
      }
      const auto put = [&](const std::string& key, const std::string& value) {
        view.put(key, value);
        transfer.put[key] = value;
      };
      // What an error has changed must not be seen by others, so change something first.
      put(from, std::to_string(std::stoi(transfer.seen[from]) - amount));
      if (std::stoi(transfer.put[from]) < 0) co_return errors::conflict();
      CO_TRY_ASSIGN(const auto now_there, co_await view.get(to));
      put(to, std::to_string(std::stoi(*now_there) + amount));
      put("done " + id, is_large ? std::string(kMaxRecordBytes + 9, 'x') : "");
      co_return Result<void>();
    };
  }

  void check_sum(Context& context) {
    const SnapshotRef snapshot = context.store->snapshot();
    int sum = 0;
    for (size_t i = 0; i < kAccounts; ++i)
      sum += std::stoi(get(*context.store, account(i), snapshot));
    EXPECT_EQ(sum, kTotal);
  }

  // The state after the log's last record, and a check of every decision on the way.
  Map replay() {
    MemoryMedium medium(data_);
    LogReader reader(medium, 1);
    Map state;
    std::set<std::string> done;
    while (true) {
      const auto record = run_task(reader.next());
      EXPECT_TRUE(record.ok());
      if (!record.ok() || !record->has_value()) return state;
      Map after = state;
      std::vector<std::pair<size_t, std::string>> group;
      for (const LogEntry& entry : (*record)->entries) {
        after[std::string(entry.key)] = std::string(entry.value);
        if (!entry.key.starts_with("done ")) continue;
        const std::string id(entry.key.substr(5));
        EXPECT_TRUE(done.insert(id).second) << id << " was committed twice";
        group.emplace_back(transfers_.at(id).order, id);
      }
      std::ranges::sort(group);
      if ((*record)->number == 1) state = after;  // the accounts
      for (const auto& [order, id] : group) {
        const Transfer& transfer = transfers_.at(id);
        for (const auto& [key, value] : transfer.seen) EXPECT_EQ(state[key], value) << id;
        for (const auto& [key, value] : transfer.put) state[key] = value;
      }
      EXPECT_TRUE(state == after) << "record " << (*record)->number;
    }
  }

  static std::string text_of(const Map& map) {
    std::string text;
    for (const auto& [key, value] : map) text += (text.empty() ? "" : " ") + key + "=" + value;
    return text;
  }

  SeededRandom random_;
  Rates rates_;
  std::shared_ptr<MemoryMediumData> data_ = std::make_shared<MemoryMediumData>();
  Turns turns_;
  std::vector<std::unique_ptr<Context>> contexts_;
  std::map<std::string, Transfer> transfers_;
  int last_id_ = 0;
  int living_ = 0;
  size_t decisions_ = 0;
  size_t crashes_ = 0;
};

struct Tally {
  size_t done = 0;
  size_t retries = 0;
  size_t crashes = 0;
};

Tally race(uint64_t seeds, Rates rates) {
  Tally tally;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Race race(seed, rates);
    race.run();
    race.check();
    tally.done += race.transfers_done();
    tally.retries += race.retries();
    tally.crashes += race.crashes();
    if (testing::Test::HasFailure()) break;
  }
  return tally;
}

TEST(StoreRace, contexts_that_overtake_each_other_lose_nothing) {
  const Tally tally = race(60, Rates{0, 0, 50});
  EXPECT_GT(tally.done, 60 * 30U);
  EXPECT_GT(tally.retries, 60U);
}

TEST(StoreRace, nor_with_faults) {
  const Tally tally = race(60, {.fault_percent = 10, .lost_news_percent = 30});
  EXPECT_GT(tally.done, 60 * 20U);
}

TEST(StoreRace, nor_when_they_crash_and_come_back) {
  const Tally tally =
      race(60, {.fault_percent = 5, .crash_per_mille = 30, .lost_news_percent = 30});
  EXPECT_GT(tally.crashes, 60U);
  EXPECT_GT(tally.done, 60 * 20U);
}

}  // namespace
}  // namespace couchlet
