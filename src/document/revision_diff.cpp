#include "document/revision_diff.h"

#include <algorithm>
#include <utility>

#include "document/damage.h"
#include "document/document_reader.h"
#include "json/json_reader.h"
#include "json/json_writer.h"

namespace couchlet {
namespace {

// Superseded revisions aren't asked for again once compaction has made them missing; a leaf is
// missing only after damage.
bool is_here(const RevisionTree& tree, const Revision& revision) {
  const RevisionInfo* info = tree.find(revision);
  return info != nullptr && (info->body != 0 || !tree.is_leaf(revision));
}

void add_missing(const RevisionTree& tree, const Revision& revision, MissingRevisions& result) {
  if (is_here(tree, revision)) return;
  result.missing.push_back(revision);
  for (Revision& ancestor : tree.possible_ancestors(revision)) {
    auto& known = result.possible_ancestors;
    if (std::find(known.begin(), known.end(), ancestor) == known.end()) {
      known.push_back(std::move(ancestor));
    }
  }
}

Error bad_request_form() {
  return errors::bad_request("Revisions to compare are {\"id\": [\"revision\", ...], ...}.");
}

}  // namespace

Task<Result<std::vector<MissingRevisions>>> find_missing_revisions(
    const DocumentReader& reader, const std::vector<RevisionsOfDocument>& documents) {
  std::vector<MissingRevisions> results;
  for (const RevisionsOfDocument& asked : documents) {
    // Of a document whose record is damaged everything is asked for: what is done with it is said
    // when it is written.
    auto found = co_await reader.record(asked.id);
    if (!found.ok() && !is_damage(found.error())) co_return std::move(found).error();
    const auto record = found.ok() ? *std::move(found) : std::nullopt;
    MissingRevisions result{asked.id, {}, {}};
    for (const Revision& revision : asked.revisions) {
      if (record) {
        add_missing(record->tree, revision, result);
      } else {
        result.missing.push_back(revision);
      }
    }
    if (!result.missing.empty()) results.push_back(std::move(result));
  }
  co_return results;
}

Result<std::vector<RevisionsOfDocument>> parse_revs_diff_request(std::string_view json) {
  std::vector<RevisionsOfDocument> documents;
  JsonReader reader(json);
  reader.enter_object();
  for (std::string id; reader.next_member(id);) {
    RevisionsOfDocument document{id, {}};
    if (reader.peek() == JsonReader::Type::kError) break;
    if (!reader.enter_array()) return bad_request_form();
    for (std::string text; reader.next_element();) {
      if (!reader.read_string(text)) return invalid_revision();
      TRY_ASSIGN(Revision revision, Revision::parse(text));
      document.revisions.push_back(std::move(revision));
    }
    documents.push_back(std::move(document));
  }
  if (!reader.at_end()) return reader.error();
  return documents;
}

std::string revs_diff_json(const std::vector<MissingRevisions>& missing) {
  std::string text = "{";
  for (const MissingRevisions& document : missing) {
    if (text.size() > 1) text.push_back(',');
    append_json_string(text, document.id);
    text.append(":{\"missing\":");
    append_json_array(text, document.missing);
    if (!document.possible_ancestors.empty()) {
      text.append(",\"possible_ancestors\":");
      append_json_array(text, document.possible_ancestors);
    }
    text.push_back('}');
  }
  text.push_back('}');
  return text;
}

}  // namespace couchlet
