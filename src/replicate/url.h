// URLs of a CouchDB database and what is in it.
#pragma once

#include <string>
#include <string_view>

namespace couchlet {

// All but RFC 3986's unreserved characters as %XX, so that any id can be one segment of a path or
// one value in a query.
std::string percent_encode(std::string_view bytes);

// The path of a document below its database, "a%2Fb". The slash after _design and _local stays:
// CouchDB redirects from "_design%2Fa", and a browser's preflight may not be redirected. The ids
// "." and ".." have no path: URLs resolve them away, percent-encoded or not; _bulk_get can name
// them.
std::string document_path(std::string_view id);
inline bool has_document_path(std::string_view id) { return id != "." && id != ".."; }

// The URL without "user:password@", for everything that is stored or shown.
std::string without_credentials(std::string_view url);

}  // namespace couchlet
