// The body of a PUT of a document as multipart/related, read as CouchDB reads it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace couchlet {

// The document with the data of what followed it. Errors, CouchDB's: 400 bad_request where parts
// are missing, too many, or not as long as the document says; 400 content_md5_mismatch where they
// are not what their digests say.
Result<std::string> document_of_multipart(std::string_view content_type, std::string_view body);

}  // namespace couchlet
