// Reads documents from one state of the store: records by id, bodies, and whole JSON texts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "document/attachment.h"
#include "document/document_record.h"
#include "document/document_text.h"
#include "document/options.h"
#include "store/store.h"

namespace couchlet {

class DocumentReader {
 public:
  // `store` must outlive the reader.
  DocumentReader(Store& store, SnapshotRef snapshot)
      : store_(store), snapshot_(std::move(snapshot)) {}

  Task<Result<std::optional<std::string>>> value(std::string_view key) const;
  // Bodies, as append_revision() takes them.
  Task<std::vector<std::optional<std::string>>> bodies(const std::vector<uint64_t>& numbers) const;
  std::unique_ptr<Cursor> cursor() const { return store_.cursor(snapshot_); }

  Task<Result<std::optional<DocumentRecord>>> record(std::string_view id) const;

  // Appends the text of one revision; `body` is its body, or none for it to be read. Errors: 404
  // not_found "missing", 500 corrupt_data; `out` is then as it was.
  Task<Result<void>> append_revision(std::string& out, std::string_view id,
                                     const RevisionNode& node, const DocumentExtras& extras,
                                     std::optional<std::string> body = std::nullopt) const;

  // The answer to a GET of a document (api/document/common.html): see Database::get.
  Task<Result<std::string>> get(std::string_view id, const GetOptions& options) const;

  // What a revision's body tells of an attachment. Errors: as get(), and 404 where it has none.
  Task<Result<Attachment>> attachment(std::string_view id, std::string_view name,
                                      const GetOptions& options) const;

 private:
  Task<Result<std::string>> get_open_revisions(std::string_view id, const DocumentRecord& record,
                                               const GetOptions& options) const;

  Store& store_;
  SnapshotRef snapshot_;
};

// The live leaves beside the winner, and the deleted ones.
std::vector<Revision> conflicts_of(const RevisionTree& tree);
std::vector<Revision> deleted_conflicts_of(const RevisionTree& tree);

}  // namespace couchlet
