// Attachments on their way from a server, or between two databases. They are too large to be in the
// engine's memory whole: a stage keeps them outside of it (in a browser as Blobs), piece by piece
// as they come, and under a number by which the commit that needs them finds them (BlobPut), or the
// request (AttachmentInBody).
//
// One replication has one stage: its source fills it, and its target writes from it. What is staged
// is let go of when its documents have been written, or have not.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/md5.h"
#include "document/attachment.h"
#include "replicate/attachment_stubs.h"

namespace couchlet {

class AttachmentStage {
 public:
  virtual ~AttachmentStage() = default;

  // A new one, empty, whose number no other has.
  virtual uint32_t begin() = 0;
  virtual void append(uint32_t number, std::string_view bytes) = 0;
  virtual void release(uint32_t number) = 0;

  // What has come whole and is still held on to.
  std::vector<StagedBytes> ready() const;

 private:
  friend class StagedAttachment;
  std::map<uint32_t, StagedBytes> ready_;
};

// One attachment, as long as somebody holds on to it.
class StagedAttachment {
 public:
  explicit StagedAttachment(std::shared_ptr<AttachmentStage> stage);
  ~StagedAttachment();
  StagedAttachment(const StagedAttachment&) = delete;
  StagedAttachment& operator=(const StagedAttachment&) = delete;

  void append(std::string_view bytes);

  // At the end of the bytes: whether they are what the stub tells of. If so, it is ready.
  bool finish(const AttachmentStub& stub);

  uint64_t length() const { return length_; }

 private:
  void flush();

  const std::shared_ptr<AttachmentStage> stage_;
  const uint32_t number_;
  Md5 md5_;
  std::string piece_;  // not given to the stage yet
  uint64_t length_ = 0;
};

}  // namespace couchlet
