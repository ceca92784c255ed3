#include "promoter.h"

namespace couchlet {

size_t Promoter::promote() {
  const RemoteDocuments& waiting = inbox_.documents();
  size_t promoted = 0;
  for (const auto& [id, document] : waiting.documents()) {
    if (plan_.is_refused(id)) continue;
    for (const auto& leaf : waiting.leaves(id)) {
      if (origin_.documents().has(id, leaf.rev)) continue;
      const RemoteDocuments::Shape whole{.with_history = true, .with_data = true};
      if (!origin_.documents().merge(waiting.read(id, leaf.rev, whole))) {
        run_.fail("What waits to be promoted lacks an attachment");
      }
      run_.note(origin_.name(), " takes over ", id, " ", leaf.rev);
      ++promoted;
    }
  }
  run_.count("revisions promoted", promoted);
  return promoted;
}

}  // namespace couchlet
