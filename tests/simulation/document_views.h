// DocumentViews: what the contexts of a fleet read from a database, and that it can be so: nothing
// that was turned away, lists ordered and without holes, bundles whole.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "database_life.h"
#include "document_model.h"
#include "json_text.h"
#include "simulated_run.h"

namespace couchlet {

class DocumentViews {
 public:
  // Bodies that have been superseded may be gone if the run compacts.
  DocumentViews(SimulatedRun& run, DocumentModel& model, bool compacts)
      : run_(run), model_(model), compacts_(compacts) {}

  // The winner's revision; "" if there is no such document, or if it is deleted.
  Task<Result<std::string>> winning_rev(DatabaseLife& life, std::string id);
  // A revision that the same context has just written.
  Task<Result<void>> read_back(DatabaseLife& life, DocumentModel::Number edit);
  Task<Result<void>> list_all(DatabaseLife& life);
  Task<Result<void>> read_changes(DatabaseLife& life);
  Task<Result<void>> read_info(DatabaseLife& life);
  // Reads on in the changes feed from where the tab is.
  Task<Result<void>> follow_feed(DatabaseLife& life, FeedFollower& tab);

  // In fair weather: everything, as one text, which is the same for all contexts.
  Task<Result<std::string>> read_all(DatabaseLife& life, FeedFollower& tab);
  // The digests of the attachments that read_all() met last.
  const std::map<std::string, std::string>& digests() const { return digests_; }

 private:
  Task<Result<std::string>> changes_since(DatabaseLife& life, uint64_t since,
                                          std::map<std::string, FeedFollower::Row>& rows);
  Task<Result<void>> see_tree(DatabaseLife& life, std::string id);
  void see_document(const DatabaseLife& life, const std::string& id, const Json& document);
  void see_row(const DatabaseLife& life, const Json& row, std::map<std::string, size_t>& bundles);
  void see_attachment(const DatabaseLife& life, const Json& document,
                      const DocumentModel::Edit& edit);
  void complain(const DatabaseLife& life, const std::string& wrong);

  SimulatedRun& run_;
  DocumentModel& model_;
  bool compacts_;
  std::map<std::string, std::string> digests_;
};

}  // namespace couchlet
