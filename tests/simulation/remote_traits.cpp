#include "remote_traits.h"

namespace couchlet {

RemoteTraits draw_remote_traits(SimulatedRun& run) {
  RemoteTraits traits;
  traits.forgets = run.chance(300);
  traits.has_bulk_get = run.chance(800);
  traits.takes_gzip = run.chance(700);
  if (!traits.takes_gzip && run.chance(500)) traits.gzip_refusal = run.chance(500) ? 400 : 0;
  traits.has_opaque_sequences = run.chance(700);
  traits.checks_local_revisions = run.chance(500);
  if (run.chance(250)) traits.most_bytes = run.between(1, 6) * 1024;
  traits.has_continuous_feed = run.chance(800);
  return traits;
}

}  // namespace couchlet
