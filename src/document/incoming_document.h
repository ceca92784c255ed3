// A document on its way in: scanned and checked as far as that is possible without the store, so
// that a commit that has to be decided again doesn't scan it again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "document/attachment.h"
#include "document/options.h"
#include "document/revision.h"

namespace couchlet {

struct IncomingDocument {
  std::string id;
  // new_edits: the parent that was named, or empty. Otherwise the revision and what it brings of
  // its ancestors, newest first.
  std::vector<Revision> history;
  bool is_deleted = false;
  std::vector<Attachment> attachments;
  std::string members;  // the body's text without braces
  std::string term;     // with new_edits: what the revision id is made of
  std::optional<Revision::Digest> random_hash = {};  // the revision's, in the place of that
  bool is_forced = false;                            // the parent needn't be a leaf
  bool must_exist = false;                           // an edit of what isn't there is 404
  std::string rev;  // _rev as it came: local documents have revisions of their own kind
};

// A document without _id gets a random one (with new_edits). Errors: those of scan_document, and
// 400 bad_request or 412 missing_id for a bad id or revision.
Result<IncomingDocument> read_incoming_document(std::string_view text, const WriteOptions& options,
                                                Random& random);

}  // namespace couchlet
