#include "replicate/attachment_stage.h"

#include <utility>

namespace couchlet {

namespace {

// A network gives 16 to 64 KiB at a time: as many pieces a Blob would be slow to put together.
constexpr size_t kPieceBytes = size_t{1} << 20;

}  // namespace

std::vector<StagedBytes> AttachmentStage::ready() const {
  std::vector<StagedBytes> all;
  all.reserve(ready_.size());
  for (const auto& [number, staged] : ready_) all.push_back(staged);
  return all;
}

StagedAttachment::StagedAttachment(std::shared_ptr<AttachmentStage> stage)
    : stage_(std::move(stage)), number_(stage_->begin()) {}

StagedAttachment::~StagedAttachment() {
  stage_->ready_.erase(number_);
  stage_->release(number_);
}

void StagedAttachment::append(std::string_view bytes) {
  md5_.update(bytes);
  length_ += bytes.size();
  piece_.append(bytes);
  if (piece_.size() >= kPieceBytes) flush();
}

bool StagedAttachment::finish(const AttachmentStub& stub) {
  flush();
  const std::string digest = digest_text(md5_.finish());
  const bool is_it = length_ == stub.length && (stub.may_be_gzipped || digest == stub.digest);
  if (is_it) stage_->ready_[number_] = {number_, digest, length_, stub.digest};
  return is_it;
}

void StagedAttachment::flush() {
  if (!piece_.empty()) stage_->append(number_, piece_);
  piece_.clear();
}

}  // namespace couchlet
