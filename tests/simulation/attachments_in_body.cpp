#include "attachments_in_body.h"

#include <optional>
#include <string>
#include <utility>

namespace couchlet {

namespace {

Task<std::optional<std::string>> bytes_of(Connection& context, AttachmentInBody attachment) {
  if (attachment.staged != 0) {
    const auto found = context.staged->by_number.find(attachment.staged);
    if (found == context.staged->by_number.end()) co_return std::nullopt;
    co_return found->second;
  }
  auto read = co_await context.read_blob(std::move(attachment.digest), 0, attachment.length);
  co_return read.ok() ? *std::move(read) : std::nullopt;
}

}  // namespace

Task<Result<void>> put_attachments(std::shared_ptr<Connection> context, HttpRequest& request) {
  size_t added = 0;
  for (AttachmentInBody& attachment : request.attachments) {
    const auto bytes = co_await bytes_of(*context, attachment);
    if (!bytes || bytes->size() != attachment.length) {
      co_return Error{0, "attachment_unreadable", "An attachment is not there as a whole"};
    }
    attachment.position += added;
    request.body.insert(attachment.position, *bytes);
    added += bytes->size();
  }
  co_return Result<void>();
}

}  // namespace couchlet
