// Base64, RFC 4648 section 4: the standard alphabet with padding, as CouchDB uses it for inline
// attachments and their digests.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace couchlet {

std::string encode_base64(std::string_view bytes);

// Strict: nothing where the text has a foreign character (white space is one), wrong padding or
// bits set that the padding leaves over, so that each byte string has exactly one spelling.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace couchlet
