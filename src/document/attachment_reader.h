// Attachments of one state of the store, with their bytes. These are read from the medium as it is
// now: where an attachment has gone since the state was taken, a newer one has to be read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "document/attachment.h"
#include "store/store.h"

namespace couchlet {

inline Error attachment_gone() {
  return {500, "attachment_gone", "An attachment was removed while it was being read."};
}
inline bool is_attachment_gone(const Error& error) { return error.name == "attachment_gone"; }

class AttachmentReader {
 public:
  // `store` must outlive the reader.
  explicit AttachmentReader(Store& store) : store_(store) {}

  // Appends an _attachments object made from the stored one: attachments that came after the given
  // generation with `data` (base64) or, from so many bytes on, with `follows`, the others as stubs.
  // Errors: attachment_gone(), 500 corrupt_data.
  Task<Result<void>> append_with_data(std::string& out, std::string_view stored,
                                      uint64_t generation, uint64_t follows_from) const;

 private:
  Task<Result<void>> append_data(std::string& out, const Attachment& attachment) const;
  Task<Error> missing(const Attachment& attachment) const;

  Store& store_;
};

}  // namespace couchlet
