// DocumentModel: what edits of documents must come to.
//
// Each edit has a number of its own, which its document carries as the member "edit". So whoever
// reads a revision can tell which edit has made it. The law: an edit that was turned away is never
// seen; one that was acknowledged, or that anybody has seen, is in its document's tree in the end,
// under the revision it was seen under and on the parent that it was made for; of the edits made on
// a revision at most one is taken, the others conflict, and where there is no other there is no
// conflict. Replicated revisions are free of that last rule.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace couchlet {

class DocumentModel {
 public:
  using Number = size_t;

  struct Edit {
    std::string id;
    std::string parent = {};  // "": none was named
    std::string rev = {};     // "": not known yet
    std::string attachment = {};
    bool is_deletion = false;
    bool is_replicated = false;
    bool is_denied = false;
    bool has_come = false;  // was acknowledged, or seen
    Number bundle = 0;      // edits of one bundle come together or not at all; 0: none
  };

  DocumentModel() : edits_(1) {}

  Number begin_edit(Edit edit);

  // These tell what is wrong with what has been seen; "" where nothing is.
  std::string acknowledge(Number edit, const std::string& rev);
  std::string deny(Number edit);
  std::string conflict(Number edit);
  std::string see(Number edit, const std::string& id, const std::string& rev);

  // The revisions of a document in the end, each with its parent ("": none).
  std::string see_tree(const std::string& id, const std::map<std::string, std::string>& parents);

  const Edit& edit(Number number) const { return edits_[number]; }
  size_t edit_count() const { return edits_.size(); }
  // The one that has made a revision; 0: not known.
  Number maker(const std::string& id, const std::string& rev) const;
  size_t bundle_size(Number bundle) const;
  // Of the documents that anybody has tried to write.
  std::vector<std::string> ids() const;

 private:
  bool may_have_made(const Edit& edit, const std::string& parent) const;
  std::string check_maker(const std::string& id, const std::string& rev,
                          const std::string& parent) const;

  std::vector<Edit> edits_;
  std::map<std::string, std::vector<Number>> edits_of_;           // by document
  std::map<std::pair<std::string, std::string>, Number> makers_;  // by document and revision
};

}  // namespace couchlet
