// Of a page of changes, what the target lacks, and where it comes from.
//
// A document whose single revision is its first carries its whole history in itself ("1-…"), so its
// text in the page (include_docs) is all there is to know. All others need their _revisions, which
// _changes can't give, and are fetched; so are tombstones, whose bodies not every server puts into
// the page, and documents with attachments, of which the page has no bytes.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "replicate/peer.h"

namespace couchlet {

// What to ask the target about: each document once.
std::vector<RevisionsOfDocument> revisions_of(const std::vector<PeerChange>& rows);

// Where an edit that was made at the source is missing in the target, so are those that were made
// after it: nothing else brings them there. (If one is there after all, the target ignores it.)
struct Question {
  std::vector<RevisionsOfDocument> asked;
  std::vector<MissingRevisions> unasked;  // missing without a question
};
Question question_about(const std::vector<PeerChange>& rows, bool are_edits_missing);

// Whether plain edits of these rows were asked about, and what came of it: all of them are missing,
// or some are not.
enum class EditsFound { kNone, kAllMissing, kSomeKnown };
EditsFound edits_found(const std::vector<PeerChange>& rows,
                       const std::vector<MissingRevisions>& missing);

struct MissingDocuments {
  std::vector<std::string_view> in_page;
  std::vector<WantedRevision> wanted;
  size_t first_generations = 0;  // documents that are in the page, or would be with include_docs
};
MissingDocuments sort_missing(const std::vector<PeerChange>& rows,
                              std::vector<MissingRevisions> missing);

}  // namespace couchlet
