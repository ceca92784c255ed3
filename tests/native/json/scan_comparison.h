// What the differential tests and the fuzzer hold scan_document() and JsonReader to.
#pragma once

#include <string>
#include <string_view>

namespace couchlet {

// In which point the scanner, with and without terms, the reader and the twin disagree; empty where
// they don't.
std::string difference_to_twin(std::string_view text);

}  // namespace couchlet
