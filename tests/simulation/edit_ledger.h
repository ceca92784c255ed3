// EditLedger: what replicas and their server have been asked to write, and that nothing of it is
// lost or made up on its way. Each edit has a number of its own, which its document carries as the
// member "edit".
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "database_contents.h"
#include "json_text.h"

namespace couchlet {

class EditLedger {
 public:
  struct Edit {
    std::string site;  // where it is made, by name
    std::string id;
    std::string parent = {};      // "": none
    std::string attachment = {};  // its data, as base64; "": none
    bool is_deletion = false;
    std::string rev = {};  // as acknowledged; "": nobody was told
    bool is_denied = false;
  };
  using Condition = std::function<bool(const Edit&)>;

  size_t begin(Edit edit);
  void acknowledge(size_t edit, std::string rev) { edits_[edit].rev = std::move(rev); }
  void deny(size_t edit) { edits_[edit].is_denied = true; }
  const Edit& edit(size_t number) const { return edits_[number]; }
  // What was acknowledged there may be lost, as the database was deleted.
  void forget_acknowledged(const std::string& site);

  // What is wrong with a database that has all acknowledged edits which have to be there, and of
  // others those that may; "" where nothing is.
  std::string check(const DatabaseContents& contents, const Condition& has_to_be_there,
                    const Condition& may_be_there) const;

 private:
  std::string check_leaf(const std::string& id, const Json& document,
                         const Condition& may_be_there) const;

  std::vector<Edit> edits_{1};  // 0 is none
};

}  // namespace couchlet
