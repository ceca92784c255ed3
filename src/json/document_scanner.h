// One pass over one document's text: checks it, takes the special members out, and encodes the rest
// as the Erlang term that CouchDB hashes for the revision id. The body stays the bytes that came
// in.
//
//   {"_id":"a","n":1,"_rev":"1-…", "s" : "x"}   ->   id "a", rev "1-…", body: "n":1,"s" : "x"
//
// Special members are those whose key, unescaped, begins with '_'. Of a key that comes twice the
// last one counts, as in CouchDB: for special members here, for others in the term; in the body all
// stay in the text, and whoever reads it has to do the same.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace couchlet {

struct ScannedDocument {
  std::optional<std::string> id;   // _id, unescaped, otherwise unchecked
  std::optional<std::string> rev;  // _rev likewise
  bool is_deleted = false;         // _deleted
  std::string_view attachments;    // _attachments: the text of an object; empty if there is none
  std::string_view revisions;      // _revisions likewise
  std::string body;                // the other members, joined by ',', without braces
  std::string term;                // the other members as a term without the version byte
};

enum class Terms { kSkip, kEncode };

// The views of the result point into `text`. Errors, as CouchDB answers them:
//   400 bad_request      text that is no JSON (see JsonReader), has a number that no double holds
//                        (1e400), or is no object; _rev is no string
//   400 illegal_docid    _id is no string
//   400 doc_validation   another member with '_', or a special one of the wrong type
//   413 document_too_large
Result<ScannedDocument> scan_document(std::string_view text, Terms terms);

// The elements of an array as spans of the text, appended to `elements`; returns how many. Text
// that is no JSON array is 400 bad_request.
Result<size_t> split_json_array(std::string_view text, std::vector<std::string_view>& elements);

}  // namespace couchlet
