#include "document/purge.h"

#include <utility>

#include "document/changes_entry.h"
#include "document/counters.h"
#include "document/document_record.h"
#include "document/keys.h"
#include "document/stored_bodies.h"
#include "json/json_writer.h"

namespace couchlet {
namespace {

Task<Result<void>> erase_bodies(WriteView& view, const std::vector<RevisionNode>& nodes) {
  StoredBodies bodies(view);
  for (const RevisionNode& node : nodes) {
    if (node.info.body != 0) CO_TRY(co_await bodies.erase(node.info));
  }
  co_return co_await bodies.finish();
}

}  // namespace

Task<Result<PurgeResult>> purge_leaf(WriteView& view, std::string id, Revision leaf) {
  CO_TRY_ASSIGN(const auto bytes, co_await view.get(keys::document(id)));
  if (!bytes) co_return errors::not_found("missing");
  CO_TRY_ASSIGN(DocumentRecord record, DocumentRecord::decode(*bytes));
  CO_TRY_ASSIGN(const auto counters_bytes, co_await view.get(keys::kCounters));
  CO_TRY_ASSIGN(Counters counters, Counters::decode(counters_bytes));

  counters.subtract(record.tree);
  const std::vector<RevisionNode> removed = record.tree.remove_leaf(leaf);
  if (removed.empty()) {
    co_return errors::not_found("Only a leaf can be purged, and '" + leaf.text() + "' is none.");
  }
  CO_TRY(co_await erase_bodies(view, removed));
  view.erase(keys::sequence(record.sequence));
  ++counters.purge_sequence;
  if (record.tree.empty()) {
    view.erase(keys::document(id));
  } else {
    counters.add(record.tree);
    record.sequence = ++counters.update_sequence;
    view.put(keys::document(id), record.encode());
    view.put(keys::sequence(record.sequence), encode_changes_entry(id, record.tree, {}));
  }
  view.put(keys::kCounters, counters.encode());

  PurgeResult result{{}, record.tree.empty()};
  for (const RevisionNode& node : removed) result.removed.push_back(node.revision);
  co_return result;
}

std::string purge_result_json(const PurgeResult& result) {
  std::string text = "{\"ok\":true,\"deletedRevs\":[";
  for (const Revision& revision : result.removed) {
    if (text.back() != '[') text.push_back(',');
    append_json_string(text, revision.text());
  }
  text.append("],\"documentWasRemovedCompletely\":");
  text.append(result.is_document_gone ? "true}" : "false}");
  return text;
}

}  // namespace couchlet
