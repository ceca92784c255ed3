#include "replicate/http_client.h"

namespace couchlet {

namespace {

constexpr uint64_t kSlowestUploadBytesPerMs = 8;

}  // namespace

int64_t headers_timeout_ms(const HttpRequest& request) {
  if (request.timeout_ms == 0) return 0;
  uint64_t bytes = request.body.size();
  for (const AttachmentInBody& attachment : request.attachments) bytes += attachment.length;
  return request.timeout_ms + static_cast<int64_t>(bytes / kSlowestUploadBytesPerMs);
}

}  // namespace couchlet
