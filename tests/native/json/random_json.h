// Random JSON documents that are rich in what goes wrong: keys that come twice (once escaped),
// special members of any type, numbers at every boundary, odd characters, white space everywhere,
// lists of bytes, objects of many members; and mutations, which mostly make them invalid.
#pragma once

#include <string>

#include "base/seeded_random.h"

namespace couchlet {

class RandomJson {
 public:
  explicit RandomJson(uint64_t seed) : random_(seed) {}

  std::string document();
  std::string mutated(std::string text);

 private:
  void append_object(std::string& out, size_t depth, bool is_document);
  void append_array(std::string& out, size_t depth);
  void append_value(std::string& out, size_t depth);
  void append_key(std::string& out, bool is_document);
  void append_string(std::string& out);
  void append_character(std::string& out);
  void append_number(std::string& out);
  void append_digits(std::string& out, size_t count);
  void append_white_space(std::string& out);

  bool one_in(size_t n) { return random_.below(n) == 0; }

  SeededRandom random_;
  bool has_white_space_ = false;
};

}  // namespace couchlet
