// Hexadecimal text. Written in lower case, as CouchDB writes revision hashes and uuids; read in
// either case.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace couchlet {

void append_hex(std::string& out, std::string_view bytes);
std::string to_hex(std::string_view bytes);

// Nothing where the text is of odd length or has a character that is no hexadecimal digit.
std::optional<std::string> from_hex(std::string_view text);

}  // namespace couchlet
