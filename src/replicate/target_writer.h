// TargetWriter: writes documents to a target that may refuse some of them.
//
// A request that is too large (413), or refused as a whole because of one bad document, is halved
// until a single document is left, and this one is refused. What size was too large is remembered.
// That the target can take nothing now (5xx, 429) is an error of the whole: the batch comes again.
// What a server says of some documents and not of others is theirs, and holds up no other: a
// validation function that falls over a document does so each time. But it may be mended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "document/write_result.h"
#include "replicate/peer.h"

namespace couchlet {

class TargetWriter {
 public:
  // `target` must outlive the writer.
  explicit TargetWriter(Peer& target) : target_(target) {}

  // Called for each request that was answered: what it carried, and what of it was refused: for
  // good, or not (is_final_for_document).
  using Report = std::function<void(std::span<const std::string_view> documents,
                                    const std::vector<WriteResult>& refused)>;

  Task<Result<void>> write(std::vector<std::string_view> documents, Report report);

 private:
  using Documents = std::span<const std::string_view>;

  Task<Result<void>> write_piece(Documents piece, std::vector<Documents>& to_do,
                                 const Report& report);

  Peer& target_;
  size_t max_bytes_ = SIZE_MAX;  // of a request's documents: half of what was too large
};

// Whether an error is the last word about one document: it will not be taken however often it
// comes.
bool is_final_for_document(const Error& error);

// Whether the refusal of a whole request can be one document's fault: CouchDB refuses a whole
// _bulk_docs where one of its documents isn't valid, has a stub of bytes that are not there, or an
// attachment that isn't what its digest says.
bool is_about_one_document(const Error& error);

}  // namespace couchlet
