#include "edit_ledger.h"

#include <utility>

namespace couchlet {

size_t EditLedger::begin(Edit edit) {
  edits_.push_back(std::move(edit));
  return edits_.size() - 1;
}

std::string EditLedger::check(const RemoteDocuments& documents) const {
  for (size_t number = 1; number < edits_.size(); ++number) {
    const Edit& edit = edits_[number];
    if (!edit.rev.empty() && !documents.has(edit.id, edit.rev)) {
      return "edit " + std::to_string(number) + " of " + edit.id + ", acknowledged as " + edit.rev +
             ", is lost";
    }
  }
  for (const auto& [id, document] : documents.documents()) {
    for (const auto& leaf : documents.leaves(id)) {
      const Json read = documents.read(id, leaf.rev, {.with_data = true});
      std::string wrong = check_leaf(id, read, document.tree.at(leaf.rev).parent);
      if (!wrong.empty()) return wrong;
    }
  }
  return "";
}

std::string EditLedger::check_leaf(const std::string& id, const Json& document,
                                   const std::string& parent) const {
  const size_t number = number_at(document, "edit");
  const std::string text = document.dump();
  if (number == 0 || number >= edits_.size()) return "nobody has written " + text;
  const Edit& edit = edits_[number];
  if (edit.is_denied) return "an edit that was turned away is there: " + text;
  const bool is_rev_right = edit.rev.empty() || edit.rev == text_at(document, "_rev");
  // What was written anew may be on a tombstone.
  const bool is_parent_right = edit.parent.empty() || edit.parent == parent;
  if (edit.id != id || !is_parent_right || !is_rev_right) {
    return "edit " + std::to_string(number) + " was another one: " + text + " on " + parent;
  }
  if (edit.is_deletion != is_true_at(document, "_deleted")) return "wrongly deleted: " + text;
  std::string data;
  if (document.contains("_attachments")) data = text_at(document["_attachments"]["file"], "data");
  return data == edit.attachment ? "" : "the attachment is wrong: " + text;
}

}  // namespace couchlet
