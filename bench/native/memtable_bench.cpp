// The index in memory. The argument is the number of keys, which are random, 32 bytes long, each
// with a value of the size that an index entry has.
#include <benchmark/benchmark.h>

#include <limits>
#include <string>
#include <vector>

#include "documents.h"
#include "store/memtable.h"

namespace couchlet::bench {
namespace {

constexpr uint64_t kLatest = std::numeric_limits<uint64_t>::max();
const std::string kEntry(40, 'e');

std::vector<std::string> random_keys(size_t count) {
  std::vector<std::string> keys;
  for (const auto& document : make_documents(count)) keys.push_back(document.id);
  return keys;
}

void fill(Memtable& memtable, const std::vector<std::string>& keys) {
  uint64_t number = 0;
  for (const std::string& key : keys) memtable.put(++number, key, kEntry);
}

void MemtablePut(benchmark::State& state) {
  const auto keys = random_keys(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    Memtable memtable;
    fill(memtable, keys);
    benchmark::DoNotOptimize(memtable.allocated_bytes());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(MemtablePut)->Arg(1000)->Arg(10'000)->Arg(100'000);

void MemtableFind(benchmark::State& state) {
  const auto keys = random_keys(static_cast<size_t>(state.range(0)));
  Memtable memtable;
  fill(memtable, keys);
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(memtable.find(kLatest, keys[next++ % keys.size()]));
  }
}
BENCHMARK(MemtableFind)->Arg(1000)->Arg(10'000)->Arg(100'000);

void MemtableWalk(benchmark::State& state) {
  const auto keys = random_keys(static_cast<size_t>(state.range(0)));
  Memtable memtable;
  fill(memtable, keys);
  for (auto _ : state) {
    const auto at = memtable.iterate(kLatest);
    size_t bytes = 0;
    for (at->seek(""); at->valid(); at->next()) bytes += at->key().size() + at->value().size();
    benchmark::DoNotOptimize(bytes);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(MemtableWalk)->Arg(1000)->Arg(10'000)->Arg(100'000);

}  // namespace
}  // namespace couchlet::bench
