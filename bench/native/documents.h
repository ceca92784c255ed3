// Documents as bench/page/documents.js makes them: note-like JSON of about 400 bytes with random
// ids.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace couchlet::bench {

struct BenchDocument {
  std::string id;
  std::string text;  // the whole document, _id included
};

// The same ones each time.
std::vector<BenchDocument> make_documents(size_t count);

}  // namespace couchlet::bench
