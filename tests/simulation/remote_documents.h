// RemoteDocuments: what a CouchDB keeps of a database, in plain maps: revision trees, the feed's
// sequences, local documents. It knows nothing of the engine, so that what replicas must come to
// can be read here.
//
// What is written is there at once and stays, whatever becomes of the server.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "json_text.h"

namespace couchlet {

class RemoteDocuments {
 public:
  // A revision that is known by its successors only has no content.
  struct Node {
    std::string parent = {};  // "": none is known
    bool has_content = false;
    bool is_deleted = false;
    Json body = {};         // without the members that begin with "_"
    Json attachments = {};  // by name, each with "data" and "digest"
  };
  struct Document {
    uint64_t sequence = 0;
    std::map<std::string, Node> tree;  // by revision
  };
  struct Leaf {
    std::string rev;
    bool is_deleted = false;
  };
  struct Shape {
    bool with_history = false;
    bool with_data = false;  // of attachments, but for those that one of `known` has had
    std::set<std::string> known = {};
  };

  // As new_edits=false: a document with its _revisions. False: a stub of an attachment that is not
  // here; nothing has been written then.
  bool merge(const Json& document);

  const std::map<std::string, Document>& documents() const { return documents_; }
  uint64_t sequence() const { return sequence_; }
  bool has(const std::string& id, const std::string& rev) const;
  // The winner first, as CouchDB chooses it.
  std::vector<Leaf> leaves(const std::string& id) const;
  // The revision and what is before it.
  std::vector<std::string> history(const std::string& id, const std::string& rev) const;
  // REQUIRES: the revision has content.
  Json read(const std::string& id, const std::string& rev, const Shape& shape) const;

  std::optional<Json> local(const std::string& id) const;
  // The new revision; none where the document's _rev is not the present one, and that counts.
  std::optional<std::string> put_local(const std::string& id, Json document, bool checks_revision);

  // As if the database had been deleted and made anew.
  void clear();
  uint64_t incarnation() const { return incarnation_; }  // one more with each clear()

 private:
  bool take_attachments(const Json& document, const std::vector<std::string>& history, Node& node);
  const Json* find_attachment(const std::string& id, const std::vector<std::string>& history,
                              const std::string& name, const std::string& digest) const;

  std::map<std::string, Document> documents_;
  std::map<std::string, Json> locals_;
  uint64_t sequence_ = 0;
  uint64_t incarnation_ = 1;
};

// "3-…" → 3
uint64_t generation_of(const std::string& rev);

// The revisions that a document's _revisions name, the latest first.
std::vector<std::string> history_of(const Json& document);

}  // namespace couchlet
