// scan_document() and JsonReader against their plain twin, on whatever the fuzzer thinks of. An
// input that they disagree on is printed and ends the run. A corpus to begin with: the lines of
// tests/data/rev-vectors.jsonl.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "json/scan_comparison.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string difference = couchlet::difference_to_twin(text);
  if (difference.empty()) return 0;
  std::fprintf(stderr, "%s\n", difference.c_str());
  std::abort();
}
