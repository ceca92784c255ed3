// AttachmentStage whose attachments are Blobs: among those that js/engine.js has staged for a
// write, where the media look for them.
#pragma once

#include "replicate/attachment_stage.h"

namespace couchlet {

class BrowserStage final : public AttachmentStage {
 public:
  uint32_t begin() override;
  void append(uint32_t number, std::string_view bytes) override;
  void release(uint32_t number) override;
};

}  // namespace couchlet
