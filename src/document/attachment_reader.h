// Attachments of one state of the store, with their bytes. These are read from the medium as it is
// now: where an attachment has gone since the state was taken, a newer one has to be read.
#pragma once

#include <cstdint>
#include <functional>
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

  // Gives all its bytes to `take`, piece by piece. Errors: as above.
  using Take = std::function<void(std::string_view piece)>;
  Task<Result<void>> read(const Attachment& attachment, Take take) const;

 private:
  Task<Error> missing(const Attachment& attachment) const;

  Store& store_;
};

}  // namespace couchlet
