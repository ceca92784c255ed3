// Any bytes as the payload of a manifest. What is accepted is written again as something that is
// read as the same, and can be asked everything.
#include <string>

#include "fuzz_target.h"
#include "store/manifest.h"

namespace couchlet {
namespace {

void ask_everything(const Manifest& manifest) {
  (void)manifest.garbage_bytes();
  (void)manifest.live_bytes();
  (void)manifest.obsolete_bytes();
  for (const Segment& segment : manifest.segments) {
    require(manifest.segment_of(segment.table->first_key) == &segment,
            "a segment has its first key");
    require(manifest.segment_of(segment.table->last_key) == &segment, "a segment has its last key");
  }
  (void)manifest.segment_of("");
}

void decode(std::string_view payload) {
  const auto manifest = Manifest::decode(7, payload);
  if (!manifest.ok()) {
    require(manifest.error().name == "corrupt_data", "an error tells of damage");
    return;
  }
  ask_everything(*manifest);
  const std::string encoded = manifest->encode();
  const auto again = Manifest::decode(7, encoded);
  require(again.ok(), "what was read can be written and read again");
  require(again->encode() == encoded, "and stays what it is");
  require(again->runs.size() == manifest->runs.size() &&
              again->segments.size() == manifest->segments.size() &&
              again->obsolete.size() == manifest->obsolete.size() &&
              again->commit_id == manifest->commit_id &&
              again->flushed_through == manifest->flushed_through,
          "and has all that it had");
}

}  // namespace
}  // namespace couchlet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  couchlet::decode(couchlet::view_of(data, size));
  return 0;
}
