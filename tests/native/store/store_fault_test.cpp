// Every call that a store makes of its medium is made to fail, one after another, in each way there
// is, while other contexts write in between. Whatever happens: who was told of success finds the
// commit; who was told of an error does not, unless the error says that the outcome is unknown; and
// once the medium works again, so does the store.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/open_store.h"
#include "store/started_task.h"
#include "store/store.h"

namespace couchlet {
namespace {

std::string name_of(Fault fault) {
  switch (fault) {
    case Fault::kNone:
      return "none";
    case Fault::kFailBefore:
      return "fail before";
    case Fault::kFailAfter:
      return "fail after";
    case Fault::kRefuse:
      return "refuse";
    case Fault::kLoseBefore:
      return "lose before";
    case Fault::kLoseAfter:
      return "lose after";
    case Fault::kCrashBefore:
      return "crash before";
    case Fault::kCrashAfter:
      return "crash after";
  }
  return "?";
}

// A context with faults that does a bit of everything, while another, without, writes as well.
class Scenario {
 public:
  explicit Scenario(std::function<Fault(size_t)> choose) {
    faults_->turns = &turns_;
    faults_->choose = std::move(choose);
  }

  void run() {
    other_ = *run_task(open_store(data_));
    StartedTask opening(open_store(data_, faults_));
    turns_.give_all();
    const auto& opened = opening.result();
    if (!opened.ok()) return;
    store_ = std::move(const_cast<Result<std::unique_ptr<Store>>&>(opened)).value();

    start_put("small", "1");
    turns_.give_all();
    start_put("large", std::string(2 * kMaxRecordBytes, 'v'));
    turns_.give_all();
    start_put("before the group", "1");
    start_put("group one", "1");
    start(declining("declined"), "");
    start_put("group two", "1");
    turns_.give_all();
    faults_->is_news_lost = true;
    write_elsewhere("unheard of");
    start_put("after it", "1");
    turns_.give(0);  // the number is taken
    turns_.give(0);
    write_elsewhere("between");
    start_put("grouped after it", "1");
    turns_.give_all();
    start(declining("declined"), "");
    turns_.give_all();
    catch_ups_.emplace_back(store_->catch_up());
    turns_.give_all();
    faults_->is_news_lost = false;
    write_elsewhere("heard of");
    turns_.give_all();
    start_put("small", "2");
    turns_.give_all();
  }

  size_t calls() const { return faults_->calls; }

  void check() {
    const auto reopened = *run_task(open_store(data_));
    check_answers(*reopened);
    for (const std::string& key : elsewhere_) EXPECT_EQ(get(*reopened, key), "elsewhere") << key;
    EXPECT_EQ(get(*reopened, "declined"), "(none)");
    if (store_ == nullptr || faults_->is_crashed) return;

    faults_->choose = [](size_t) { return Fault::kNone; };
    faults_->turns = nullptr;
    EXPECT_TRUE(run_task(store_->catch_up()).ok());
    EXPECT_EQ(scan(*store_), scan(*reopened));
    EXPECT_TRUE(run_task(store_->commit(putting("afterwards", "1"))).ok());
    EXPECT_EQ(get(*reopened, "afterwards"), "1");
    EXPECT_EQ(scan(*store_), scan(*reopened));
    EXPECT_EQ(scan(*store_), scan(*other_));
  }

  std::vector<std::string> answers() const {
    std::vector<std::string> answers;
    for (const Started& commit : commits_) answers.push_back(outcome(commit.task.result()));
    return answers;
  }

 private:
  struct Started {
    StartedTask<Result<void>> task;
    std::string key;  // "" where it changes nothing
    std::string value;
  };

  void start(Store::Decide decide, std::string key, std::string value = "") {
    commits_.push_back(
        {StartedTask(store_->commit(std::move(decide))), std::move(key), std::move(value)});
  }
  void start_put(const std::string& key, const std::string& value) {
    start(putting(key, value), key, value);
  }

  void write_elsewhere(const std::string& key) {
    EXPECT_TRUE(run_task(other_->commit(putting(key, "elsewhere"))).ok());
    elsewhere_.push_back(key);
  }

  void check_answers(Store& reopened) {
    std::map<std::string, std::optional<std::string>> expected;  // none: unknown
    for (const Started& commit : commits_) {
      ASSERT_TRUE(commit.task.is_done()) << commit.key;
      const std::string answer = outcome(commit.task.result());
      if (commit.key.empty()) {
        EXPECT_NE(answer, "");
        EXPECT_NE(answer, "outcome_unknown");
      } else if (answer == "") {
        expected[commit.key] = commit.value;
      } else if (answer == "outcome_unknown") {
        expected[commit.key] = std::nullopt;
      } else if (expected.count(commit.key) == 0) {
        expected[commit.key] = "(none)";
      }
    }
    for (const auto& [key, value] : expected) {
      if (value) EXPECT_EQ(get(reopened, key), *value) << key;
    }
  }

  std::shared_ptr<MemoryMediumData> data_ = std::make_shared<MemoryMediumData>();
  std::shared_ptr<Faults> faults_ = std::make_shared<Faults>();
  Turns turns_;
  std::unique_ptr<Store> other_;
  std::unique_ptr<Store> store_;
  std::vector<Started> commits_;
  std::vector<StartedTask<Result<void>>> catch_ups_;
  std::vector<std::string> elsewhere_;
};

size_t calls_without_faults() {
  Scenario scenario([](size_t) { return Fault::kNone; });
  scenario.run();
  scenario.check();
  return scenario.calls();
}

class StoreFaultTest : public testing::TestWithParam<Fault> {};

TEST_P(StoreFaultTest, one_fault_at_any_call_loses_nothing_and_lies_to_nobody) {
  const size_t calls = calls_without_faults();
  ASSERT_GT(calls, 12U);
  for (size_t position = 0; position < calls; ++position) {
    SCOPED_TRACE(name_of(GetParam()) + " at call " + std::to_string(position));
    Scenario scenario([&](size_t call) { return call == position ? GetParam() : Fault::kNone; });
    scenario.run();
    scenario.check();
  }
}

TEST_P(StoreFaultTest, two_faults_one_soon_after_another_neither) {
  const size_t calls = calls_without_faults();
  for (size_t position = 0; position < calls; ++position) {
    for (size_t distance = 1; distance <= 3; ++distance) {
      SCOPED_TRACE(name_of(GetParam()) + " at calls " + std::to_string(position) + " and " +
                   std::to_string(position + distance));
      Scenario scenario([&](size_t call) {
        return call == position || call == position + distance ? GetParam() : Fault::kNone;
      });
      scenario.run();
      scenario.check();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, StoreFaultTest,
                         testing::Values(Fault::kFailBefore, Fault::kFailAfter, Fault::kRefuse,
                                         Fault::kLoseBefore, Fault::kLoseAfter, Fault::kCrashBefore,
                                         Fault::kCrashAfter),
                         [](const auto& info) {
                           std::string name = name_of(info.param);
                           for (char& c : name) c = c == ' ' ? '_' : c;
                           return name;
                         });

// What a caller is told, fault by fault; the test above says that it is true.
class OneFaultTest : public testing::Test {
 protected:
  OneFaultTest() { store_ = *run_task(open_store(data_, faults_)); }

  // The answer to a commit whose calls have these faults, one each.
  std::string answer(std::vector<Fault> faults) {
    const size_t begun = faults_->calls;
    faults_->choose = [begun, faults](size_t call) {
      return call - begun < faults.size() ? faults[call - begun] : Fault::kNone;
    };
    return outcome(run_task(store_->commit(counting("count"))));
  }

  std::shared_ptr<MemoryMediumData> data_ = std::make_shared<MemoryMediumData>();
  std::shared_ptr<Faults> faults_ = std::make_shared<Faults>();
  std::unique_ptr<Store> store_;
};

TEST_F(OneFaultTest, a_record_that_was_not_written_is_an_error) {
  EXPECT_EQ(answer({Fault::kFailBefore}), "io_error");
  EXPECT_EQ(get(*store_, "count"), "(none)");
}

TEST_F(OneFaultTest, a_record_that_was_written_in_spite_of_the_error_is_a_success) {
  EXPECT_EQ(answer({Fault::kFailAfter}), "");
  EXPECT_EQ(get(*store_, "count"), "1");
}

TEST_F(OneFaultTest, a_full_disk_is_507_and_is_not_looked_into) {
  const size_t calls = faults_->calls;
  EXPECT_EQ(answer({Fault::kRefuse}), "insufficient_storage");
  EXPECT_EQ(faults_->calls, calls + 1);
  EXPECT_EQ(answer({}), "");
  EXPECT_EQ(get(*store_, "count"), "1");
}

TEST_F(OneFaultTest, a_broken_connection_is_not_noticed) {
  EXPECT_EQ(answer({Fault::kLoseBefore}), "");
  EXPECT_EQ(answer({Fault::kLoseAfter}), "");
  EXPECT_EQ(get(*store_, "count"), "2");
  EXPECT_EQ(data_->records(Area::kLog).size(), 2U);
}

TEST_F(OneFaultTest, a_connection_that_breaks_each_time_is_an_error_in_the_end) {
  const Fault lose = Fault::kLoseBefore;
  EXPECT_EQ(answer({lose, Fault::kNone, lose, Fault::kNone, lose, Fault::kNone}),
            "connection_lost");
  EXPECT_EQ(answer({lose, Fault::kNone, lose}), "");
  EXPECT_EQ(get(*store_, "count"), "1");
}

TEST_F(OneFaultTest, where_reading_fails_as_well_the_outcome_is_unknown_and_shows_later) {
  EXPECT_EQ(answer({Fault::kFailAfter, Fault::kFailBefore}), "outcome_unknown");
  EXPECT_EQ(get(*store_, "count"), "(none)");
  EXPECT_TRUE(run_task(store_->catch_up()).ok());
  EXPECT_EQ(get(*store_, "count"), "1");
  EXPECT_EQ(answer({Fault::kFailBefore, Fault::kFailBefore}), "outcome_unknown");
  EXPECT_TRUE(run_task(store_->catch_up()).ok());
  EXPECT_EQ(get(*store_, "count"), "1");
}

TEST_F(OneFaultTest, a_record_of_unknown_outcome_is_not_taken_for_the_next_try) {
  EXPECT_EQ(answer({Fault::kFailAfter, Fault::kFailBefore}), "outcome_unknown");
  EXPECT_EQ(answer({Fault::kFailBefore}), "io_error");
  EXPECT_EQ(get(*store_, "count"), "1");
  EXPECT_EQ(answer({}), "");
  EXPECT_EQ(get(*store_, "count"), "2");
}

TEST_F(OneFaultTest, a_store_that_can_not_be_read_is_not_opened) {
  const auto faults = std::make_shared<Faults>();
  faults->choose = [](size_t) { return Fault::kFailBefore; };
  EXPECT_EQ(outcome(run_task(open_store(data_, faults))), "io_error");
}

}  // namespace
}  // namespace couchlet
