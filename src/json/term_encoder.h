// Encodes JSON as the Erlang term that CouchDB would make of it (format: erlang_term.h), while the
// text is being scanned: a Sink of json_value_scanner.h.
//
// How long a list is shows at its end only, so its head is filled in then:
//
//   - no elements: nil;
//   - an array of integers 0..255, at most 65,535 of them: written as two bytes for each element,
//     and packed into a string where it stands;
//   - of an object's members with the same key only the last one counts, at its place: the others
//     are cut out. A hash of each key finds out cheaply that there are none.
//
// Nothing is allocated for a token: the term grows in one buffer, which is the result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/erlang_term.h"
#include "json/json_lexer.h"

namespace couchlet {

// An integer of more digits is refused: its conversion takes time as their square (3 ms for these).
inline constexpr size_t kMaxEncodedDigits = 20'000;

class TermEncoder {
 public:
  // `text_size`: of the JSON text, to begin with a buffer that mostly suffices.
  explicit TermEncoder(size_t text_size);

  void begin_object();
  void key(const JsonString& key);
  void end_object();
  void begin_array();
  void end_array();
  void string(const JsonString& string);
  void literal(JsonLiteral literal);
  bool number(const JsonNumber& number);  // false: no double holds it, or kMaxEncodedDigits

  // The term of the one value that was encoded. The encoder is used up.
  std::string finish();

 private:
  // A list that is open: an array, or the members of an object.
  struct List {
    size_t at = 0;             // of its tag
    size_t first_member = 0;   // in members_
    uint64_t hashes_seen = 0;  // bit hash % 64 of each key
    uint32_t count = 0;
    bool has_only_bytes = true;        // every element is an integer 0..255
    bool may_have_duplicates = false;  // two keys have the same hash, or there are many keys
  };

  struct Member {
    size_t at;  // of its {Key, Value}
    uint32_t hash;
    bool is_superseded = false;
  };

  void begin_list();
  void end_list();
  void count_element(bool is_byte);
  void end_as_string();
  void note_member(size_t at);
  void remove_duplicate_members();
  std::string_view key_of(const Member& member) const;
  void encode_short_integer(std::string_view digits, bool is_negative);
  void encode_long_integer(std::string_view digits, bool is_negative);

  void reserve(size_t size);
  void write_tag(ErlangTag tag);
  void write_big(size_t size, bool is_negative);  // the head; the magnitude follows
  void write_binary(const JsonString& string);
  size_t position() const { return static_cast<size_t>(at_ - buffer_.data()); }

  std::string buffer_;
  char* at_;
  char* limit_;
  List list_;                    // the innermost
  std::vector<List> outer_;      // those around it
  std::vector<Member> members_;  // of all objects that are open, the innermost object's last
  std::vector<uint32_t> limbs_;
};

}  // namespace couchlet
