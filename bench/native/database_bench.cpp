// A whole database over a medium in memory: what the engine itself costs where storage costs
// nothing. The argument is the number of documents.
#include <benchmark/benchmark.h>

#include <string_view>
#include <vector>

#include "document/memory_database.h"
#include "documents.h"

namespace couchlet::bench {
namespace {

std::vector<std::string_view> texts_of(const std::vector<BenchDocument>& documents) {
  std::vector<std::string_view> texts;
  for (const auto& document : documents) texts.push_back(document.text);
  return texts;
}

void fill(MemoryDatabase& database, const std::vector<BenchDocument>& documents) {
  benchmark::DoNotOptimize(run_task(database.database->write(texts_of(documents), {})));
}

void BulkDocs(benchmark::State& state) {
  const auto documents = make_documents(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    MemoryDatabase database;
    fill(database, documents);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BulkDocs)->Arg(10'000)->Unit(benchmark::kMillisecond);

void Put(benchmark::State& state) {
  const auto documents = make_documents(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    MemoryDatabase database;
    for (const auto& document : documents) {
      benchmark::DoNotOptimize(run_task(database.database->write({document.text}, {})));
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Put)->Arg(1000)->Unit(benchmark::kMillisecond);

void Get(benchmark::State& state) {
  const auto documents = make_documents(static_cast<size_t>(state.range(0)));
  MemoryDatabase database;
  fill(database, documents);
  size_t next = 0;
  for (auto _ : state) {
    const auto& document = documents[next++ % documents.size()];
    benchmark::DoNotOptimize(run_task(database.database->get(document.id, {})));
  }
}
BENCHMARK(Get)->Arg(10'000);

void AllDocsWithDocuments(benchmark::State& state) {
  const auto documents = make_documents(static_cast<size_t>(state.range(0)));
  MemoryDatabase database;
  fill(database, documents);
  for (auto _ : state) {
    benchmark::DoNotOptimize(run_task(database.database->all_docs({.include_docs = true})));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(AllDocsWithDocuments)->Arg(10'000)->Unit(benchmark::kMillisecond);

void ChangesWithDocuments(benchmark::State& state) {
  const auto documents = make_documents(static_cast<size_t>(state.range(0)));
  MemoryDatabase database;
  fill(database, documents);
  for (auto _ : state) {
    benchmark::DoNotOptimize(run_task(database.database->changes({.include_docs = true}, nullptr)));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ChangesWithDocuments)->Arg(10'000)->Unit(benchmark::kMillisecond);

// Opening reads the log.
void Open(benchmark::State& state) {
  MemoryDatabase database;
  fill(database, make_documents(static_cast<size_t>(state.range(0))));
  for (auto _ : state) {
    const MemoryDatabase again(database.data);
    benchmark::DoNotOptimize(again.database.get());
  }
}
BENCHMARK(Open)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace couchlet::bench
