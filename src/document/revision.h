// A revision id, "3-825cb35de44c433bfb2df415563a19de": the generation (how many edits away from
// the document's first revision) and a hash.
//
// Its parts are read as CouchDB reads them:
//   - a hash of 32 hex digits is 16 raw bytes, so upper and lower case name the same revision;
//   - 32 characters that aren't all hex digits are refused; any other hash is its own bytes;
//   - revisions are equal when their generations and hash bytes are. So a hash of 16 characters is
//     the same as the 32 hex digits of these characters, and is written as these digits;
//   - order is by generation, then by the hash bytes, a prefix before what it is a prefix of.
//
// A hash is printable ASCII without space, '"' and '\': a revision can be written into JSON or an
// ETag as it is.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace couchlet {

// What is answered to any text that is no revision.
Error invalid_revision();

class Revision {
 public:
  using Digest = std::array<uint8_t, 16>;

  // What survives JavaScript's numbers, as _revisions.start must.
  static constexpr uint64_t kMaxGeneration = (uint64_t{1} << 53) - 1;

  // REQUIRES: 1 <= generation.
  Revision(uint64_t generation, const Digest& digest) : generation_(generation) {
    std::memcpy(digest_.data(), digest.data(), digest.size());
  }

  // From "3-825c…". 400 bad_request if it isn't a revision.
  static Result<Revision> parse(std::string_view text);

  // From a generation and the hash's text, as they stand apart in _revisions. 400 likewise.
  static Result<Revision> from_hash(uint64_t generation, std::string_view hash);

  uint64_t generation() const { return generation_; }

  // 16 raw bytes or the text of another hash; what is compared and hashed. Valid as long as *this.
  std::string_view hash_bytes() const {
    return text_ ? std::string_view(*text_) : std::string_view(digest_.data(), digest_.size());
  }
  std::string hash_text() const;
  void append_hash_text(std::string& out) const;

  std::string text() const;
  void append_text(std::string& out) const;
  void append_json(std::string& out) const;  // the text as a JSON string

  friend bool operator==(const Revision& a, const Revision& b) {
    return a.generation_ == b.generation_ && a.hash_bytes() == b.hash_bytes();
  }
  friend std::strong_ordering operator<=>(const Revision& a, const Revision& b) {
    if (auto order = a.generation_ <=> b.generation_; order != 0) return order;
    return a.hash_bytes() <=> b.hash_bytes();
  }

 private:
  uint64_t generation_;
  std::array<char, 16> digest_{};            // unused if there is a text_
  std::shared_ptr<const std::string> text_;  // only where the hash isn't 16 bytes: almost nowhere
};

// The JSON array of their texts: ["2-…","1-…"].
void append_json_array(std::string& out, const std::vector<Revision>& revisions);

}  // namespace couchlet
