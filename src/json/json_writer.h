// JSON text, written: the one thing that takes thought is a string.
//
// Escaped is what RFC 8259 says must be, as JSON.stringify does it: \" \\ \b \f \n \r \t, and
// \u00XX for the other characters below U+0020. All else stands as it is.
#pragma once

#include <string>
#include <string_view>

namespace couchlet {

// REQUIRES: valid UTF-8 (of JsonReader and scan_document, or checked).
void append_json_string(std::string& out, std::string_view utf8);
std::string json_string(std::string_view utf8);

}  // namespace couchlet
