// Which revisions of which documents are not here: what replication asks a target before it sends
// (api/database/misc.html, _revs_diff).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "document/revision.h"

namespace couchlet {

class DocumentReader;

struct RevisionsOfDocument {
  std::string id;
  std::vector<Revision> revisions;
};

struct MissingRevisions {
  std::string id;
  std::vector<Revision> missing;
  std::vector<Revision> possible_ancestors;
};

// Only documents of which something is missing.
Task<Result<std::vector<MissingRevisions>>> find_missing_revisions(
    const DocumentReader& reader, const std::vector<RevisionsOfDocument>& documents);

// {"id": ["1-…", …], …} and {"id": {"missing": […], "possible_ancestors": […]}, …}
Result<std::vector<RevisionsOfDocument>> parse_revs_diff_request(std::string_view json);
std::string revs_diff_json(const std::vector<MissingRevisions>& missing);

}  // namespace couchlet
