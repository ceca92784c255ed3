#include "document/counters.h"

#include "base/varint.h"

namespace couchlet {

void Counters::add(const RevisionTree& document) {
  ++(document.winning_leaf()->info.is_deleted ? deleted_documents : live_documents);
  content_bytes += document.size_of_leaves();
}

void Counters::subtract(const RevisionTree& document) {
  --(document.winning_leaf()->info.is_deleted ? deleted_documents : live_documents);
  content_bytes -= document.size_of_leaves();
}

Result<Counters> Counters::decode(const std::optional<std::string>& bytes) {
  Counters counters;
  if (!bytes) return counters;
  std::string_view in = *bytes;
  for (uint64_t* counter :
       {&counters.update_sequence, &counters.live_documents, &counters.deleted_documents,
        &counters.content_bytes, &counters.purge_sequence}) {
    if (!get_varint(in, *counter)) {
      return errors::corrupt("The database's counters can't be read.");
    }
  }
  return counters;
}

std::string Counters::encode() const {
  std::string bytes;
  for (const uint64_t counter :
       {update_sequence, live_documents, deleted_documents, content_bytes, purge_sequence}) {
    put_varint(bytes, counter);
  }
  return bytes;
}

}  // namespace couchlet
