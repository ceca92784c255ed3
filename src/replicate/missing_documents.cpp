#include "replicate/missing_documents.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "replicate/protocol_json.h"

namespace couchlet {

namespace {

bool is_first_generation(const PeerChange& row) {
  return !row.is_deleted && row.revisions.size() == 1 && row.revisions.front().generation() == 1;
}

void add_unknown(const std::vector<Revision>& revisions, std::vector<Revision>& known) {
  for (const Revision& revision : revisions) {
    if (std::find(known.begin(), known.end(), revision) == known.end()) known.push_back(revision);
  }
}

// As far as the text tells; that a member deeper inside has this name costs a request, no more.
bool has_attachments(const PeerChange& row) {
  return row.document.find("\"_attachments\"") != std::string_view::npos;
}

// That the text is of this very revision is looked at: PouchDB Server reads it after the row.
bool is_complete_in_page(const PeerChange& row) {
  if (row.document.empty() || !is_first_generation(row) || has_attachments(row)) return false;
  const DocumentIdentity identity = identity_of(row.document);
  const auto revision = Revision::parse(identity.rev);
  return identity.id == row.id && revision.ok() && *revision == row.revisions.front();
}

}  // namespace

Question question_about(const std::vector<PeerChange>& rows, size_t edits_to_ask) {
  Question question;
  std::unordered_map<std::string_view, size_t> places;
  for (const PeerChange& row : rows) {
    if (row.is_plain_edit && question.edits.size() >= edits_to_ask) {
      question.unasked.push_back({row.id, row.revisions});
      continue;
    }
    if (row.is_plain_edit) question.edits.emplace_back(row.id);
    const auto [place, is_new] = places.emplace(row.id, question.asked.size());
    if (is_new) {
      question.asked.push_back({row.id, row.revisions});
    } else {
      add_unknown(row.revisions, question.asked[place->second].revisions);
    }
  }
  return question;
}

EditsFound edits_found(const Question& question, const std::vector<MissingRevisions>& missing) {
  if (question.edits.empty()) return EditsFound::kNone;
  std::unordered_set<std::string_view> missing_ids;
  for (const MissingRevisions& document : missing) missing_ids.insert(document.id);
  const bool are_all_missing =
      std::all_of(question.edits.begin(), question.edits.end(),
                  [&](std::string_view id) { return missing_ids.contains(id); });
  return are_all_missing ? EditsFound::kAllMissing : EditsFound::kSomeKnown;
}

MissingDocuments sort_missing(const std::vector<PeerChange>& rows,
                              std::vector<MissingRevisions> missing) {
  // Of a document that comes twice the later row counts; the other's revisions are fetched.
  std::unordered_map<std::string_view, const PeerChange*> rows_by_id;
  for (const PeerChange& row : rows) rows_by_id[row.id] = &row;

  MissingDocuments sorted;
  for (MissingRevisions& document : missing) {
    const auto row = rows_by_id.find(document.id);
    if (row == rows_by_id.end()) continue;  // not asked about
    const bool is_in_page = is_complete_in_page(*row->second);
    if (is_first_generation(*row->second) && !has_attachments(*row->second)) {
      ++sorted.first_generations;
    }
    for (Revision& revision : document.missing) {
      if (is_in_page && revision == row->second->revisions.front()) {
        sorted.in_page.push_back(row->second->document);
      } else {
        sorted.wanted.push_back({document.id, std::move(revision), document.possible_ancestors});
      }
    }
  }
  return sorted;
}

}  // namespace couchlet
