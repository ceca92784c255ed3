// Counters of a database, kept under one key and changed in the same commit as what they count.
//
//   update sequence varint | live documents varint | deleted documents varint
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace couchlet {

struct Counters {
  uint64_t update_sequence = 0;  // of the newest change; 0 in a new database
  uint64_t live_documents = 0;
  uint64_t deleted_documents = 0;

  static Result<Counters> decode(const std::optional<std::string>& bytes);  // nullopt: all zero
  std::string encode() const;
};

}  // namespace couchlet
