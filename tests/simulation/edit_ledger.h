// EditLedger: what replicas and their server have been asked to write, and that nothing of it is
// lost or made up on its way. Each edit has a number of its own, which its document carries as the
// member "edit".
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "json_text.h"
#include "remote_documents.h"

namespace couchlet {

class EditLedger {
 public:
  struct Edit {
    std::string id;
    std::string parent = {};      // "": none
    std::string attachment = {};  // its data, as base64; "": none
    bool is_deletion = false;
    std::string rev = {};  // as acknowledged; "": nobody was told
    bool is_denied = false;
  };

  size_t begin(Edit edit);
  void acknowledge(size_t edit, std::string rev) { edits_[edit].rev = std::move(rev); }
  void deny(size_t edit) { edits_[edit].is_denied = true; }
  const Edit& edit(size_t number) const { return edits_[number]; }

  // What is wrong with the documents that all agree on in the end; "" where nothing is.
  std::string check(const RemoteDocuments& documents) const;

 private:
  std::string check_leaf(const std::string& id, const Json& document,
                         const std::string& parent) const;

  std::vector<Edit> edits_{1};  // 0 is none
};

}  // namespace couchlet
