// Documents as bench/page/documents.js makes them: note-like JSON of about 400 bytes with random
// ids.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/seeded_random.h"

namespace couchlet::bench {

struct BenchDocument {
  std::string id;
  std::string text;  // the whole document, _id included
};

// The same ones each time.
std::vector<BenchDocument> make_documents(size_t count);

// The same ones, in turns.
class DocumentSource {
 public:
  std::vector<BenchDocument> take(size_t count);

 private:
  SeededRandom random_{20240229};
};

}  // namespace couchlet::bench
