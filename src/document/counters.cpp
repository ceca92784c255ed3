#include "document/counters.h"

#include "base/varint.h"

namespace couchlet {

Result<Counters> Counters::decode(const std::optional<std::string>& bytes) {
  Counters counters;
  if (!bytes) return counters;
  std::string_view in = *bytes;
  if (!get_varint(in, counters.update_sequence) || !get_varint(in, counters.live_documents) ||
      !get_varint(in, counters.deleted_documents)) {
    return errors::corrupt("The database's counters can't be read.");
  }
  return counters;
}

std::string Counters::encode() const {
  std::string bytes;
  put_varint(bytes, update_sequence);
  put_varint(bytes, live_documents);
  put_varint(bytes, deleted_documents);
  return bytes;
}

}  // namespace couchlet
