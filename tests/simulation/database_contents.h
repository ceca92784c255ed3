// DatabaseContents: what a database has in the end: of each document its leaves, with histories,
// bodies and attachments. What two databases say of the same contents is equal.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "document/database.h"
#include "json_text.h"
#include "remote_documents.h"

namespace couchlet {

struct DocumentContents {
  std::string winner;                  // its revision
  std::map<std::string, Json> leaves;  // by revision, each with _revisions
  bool operator==(const DocumentContents&) const = default;
};
using DatabaseContents = std::map<std::string, DocumentContents>;  // by id

Task<Result<DatabaseContents>> contents_of(Database& database);
DatabaseContents contents_of(const RemoteDocuments& documents);

// The revision is there, as a leaf or before one.
bool has_revision(const DatabaseContents& contents, const std::string& id, const std::string& rev);

}  // namespace couchlet
