// What each byte of a document costs on its way in: the scan, the Erlang term and its MD5.
#include <benchmark/benchmark.h>

#include "base/md5.h"
#include "documents.h"
#include "json/document_scanner.h"

namespace couchlet::bench {
namespace {

constexpr size_t kDocuments = 1000;

void scan(benchmark::State& state, Terms terms) {
  const auto documents = make_documents(kDocuments);
  size_t bytes = 0;
  size_t next = 0;
  for (auto _ : state) {
    const std::string& text = documents[next++ % kDocuments].text;
    benchmark::DoNotOptimize(scan_document(text, terms));
    bytes += text.size();
  }
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}

// A document that comes from another database: its revision id is known.
void ScanOfAReplicatedDocument(benchmark::State& state) { scan(state, Terms::kSkip); }
BENCHMARK(ScanOfAReplicatedDocument);

// A document that is edited here: its body is encoded for the revision id.
void ScanOfAnEditedDocument(benchmark::State& state) { scan(state, Terms::kEncode); }
BENCHMARK(ScanOfAnEditedDocument);

void ScanOfABulkRequest(benchmark::State& state) {
  std::string array = "[";
  for (const auto& document : make_documents(kDocuments)) {
    if (array.size() > 1) array += ',';
    array += document.text;
  }
  array += ']';
  for (auto _ : state) {
    std::vector<std::string_view> elements;
    benchmark::DoNotOptimize(split_json_array(array, elements));
  }
  state.SetBytesProcessed(static_cast<int64_t>(array.size()) *
                          static_cast<int64_t>(state.iterations()));
}
BENCHMARK(ScanOfABulkRequest);

void Md5OfADocument(benchmark::State& state) {
  const std::string text = make_documents(1).front().text;
  for (auto _ : state) benchmark::DoNotOptimize(md5(text));
  state.SetBytesProcessed(static_cast<int64_t>(text.size()) *
                          static_cast<int64_t>(state.iterations()));
}
BENCHMARK(Md5OfADocument);

}  // namespace
}  // namespace couchlet::bench
