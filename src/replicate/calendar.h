// Times as text, in UTC, from milliseconds since 1970: ISO 8601 for results, and RFC 9110's date,
// which CouchDB's replicator writes into checkpoints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace couchlet {

std::string iso_date(int64_t milliseconds);   // "2024-02-29T12:00:00.250Z"
std::string http_date(int64_t milliseconds);  // "Thu, 29 Feb 2024 12:00:00 GMT"

// A date in any of HTTP's three ways (RFC 9110, 5.6.7); nullopt for what is none. A year of two
// digits is of this century: what is read here is a time to come.
std::optional<int64_t> parse_http_date(std::string_view text);

}  // namespace couchlet
