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
//
// Where an edit that was made at the source is missing in the target, so are those that were made
// after it: nothing else brings them there. (If one is there after all, the target ignores it.) So
// of the plain edits among the rows only the first `edits_to_ask` are asked about.
struct Question {
  std::vector<RevisionsOfDocument> asked;
  std::vector<std::string_view> edits;       // ids of the plain edits among `asked`
  std::vector<RevisionsOfDocument> unasked;  // plain edits
};
Question question_about(const std::vector<PeerChange>& rows, size_t edits_to_ask);

// What came of the plain edits that were asked about: all of them are missing, or some are not.
enum class EditsFound { kNone, kAllMissing, kSomeKnown };
EditsFound edits_found(const Question& question, const std::vector<MissingRevisions>& missing);

struct MissingDocuments {
  std::vector<std::string_view> in_page;
  std::vector<WantedRevision> wanted;
  size_t first_generations = 0;  // documents that are in the page, or would be with include_docs
};
MissingDocuments sort_missing(const std::vector<PeerChange>& rows,
                              std::vector<MissingRevisions> missing);

}  // namespace couchlet
