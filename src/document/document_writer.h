// Writes documents into one commit: finds the parent, makes the revision, merges it into the tree,
// and keeps the changes feed and the counters in step.
//
// One writer for one commit: begin(), any number of documents, finish().
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "document/changes_entry.h"
#include "document/counters.h"
#include "document/document_record.h"
#include "document/incoming_document.h"
#include "document/retention.h"
#include "document/stored_bodies.h"
#include "document/write_result.h"
#include "store/store.h"

namespace couchlet {

class DocumentWriter {
 public:
  // `view` must outlive the writer.
  DocumentWriter(WriteView& view, const Retention& retention)
      : view_(view), retention_(retention), bodies_(view) {}

  Task<Result<void>> begin();

  // A new edit (new_edits=true). The result has 409 conflict where the named parent is no leaf, or
  // where none is named and the document is there (a forced edit may name any parent); 412
  // missing_stub for a stub of no attachment; 500 corrupt_data where what is stored of the document
  // is damaged.
  Task<Result<WriteResult>> edit(const IncomingDocument& document);

  // A revision that was made elsewhere (new_edits=false), and comes with `lineage`, if that isn't
  // 0. 412 missing_stub for a stub whose bytes are not here.
  Task<Result<WriteResult>> merge(const IncomingDocument& document, uint64_t lineage);

  Task<Result<void>> finish();

 private:
  Task<Result<DocumentRecord>> load(const std::string& id);
  Task<Result<WriteResult>> edit(const IncomingDocument& document, DocumentRecord record);
  Task<Result<WriteResult>> merge(const IncomingDocument& document, DocumentRecord record,
                                  uint64_t lineage);
  bool wants_body(const RevisionTree& tree, const Revision& revision) const;
  RevisionTree::Bodies forget(RevisionTree& tree) const;
  Task<Result<std::vector<Attachment>>> resolve_attachments(const IncomingDocument& document,
                                                            const RevisionTree& tree,
                                                            const std::optional<Revision>& parent);
  Task<Result<std::vector<Attachment>>> resolve_replicated(const IncomingDocument& document,
                                                           const RevisionTree& tree);
  Task<Result<std::vector<Attachment>>> attachments_of(const RevisionInfo* info);
  Task<Result<void>> store(const IncomingDocument& document,
                           const std::vector<Attachment>& attachments,
                           std::span<const Revision> history, DocumentRecord record,
                           ChangeOrigin origin);
  Task<Result<uint64_t>> lineage_of_all(const RevisionTree& tree, const Revision& newest,
                                        uint64_t former_sequence, uint64_t lineage);

  WriteView& view_;
  const Retention retention_;
  StoredBodies bodies_;
  Counters counters_;
  bool has_changed_ = false;
};

}  // namespace couchlet
