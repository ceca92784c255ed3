// Times as text, in UTC, from milliseconds since 1970: ISO 8601 for results, and RFC 9110's date,
// which CouchDB's replicator writes into checkpoints.
#pragma once

#include <cstdint>
#include <string>

namespace couchlet {

std::string iso_date(int64_t milliseconds);   // "2024-02-29T12:00:00.250Z"
std::string http_date(int64_t milliseconds);  // "Thu, 29 Feb 2024 12:00:00 GMT"

}  // namespace couchlet
