// A stored body, and the JSON text of a document made from it.
//
// Body, as the store keeps it under a body number:
//   length varint | text of the _attachments object, without data ("" for none) |
//   the members that don't begin with '_', as they came, joined by ',' without the braces
//
// A text is put together from pieces; nothing is parsed on the way out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/revision_tree.h"

namespace couchlet {

struct StoredBody {
  std::string_view attachments;
  std::string_view members;

  static Result<StoredBody> decode(std::string_view bytes);
};

std::string encode_body(std::string_view attachments, std::string_view members);

// "start" and "ids" of a history that is newest first: CouchDB's _revisions.
void append_revisions_field(std::string& out, const std::vector<Revision>& history);

// What a document carries beside its body. Empty vectors are left out.
struct DocumentExtras {
  std::vector<Revision> revisions;          // _revisions
  std::vector<RevisionNode> revs_info;      // _revs_info
  std::vector<Revision> conflicts;          // _conflicts
  std::vector<Revision> deleted_conflicts;  // _deleted_conflicts
  uint64_t local_seq = 0;                   // _local_seq; 0: left out

  // Attachments that came after this generation with their data, instead of as stubs; those of so
  // many bytes with the word that these follow.
  std::optional<uint64_t> data_after = {};
  uint64_t follows_from = UINT64_MAX;
};

// Appends {"_id": …, "_rev": …, …}.
void append_document(std::string& out, std::string_view id, const RevisionNode& node,
                     const StoredBody& body, const DocumentExtras& extras);

}  // namespace couchlet
