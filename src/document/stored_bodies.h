// The bodies of one commit: written, erased, and with them the references to attachments.
//
// Invariant: for each digest that the _attachments of stored bodies name there are a blob in the
// medium and an attachment record ('a', keys.h) with the number of those that name it, one for each
// entry of each body. There are no other blobs. So a blob comes with the body that first needs it
// and goes with the last one, in the same commit.
//
//   attachment record: references varint | length of the bytes varint
//
// One StoredBodies for one commit: any number of bodies, then finish().
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "document/attachment.h"
#include "document/revision_tree.h"
#include "store/store.h"

namespace couchlet {

// What is known of the bytes of an attachment that is stored.
struct AttachmentRecord {
  uint64_t references = 0;
  uint64_t length = 0;

  static Result<AttachmentRecord> decode(std::string_view bytes);
  std::string encode() const;
};

class StoredBodies {
 public:
  // `view` must outlive it.
  explicit StoredBodies(WriteView& view) : view_(view) {}

  // Writes the body of a number that was never used. REQUIRES: an attachment whose bytes aren't
  // stored has its content.
  Task<Result<void>> put(uint64_t number, const std::vector<Attachment>& attachments,
                         std::string_view members);

  // Erases a revision's body and drops its references; looks into the body only where the revision
  // has attachments. One that isn't there is none to erase. Of a damaged one the references stay,
  // until repair() counts anew. REQUIRES: info.body != 0.
  Task<Result<void>> erase(const RevisionInfo& info);

  // Whether bytes of this digest are stored, as the commit has it so far; how many.
  Task<Result<std::optional<uint64_t>>> stored_length(const std::string& digest);

  // Writes the counts that have changed, and puts and erases blobs. No call may follow.
  Task<Result<void>> finish();

 private:
  struct Use {
    uint64_t references_before = 0;
    AttachmentRecord record;
    std::shared_ptr<const AttachmentContent> content;  // what a body of this commit brought
  };

  Task<Result<void>> drop_references(uint64_t number);
  Task<Result<Use*>> use_of(const std::string& digest);

  WriteView& view_;
  std::map<std::string, Use> uses_;  // by digest
};

}  // namespace couchlet
