#include "remote_traits.h"

#include <iterator>

namespace couchlet {

namespace {

// As servers say that they know of no multipart.
int draw_multipart_refusal(SimulatedRun& run) {
  constexpr int kRefusals[] = {400, 405, 415, 500};
  return run.chance(300) ? kRefusals[run.random.below(std::size(kRefusals))] : 0;
}

}  // namespace

RemoteTraits draw_remote_traits(SimulatedRun& run) {
  RemoteTraits traits;
  traits.forgets = run.chance(300);
  traits.has_bulk_get = run.chance(800);
  traits.takes_gzip = run.chance(700);
  if (!traits.takes_gzip && run.chance(500)) traits.gzip_refusal = run.chance(500) ? 400 : 0;
  traits.multipart_refusal = draw_multipart_refusal(run);
  traits.has_opaque_sequences = run.chance(700);
  traits.checks_local_revisions = run.chance(500);
  if (run.chance(250)) traits.most_bytes = run.between(1, 6) * 1024;
  traits.has_continuous_feed = run.chance(800);
  return traits;
}

}  // namespace couchlet
