#include "edit_ledger.h"

#include <utility>

namespace couchlet {

size_t EditLedger::begin(Edit edit) {
  edits_.push_back(std::move(edit));
  return edits_.size() - 1;
}

void EditLedger::forget_acknowledged(const std::string& site) {
  for (Edit& edit : edits_) {
    if (edit.site == site) edit.rev.clear();
  }
}

std::string EditLedger::check(const DatabaseContents& contents, const Condition& has_to_be_there,
                              const Condition& may_be_there) const {
  for (size_t number = 1; number < edits_.size(); ++number) {
    const Edit& edit = edits_[number];
    if (edit.rev.empty() || !has_to_be_there(edit)) continue;
    if (!has_revision(contents, edit.id, edit.rev)) {
      return "edit " + std::to_string(number) + " of " + edit.id + ", acknowledged as " + edit.rev +
             ", is lost";
    }
  }
  for (const auto& [id, document] : contents) {
    for (const auto& [rev, leaf] : document.leaves) {
      std::string wrong = check_leaf(id, leaf, may_be_there);
      if (!wrong.empty()) return wrong;
    }
  }
  return "";
}

std::string EditLedger::check_leaf(const std::string& id, const Json& document,
                                   const Condition& may_be_there) const {
  const size_t number = number_at(document, "edit");
  if (number == 0 || number >= edits_.size()) return "nobody has written " + shown(document);
  const Edit& edit = edits_[number];
  if (edit.is_denied) return "an edit that was turned away is there: " + shown(document);
  if (!may_be_there(edit)) return "nobody has brought there " + shown(document);
  const auto history = history_of(document);
  const std::string parent = history.size() > 1 ? history[1] : "";
  const bool is_rev_right = edit.rev.empty() || edit.rev == history.front();
  // What was written anew may be on a tombstone.
  const bool is_parent_right = edit.parent.empty() || edit.parent == parent;
  if (edit.id != id || !is_parent_right || !is_rev_right) {
    return "edit " + std::to_string(number) + " was another one: " + shown(document);
  }
  if (edit.is_deletion != is_true_at(document, "_deleted")) {
    return "wrongly deleted: " + shown(document);
  }
  std::string data;
  if (document.contains("_attachments")) data = text_at(document["_attachments"]["file"], "data");
  return data == edit.attachment ? "" : "the attachment is wrong: " + shown(document);
}

}  // namespace couchlet
