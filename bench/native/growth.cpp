// How a database's figures grow with it, over a medium in memory, where storage costs nothing:
//
//   couchlet_growth 1000 10000 100000
//
// The numbers of documents ascend. For each one prints a line of JSON: µs for one call of each
// kind, and bytes (bench/growth/run.mjs tells what the members are). A call's time includes the
// flushes and merges that it sets off, as over this medium nothing is done in the background.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/manual_clock.h"
#include "base/run_task.h"
#include "base/seeded_random.h"
#include "counting_medium.h"
#include "document/database.h"
#include "documents.h"
#include "store/memory_medium.h"

namespace couchlet::bench {
namespace {

constexpr size_t kBatch = 1000;
constexpr size_t kGets = 1000;
constexpr size_t kPuts = 1000;
constexpr size_t kPages = 100;
constexpr size_t kPageDocuments = 100;
constexpr size_t kOpens = 10;

template <typename Body>
double microseconds_each(size_t times, Body body) {
  const auto start = std::chrono::steady_clock::now();
  for (size_t i = 0; i < times; ++i) body();
  const std::chrono::duration<double, std::micro> all = std::chrono::steady_clock::now() - start;
  return all.count() / static_cast<double>(times);
}

template <typename T>
T value_of(Result<T> result) {
  if (result.ok()) return *std::move(result);
  std::fprintf(stderr, "%s: %s\n", result.error().name.c_str(), result.error().reason.c_str());
  std::exit(1);
}

class GrowingDatabase {
 public:
  GrowingDatabase() { open(); }

  void grow_to(size_t count);
  void print_figures();

 private:
  void open();
  void close();
  void put();
  const std::string& random_id() { return ids_[random_.below(ids_.size())]; }

  std::shared_ptr<MemoryMediumData> data_ = std::make_shared<MemoryMediumData>();
  WrittenBytes written_ = {};
  ManualClock clock_;
  SeededRandom random_{1};
  std::unique_ptr<Database> database_;

  DocumentSource source_;
  std::vector<std::string> ids_;
  uint64_t data_bytes_ = 0;
  double bulk_ = 0;
};

void GrowingDatabase::open() {
  auto medium = std::make_unique<CountingMedium>(std::make_unique<MemoryMedium>(data_), written_);
  database_ =
      value_of(run_task(Database::open(std::move(medium), {.name = "growth"}, clock_, random_)));
}

void GrowingDatabase::close() {
  if (const auto closed = run_task(database_->close()); !closed.ok()) std::exit(1);
}

void GrowingDatabase::grow_to(size_t count) {
  const size_t before = ids_.size();
  double all = 0;
  while (ids_.size() < count) {
    const std::vector<BenchDocument> documents = source_.take(kBatch);
    std::vector<std::string_view> texts;
    for (const BenchDocument& document : documents) {
      ids_.push_back(document.id);
      texts.push_back(document.text);
      data_bytes_ += document.text.size();
    }
    all += microseconds_each(1, [&] { value_of(run_task(database_->write(texts, {}))); });
    clock_.advance(1000);  // so that obsolete records are deleted as in life
  }
  bulk_ = all / static_cast<double>(ids_.size() - before);
}

void GrowingDatabase::put() {
  const BenchDocument document = source_.take(1).front();
  value_of(run_task(database_->write({document.text}, {})));
  ids_.push_back(document.id);
  data_bytes_ += document.text.size();
}

void GrowingDatabase::print_figures() {
  const size_t documents = ids_.size();
  const uint64_t stored = value_of(run_task(database_->info())).stored.file;
  const uint64_t upkeep_written =
      written_[static_cast<size_t>(Area::kBlocks)] + written_[static_cast<size_t>(Area::kManifest)];
  const uint64_t written = std::accumulate(written_.begin(), written_.end(), uint64_t{0});
  const uint64_t data_bytes = data_bytes_;
  const double opened = microseconds_each(kOpens, [&] {
    close();
    open();
  });
  const double get =
      microseconds_each(kGets, [&] { value_of(run_task(database_->get(random_id(), {}))); });
  const double all_docs = microseconds_each(kPages, [&] {
    AllDocsOptions page{.startkey = random_id(), .include_docs = true, .limit = kPageDocuments};
    value_of(run_task(database_->all_docs(std::move(page))));
  });
  const double changes = microseconds_each(kPages, [&] {
    ChangesOptions page{.since = random_.below(documents), .include_docs = true};
    page.limit = kPageDocuments;
    value_of(run_task(database_->changes(std::move(page), nullptr)));
  });
  const double put_one = microseconds_each(kPuts, [&] { put(); });
  std::printf(R"({"documents":%zu,"bulk":%.2f,"open":%.1f,"get":%.2f,"put":%.2f,"allDocs":%.1f,)"
              R"("changes":%.1f,"bytes":%llu,"data":%llu,"upkeepWritten":%llu,"written":%llu})"
              "\n",
              documents, bulk_, opened, get, put_one, all_docs, changes,
              static_cast<unsigned long long>(stored), static_cast<unsigned long long>(data_bytes),
              static_cast<unsigned long long>(upkeep_written),
              static_cast<unsigned long long>(written));
  std::fflush(stdout);
}

}  // namespace
}  // namespace couchlet::bench

int main(int argc, char** argv) {
  couchlet::bench::GrowingDatabase database;
  for (int i = 1; i < argc; ++i) {
    database.grow_to(static_cast<size_t>(std::strtoul(argv[i], nullptr, 10)));
    database.print_figures();
  }
}
