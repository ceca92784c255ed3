// DocumentEdits: what the contexts of a fleet write to a database, and that the answers are right.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "database_life.h"
#include "document_model.h"
#include "document_views.h"
#include "simulated_run.h"

namespace couchlet {

struct EditHabits {
  size_t id_count = 10;
  size_t usual_bytes = 200;  // of a body, at most
  size_t long_bodies = 0;    // in a thousand
  size_t attachments = 0;    // in a thousand
  size_t deletions = 100;    // in a thousand
};

class DocumentEdits {
 public:
  DocumentEdits(SimulatedRun& run, DocumentModel& model, DocumentViews& views, EditHabits habits)
      : run_(run), model_(model), views_(views), habits_(habits) {}

  // Reads a few documents and writes them all at once.
  Task<Result<void>> edit_some(DatabaseLife& life, FeedFollower& tab);
  // New documents that come together or not at all.
  Task<Result<void>> write_bundle(DatabaseLife& life);
  // A revision from elsewhere, on one that is here or on none.
  Task<Result<void>> replicate(DatabaseLife& life);
  // Counts one on in the tab's own local document.
  Task<Result<void>> count_locally(DatabaseLife& life, FeedFollower& tab);

  std::string draw_id();

 private:
  struct Draft {
    DocumentModel::Number edit = 0;
    std::string text;
  };

  Task<Result<void>> count_on(DatabaseLife& life, FeedFollower& tab);
  Draft draft(DocumentModel::Edit edit);
  std::string members(DocumentModel::Number number, const DocumentModel::Edit& edit);
  Task<Result<void>> write(DatabaseLife& life, std::vector<Draft> drafts, bool new_edits);
  void check_answer(const DatabaseLife& life, const Draft& draft, const WriteResult& answer);
  void complain(const DatabaseLife& life, const std::string& wrong);

  SimulatedRun& run_;
  DocumentModel& model_;
  DocumentViews& views_;
  EditHabits habits_;
};

}  // namespace couchlet
