// A bit of a stored block is turned over, block after block: nothing wrong is ever read, what is
// not in that block can be read, and after a repair and a replication everything is there again.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/manual_clock.h"
#include "base/run_task.h"
#include "base/seeded_random.h"
#include "document/database.h"
#include "document/repair.h"
#include "store/memory_medium.h"
#include "store/started_task.h"

namespace couchlet {
namespace {

constexpr int kDocuments = 200;
constexpr int kBatch = 50;

// A context of its own, with a memtable so small that nearly everything is in tables.
struct Context {
  explicit Context(const std::shared_ptr<MemoryMediumData>& data, uint64_t seed) : random(seed) {
    DatabaseSettings settings{.name = "test"};
    settings.store.memtable_bytes = 4 * 1024;
    StartedTask<Result<std::unique_ptr<Database>>> opening(
        Database::open(std::make_unique<MemoryMedium>(data), settings, clock, random));
    wait([&] { return opening.is_done(); });
    opened_ = std::make_unique<decltype(opening)>(std::move(opening));
  }

  bool is_open() const { return opened_->result().ok(); }
  Database& database() { return *opened_->result().value(); }

  template <typename T>
  Result<T> run(Task<Result<T>> task) {
    StartedTask<Result<T>> started(std::move(task));
    wait([&] { return started.is_done(); });
    return started.result();
  }

  template <typename Done>
  void wait(Done is_done) {
    for (int i = 0; !is_done() && i < 10'000; ++i) clock.advance(1);
  }

  ManualClock clock;
  SeededRandom random;

 private:
  std::unique_ptr<StartedTask<Result<std::unique_ptr<Database>>>> opened_;
};

std::string id_of(int number) { return "note-" + std::to_string(1000 + number); }

std::string text_of(int number) {
  return R"({"_id":")" + id_of(number) + R"(","_rev":"1-)" + std::string(32, 'a') +
         R"(","text":")" + std::string(100, static_cast<char>('a' + number % 26)) + "\"}";
}

void write_all(Context& context) {
  for (int first = 0; first < kDocuments; first += kBatch) {
    std::vector<std::string> texts;
    for (int i = first; i < first + kBatch; ++i) texts.push_back(text_of(i));
    const auto results =
        context.run(context.database().write({texts.begin(), texts.end()}, {.new_edits = false}));
    ASSERT_TRUE(results.ok()) << results.error().reason;
    for (const WriteResult& result : *results) {
      ASSERT_FALSE(result.error) << result.error->reason;
    }
  }
}

std::shared_ptr<MemoryMediumData> written_database() {
  auto data = std::make_shared<MemoryMediumData>();
  Context context(data, 1);
  write_all(context);
  (void)context.run(context.database().compact());
  (void)context.run(context.database().close());
  return data;
}

// `data` with one bit turned over in one of its blocks.
std::shared_ptr<MemoryMediumData> rotten(const MemoryMediumData& data, uint64_t block,
                                         SeededRandom& random) {
  auto copy = std::make_shared<MemoryMediumData>(data);
  std::string& bytes = copy->records(Area::kBlocks)[block];
  char& byte = bytes[random.below(bytes.size())];
  byte = static_cast<char>(byte ^ 1 << random.below(8));
  return copy;
}

// How many documents can't be read. Those that can must be right.
int count_damaged(Context& context) {
  int damaged = 0;
  for (int i = 0; i < kDocuments; ++i) {
    const auto text = context.run(context.database().get(id_of(i), {}));
    if (text.ok()) {
      EXPECT_EQ(*text, text_of(i));
    } else {
      EXPECT_EQ(text.error().name, "corrupt_data") << text.error().reason;
      ++damaged;
    }
  }
  return damaged;
}

int count(const std::string& text, std::string_view part) {
  int found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

void expect_everything(Context& context) {
  EXPECT_EQ(count_damaged(context), 0);
  const auto list = context.run(context.database().all_docs({.include_docs = true}));
  ASSERT_TRUE(list.ok()) << list.error().reason;
  EXPECT_EQ(count(*list, R"("text":)"), kDocuments);
  const auto changes = context.run(context.database().changes({}, nullptr));
  ASSERT_TRUE(changes.ok()) << changes.error().reason;
  EXPECT_EQ(count(*changes, R"("seq":)"), kDocuments);
  const auto info = context.run(context.database().info());
  EXPECT_EQ(info->document_count, static_cast<uint64_t>(kDocuments));
}

// Whether it can be told of every document that it is there.
bool can_list(Context& context) {
  const auto list = context.run(context.database().all_docs({.include_docs = true}));
  const auto changes = context.run(context.database().changes({.include_docs = true}, nullptr));
  if (!list.ok()) EXPECT_EQ(list.error().name, "corrupt_data");
  if (!changes.ok()) EXPECT_EQ(changes.error().name, "corrupt_data");
  if (!list.ok() || !changes.ok()) return false;
  EXPECT_EQ(count(*list, R"("key":)"), kDocuments);
  EXPECT_EQ(count(*changes, R"("seq":)"), kDocuments);
  return true;
}

TEST(BitRot, is_never_read_as_truth_and_what_it_cost_is_repaired_and_refilled) {
  const auto data = written_database();
  const auto blocks = data->records(Area::kBlocks);
  SeededRandom random(5);
  for (const auto& [number, bytes] : blocks) {
    SCOPED_TRACE("block " + std::to_string(number));
    Context context(rotten(*data, number, random), number);
    ASSERT_TRUE(context.is_open());
    const int damaged = count_damaged(context);
    const bool is_of_bodies = can_list(context);
    const auto report = context.run(context.database().repair());
    ASSERT_TRUE(report.ok()) << report.error().reason;
    if (is_of_bodies) EXPECT_EQ(report->revisions.size(), static_cast<size_t>(damaged));
    write_all(context);
    expect_everything(context);
  }
}

}  // namespace
}  // namespace couchlet
