// Counters of a database, kept under one key and changed in the same commit as what they count.
//
//   update sequence varint | live documents varint | deleted documents varint |
//   content bytes varint | purge sequence varint
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/revision_tree.h"

namespace couchlet {

struct Counters {
  uint64_t update_sequence = 0;  // of the newest change; 0 in a new database; never goes back
  uint64_t live_documents = 0;
  uint64_t deleted_documents = 0;
  uint64_t content_bytes = 0;   // of all leaves, uncompressed, with their attachments
  uint64_t purge_sequence = 0;  // how many purges: the changes feed tells nothing of a purge

  // A document comes or goes; one that changes goes as it was and comes as it is.
  // REQUIRES: the tree isn't empty.
  void add(const RevisionTree& document);
  void subtract(const RevisionTree& document);

  static Result<Counters> decode(const std::optional<std::string>& bytes);  // nullopt: all zero
  std::string encode() const;
};

}  // namespace couchlet
