// What a context's HTTP client does with the attachments that stand in a request's body
// (AttachmentInBody): it reads them as they go out, from what the context has staged or from its
// disk.
#pragma once

#include <memory>

#include "base/result.h"
#include "base/task.h"
#include "replicate/http_client.h"
#include "simulated_medium.h"

namespace couchlet {

// Puts them into the body; their positions are then those where they are. "attachment_unreadable"
// (status 0) where one is not there, has another length, or can't be read now.
Task<Result<void>> put_attachments(std::shared_ptr<Connection> context, HttpRequest& request);

}  // namespace couchlet
