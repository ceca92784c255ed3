// Reads documents from one state of the store: records by id, bodies, and whole JSON texts.
#pragma once

#include <functional>
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
  // Many bodies, the quick way: see Store::get_many. REQUIRES: the numbers ascend.
  Task<void> bodies(const std::vector<uint64_t>& numbers,
                    std::function<void(size_t, std::string_view)> take) const;
  std::unique_ptr<Cursor> cursor() const { return store_.cursor(snapshot_); }

  Task<Result<std::optional<DocumentRecord>>> record(std::string_view id) const;

  // Appends the text of one revision. Errors: 404 not_found "missing", 500 corrupt_data; `out` is
  // then as it was.
  Task<Result<void>> append_revision(std::string& out, std::string_view id,
                                     const RevisionNode& node, const DocumentExtras& extras) const;

  // The answer to a GET of a document (api/document/common.html): see Database::get.
  Task<Result<std::string>> get(std::string_view id, const GetOptions& options) const;

  // What get() without options answers, if that needs nothing but what is in memory; none where
  // something has to be read, or where the answer would be an error: get() tells then.
  std::optional<std::string> get_at_once(std::string_view id) const;

  // What a revision's body tells of an attachment. Errors: as get(), and 404 where it has none.
  Task<Result<Attachment>> attachment(std::string_view id, std::string_view name,
                                      const GetOptions& options) const;

 private:
  std::optional<std::string> value_at_once(std::string_view key) const;
  Task<Result<std::string>> get_open_revisions(std::string_view id, const DocumentRecord& record,
                                               const GetOptions& options) const;

  Store& store_;
  SnapshotRef snapshot_;
};

// The live leaves beside the winner, and the deleted ones.
std::vector<Revision> conflicts_of(const RevisionTree& tree);
std::vector<Revision> deleted_conflicts_of(const RevisionTree& tree);

}  // namespace couchlet
