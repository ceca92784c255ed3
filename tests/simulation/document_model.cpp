#include "document_model.h"

#include <algorithm>
#include <utility>

namespace couchlet {

namespace {

std::string named(DocumentModel::Number edit, const DocumentModel::Edit& of) {
  return "edit " + std::to_string(edit) + " of " + of.id;
}

}  // namespace

DocumentModel::Number DocumentModel::begin_edit(Edit edit) {
  const Number number = edits_.size();
  edits_of_[edit.id].push_back(number);
  if (!edit.rev.empty()) makers_[{edit.id, edit.rev}] = number;
  edits_.push_back(std::move(edit));
  return number;
}

std::string DocumentModel::acknowledge(Number number, const std::string& rev) {
  return see(number, edits_[number].id, rev);
}

std::string DocumentModel::deny(Number number) {
  Edit& edit = edits_[number];
  if (edit.has_come) {
    return named(number, edit) + " was turned away, though it was seen";
  }
  edit.is_denied = true;
  return "";
}

// There is another edit that it may conflict with.
std::string DocumentModel::conflict(Number number) {
  const Edit& edit = edits_[number];
  const auto& others = edits_of_[edit.id];
  const bool is_explained = std::ranges::any_of(others, [&](Number other) {
    if (other == number || edits_[other].is_denied) return false;
    return edit.parent.empty() || may_have_made(edits_[other], edit.parent);
  });
  if (!is_explained) return named(number, edit) + " conflicts with nothing";
  return deny(number);
}

std::string DocumentModel::see(Number number, const std::string& id, const std::string& rev) {
  if (number == 0 || number >= edits_.size())
    return "there is a revision that nobody wrote: " + rev;
  Edit& edit = edits_[number];
  if (edit.id != id) return named(number, edit) + " is in " + id;
  if (edit.is_denied) return named(number, edit) + " is there, though it was turned away";
  edit.has_come = true;
  if (edit.rev.empty()) {
    edit.rev = rev;
    makers_[{id, rev}] = number;
  }
  if (edit.rev == rev) return "";
  return named(number, edit) + " is there as " + rev + " and as " + edit.rev;
}

std::string DocumentModel::see_tree(const std::string& id,
                                    const std::map<std::string, std::string>& parents) {
  for (const Number number : edits_of_[id]) {
    const Edit& edit = edits_[number];
    if (edit.has_come && !parents.contains(edit.rev)) {
      return named(number, edit) + " is lost: " + edit.rev;
    }
  }
  std::map<std::string, std::string> edited;  // by their parents
  for (const auto& [rev, parent] : parents) {
    if (auto wrong = check_maker(id, rev, parent); !wrong.empty()) return wrong;
    if (parent.empty() || edits_[maker(id, rev)].is_replicated) continue;
    const auto [other, is_first] = edited.emplace(parent, rev);
    if (!is_first) return id + " has two edits of " + parent + ": " + rev + ", " + other->second;
  }
  return "";
}

DocumentModel::Number DocumentModel::maker(const std::string& id, const std::string& rev) const {
  const auto found = makers_.find({id, rev});
  return found == makers_.end() ? 0 : found->second;
}

size_t DocumentModel::bundle_size(Number bundle) const {
  size_t size = 0;
  while (bundle + size < edits_.size() && edits_[bundle + size].bundle == bundle) ++size;
  return size;
}

std::vector<std::string> DocumentModel::ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, edits] : edits_of_) ids.push_back(id);
  return ids;
}

// An edit that named no parent has made a new document, or gone on from a tombstone.
bool DocumentModel::may_have_made(const Edit& edit, const std::string& parent) const {
  return !edit.is_denied && (edit.parent == parent || edit.parent.empty());
}

// Of a revision whose body nobody has read, as it was superseded before, only some edit of unknown
// outcome can be the maker.
std::string DocumentModel::check_maker(const std::string& id, const std::string& rev,
                                       const std::string& parent) const {
  if (const Number number = maker(id, rev); number != 0) {
    const Edit& edit = edits_[number];
    if (edit.is_denied) return named(number, edit) + " is there, though it was turned away";
    if (may_have_made(edit, parent)) return "";
    return named(number, edit) + " was made on " + edit.parent + " and is on " + parent;
  }
  const auto of_document = edits_of_.find(id);
  if (of_document == edits_of_.end()) return "a document that nobody wrote: " + id;
  const bool is_explained = std::ranges::any_of(of_document->second, [&](Number number) {
    return edits_[number].rev.empty() && may_have_made(edits_[number], parent);
  });
  return is_explained ? "" : id + " has a revision that nobody wrote: " + rev;
}

}  // namespace couchlet
