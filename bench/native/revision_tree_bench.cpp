// What a document's history costs when it is read, extended and written back. The argument is the
// number of revisions, all in one line, as most histories are.
#include <benchmark/benchmark.h>

#include <string>

#include "base/md5.h"
#include "document/revision_tree.h"

namespace couchlet::bench {
namespace {

Revision nth_revision(size_t generation) {
  return Revision(generation, md5(std::to_string(generation)));
}

RevisionTree line_of(size_t revisions) {
  RevisionTree tree;
  for (size_t generation = 1; generation <= revisions; ++generation) {
    std::vector<Revision> history{nth_revision(generation)};
    if (generation > 1) history.push_back(nth_revision(generation - 1));
    tree.merge(history, {.body = generation});
  }
  return tree;
}

std::string encoded_line_of(size_t revisions) {
  std::string bytes;
  line_of(revisions).append_encoded(bytes);
  return bytes;
}

void DecodeTree(benchmark::State& state) {
  const std::string bytes = encoded_line_of(static_cast<size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(RevisionTree::decode(bytes));
}
BENCHMARK(DecodeTree)->Arg(1)->Arg(10)->Arg(1000);

// What a get and a row of all_docs need of it.
void DecodeWinningLeaf(benchmark::State& state) {
  const std::string bytes = encoded_line_of(static_cast<size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(RevisionTree::decode_winning_leaf(bytes));
}
BENCHMARK(DecodeWinningLeaf)->Arg(1)->Arg(10)->Arg(1000);

void EncodeTree(benchmark::State& state) {
  const RevisionTree tree = line_of(static_cast<size_t>(state.range(0)));
  std::string bytes;
  for (auto _ : state) {
    bytes.clear();
    tree.append_encoded(bytes);
    benchmark::DoNotOptimize(bytes.data());
  }
}
BENCHMARK(EncodeTree)->Arg(1)->Arg(10)->Arg(1000);

// An edit: decoded, extended by one revision, encoded.
void ExtendTree(benchmark::State& state) {
  const size_t revisions = static_cast<size_t>(state.range(0));
  const std::string bytes = encoded_line_of(revisions);
  const std::vector<Revision> edit{nth_revision(revisions + 1), nth_revision(revisions)};
  std::string extended;
  for (auto _ : state) {
    RevisionTree tree = *RevisionTree::decode(bytes);
    tree.merge(edit, {.body = revisions + 1});
    extended.clear();
    tree.append_encoded(extended);
    benchmark::DoNotOptimize(extended.data());
  }
}
BENCHMARK(ExtendTree)->Arg(1)->Arg(10)->Arg(1000);

}  // namespace
}  // namespace couchlet::bench
