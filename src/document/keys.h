// The keys of a database in its store. One byte of kind, then:
//
//   'd' id                 document record: revision tree and sequence (document_record.h)
//   's' sequence u64be     changes feed entry (changes_entry.h)
//   'b' sequence u64be     body of the revision that was written under it (document_text.h)
//   'a' digest             attachment record: references and length (stored_bodies.h)
//   'l' id                 local document: revision number varint | text without _id and _rev
//   'm' name               one value for the whole database: counters, uuid, number of repairs
//
// Ids are the bytes of their UTF-8, so that by-id order is CouchDB's order of _all_docs (raw
// bytes). Big-endian numbers keep numeric order. A body's number never changes and is never used
// twice.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace couchlet::keys {

inline constexpr char kDocument = 'd';
inline constexpr char kSequence = 's';
inline constexpr char kBody = 'b';
inline constexpr char kAttachment = 'a';
inline constexpr char kLocal = 'l';
inline constexpr char kMeta = 'm';

inline constexpr std::string_view kCounters = "mcounters";
inline constexpr std::string_view kUuid = "muuid";
inline constexpr std::string_view kRepairs = "mrepairs";

inline std::string with_id(char kind, std::string_view id) {
  std::string key;
  key.reserve(id.size() + 1);
  key.push_back(kind);
  key.append(id);
  return key;
}

inline std::string with_number(char kind, uint64_t number) {
  std::string key(1, kind);
  put_u64be(key, number);
  return key;
}

inline std::string document(std::string_view id) { return with_id(kDocument, id); }
inline std::string sequence(uint64_t sequence) { return with_number(kSequence, sequence); }
inline std::string body(uint64_t number) { return with_number(kBody, number); }
inline std::string attachment(std::string_view digest) { return with_id(kAttachment, digest); }
inline std::string local(std::string_view id) { return with_id(kLocal, id); }

// REQUIRES: `key` was made by document(), sequence() or local() respectively.
inline std::string_view id_of(std::string_view key) { return key.substr(1); }
inline uint64_t number_of(std::string_view key) {
  uint64_t number = 0;
  std::string_view digits = key.substr(1);
  get_u64be(digits, number);
  return number;
}

}  // namespace couchlet::keys
