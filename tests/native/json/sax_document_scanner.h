// The plain twin of scan_document(): nlohmann/json's SAX parser builds a tree, and the tree is
// looked at and encoded in the most obvious way. Nothing of src/json is used, so that the two agree
// by being right or not at all.
//
// Where the twin can't follow: a number above 10^4932 (a long double's end) is an error to it, and
// the offset in the reason of a syntax error is left out.
#pragma once

#include <string_view>

#include "json/document_scanner.h"

namespace couchlet {

Result<ScannedDocument> sax_scan_document(std::string_view text);

// Whether the text is JSON; nothing where that can't be told, as a number is too large for the
// twin.
std::optional<bool> sax_is_json(std::string_view text);

}  // namespace couchlet
