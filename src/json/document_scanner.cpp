#include "json/document_scanner.h"

#include <array>
#include <cmath>
#include <limits>

#include "json/json_number.h"
#include "json/json_reader.h"
#include "json/json_value_scanner.h"
#include "json/term_encoder.h"

namespace couchlet {

namespace {

// So that every size in a term fits into 32 bits, whatever the text is made of.
constexpr size_t kMaxTextSize = std::numeric_limits<uint32_t>::max() / 4;

enum class Wanted { kString, kBoolean, kObject, kAnything };

struct SpecialKey {
  std::string_view name;
  Wanted wanted;
};

constexpr std::array kSpecialKeys = {
    SpecialKey{"_id", Wanted::kString},
    SpecialKey{"_rev", Wanted::kString},
    SpecialKey{"_deleted", Wanted::kBoolean},
    SpecialKey{"_attachments", Wanted::kObject},
    SpecialKey{"_revisions", Wanted::kObject},
    // What a server tells about a document: accepted and dropped.
    SpecialKey{"_revs_info", Wanted::kAnything},
    SpecialKey{"_conflicts", Wanted::kAnything},
    SpecialKey{"_deleted_conflicts", Wanted::kAnything},
    SpecialKey{"_local_seq", Wanted::kAnything},
};
enum SpecialIndex : size_t { kId, kRev, kDeleted, kAttachments, kRevisions };  // in kSpecialKeys

bool is_wanted(Wanted wanted, char first) {
  switch (wanted) {
    case Wanted::kString:
      return first == '"';
    case Wanted::kBoolean:
      return first == 't' || first == 'f';
    case Wanted::kObject:
      return first == '{';
    case Wanted::kAnything:
      return true;
  }
}

Error bad_special_member(std::string_view key) {
  return {400, "doc_validation", "Bad special document member: " + std::string(key)};
}

Error bad_value(size_t index) {
  if (index == kId) return {400, "illegal_docid", "Document id must be a string"};
  if (index == kRev) return errors::bad_request("Invalid rev format");
  return bad_special_member(kSpecialKeys[index].name);
}

// Every number of so many digits, without an exponent, is below the largest double: 1.8e308.
constexpr size_t kMaxDoubleDigits = 308;

// What is checked of a value that isn't encoded: the same.
struct CheckNumbers : CheckOnly {
  bool number(const JsonNumber& number) {
    const bool is_small = !number.has_exponent && number.text.size() <= kMaxDoubleDigits;
    return number.is_integer || is_small || std::isfinite(parse_json_double(number.text));
  }
};

bool is_special(const JsonString& key) {
  return key.raw.starts_with('_') || key.raw.starts_with("\\u005f") ||
         key.raw.starts_with("\\u005F");
}

class DocumentScanner {
 public:
  explicit DocumentScanner(std::string_view text) : text_(text), lexer_(text) {}

  Result<ScannedDocument> scan(Terms terms);

 private:
  template <typename Sink>
  bool scan_members(Sink& body);
  bool scan_special_member();
  void add_to_body(const char* member);  // from `member` to lexer_.at()
  void copy_body_run();
  bool is_at_text_end();
  Error invalid_text() const;
  Error not_an_object();
  Result<> check_special_members() const;
  void take_special_members();

  std::string_view text_;
  JsonLexer lexer_;
  JsonNesting nesting_;
  JsonString key_;
  ScannedDocument document_;
  std::string_view body_run_;  // members that stand together, not yet copied to document_.body
  std::array<std::string_view, kSpecialKeys.size()> special_values_;  // as met last; or empty
  std::string unknown_key_;  // the first with '_' that isn't in kSpecialKeys
  const char* unknown_at_ = nullptr;
};

Result<ScannedDocument> DocumentScanner::scan(Terms terms) {
  lexer_.skip_white_space();
  if (lexer_.peek() != '{') return not_an_object();
  bool is_valid = false;
  if (terms == Terms::kEncode) {
    TermEncoder encoder(text_.size());
    encoder.begin_object();
    is_valid = scan_members(encoder);
    encoder.end_object();
    document_.term = encoder.finish();
  } else {
    CheckNumbers check;
    is_valid = scan_members(check);
  }
  if (!is_valid || !is_at_text_end()) {
    return invalid_text();
  }
  TRY(check_special_members());
  take_special_members();
  return std::move(document_);
}

template <typename Sink>
bool DocumentScanner::scan_members(Sink& body) {
  nesting_.enter(true);
  lexer_.read_character('{');
  lexer_.skip_white_space();
  if (lexer_.read_character('}')) return true;
  do {
    lexer_.skip_white_space();
    const char* const member = lexer_.at();
    if (!read_json_key(lexer_, key_)) return false;
    if (is_special(key_)) {
      if (!scan_special_member()) return false;
    } else {
      body.key(key_);
      if (!scan_json_value(lexer_, nesting_, body)) return false;
      add_to_body(member);
    }
    lexer_.skip_white_space();
  } while (lexer_.read_character(','));
  return lexer_.read_character('}');
}

bool DocumentScanner::scan_special_member() {
  std::string key;
  unescape_json(key_, key);
  const char* const value = lexer_.at();
  CheckNumbers check;
  if (!scan_json_value(lexer_, nesting_, check)) return false;
  for (size_t i = 0; i < kSpecialKeys.size(); ++i) {
    if (kSpecialKeys[i].name != key) continue;
    special_values_[i] = {value, static_cast<size_t>(lexer_.at() - value)};
    return true;
  }
  if (unknown_at_ == nullptr) {
    unknown_at_ = value;
    unknown_key_ = std::move(key);
  }
  return true;
}

// Nearly always all members stand together, with a comma between them, and are copied at once.
void DocumentScanner::add_to_body(const char* member) {
  const bool joins_run = !body_run_.empty() && member == body_run_.data() + body_run_.size() + 1;
  if (!joins_run) copy_body_run();
  const char* const start = joins_run ? body_run_.data() : member;
  body_run_ = {start, static_cast<size_t>(lexer_.at() - start)};
}

void DocumentScanner::copy_body_run() {
  if (body_run_.empty()) return;
  if (!document_.body.empty()) document_.body.push_back(',');
  document_.body.append(body_run_);
}

bool DocumentScanner::is_at_text_end() {
  lexer_.skip_white_space();
  return lexer_.at_end();
}

// Where the lexer has stopped. A number can be valid JSON, and yet too large.
Error DocumentScanner::invalid_text() const {
  const auto offset = static_cast<size_t>(lexer_.at() - text_.data());
  Error error = invalid_json(offset);
  JsonLexer at_fault(text_.substr(offset));
  JsonNumber number;
  if (at_fault.read_number(number) && !CheckNumbers().number(number)) {
    error.reason.append(": a number that is too large");
  }
  return error;
}

Error DocumentScanner::not_an_object() {
  JsonReader reader(text_);
  if (!reader.skip() || !reader.at_end()) return reader.error();
  return errors::bad_request("Document must be a JSON object");
}

// CouchDB takes the members in their order and stops at the first that is wrong.
Result<> DocumentScanner::check_special_members() const {
  const char* first_bad = unknown_at_;
  size_t bad_index = kSpecialKeys.size();
  for (size_t i = 0; i < kSpecialKeys.size(); ++i) {
    const std::string_view value = special_values_[i];
    if (value.empty() || is_wanted(kSpecialKeys[i].wanted, value.front())) continue;
    if (first_bad != nullptr && first_bad < value.data()) continue;
    first_bad = value.data();
    bad_index = i;
  }
  if (first_bad == nullptr) return {};
  if (bad_index < kSpecialKeys.size()) return bad_value(bad_index);
  return bad_special_member(unknown_key_);
}

void DocumentScanner::take_special_members() {
  const auto take_string = [](std::string_view value, std::optional<std::string>& out) {
    if (value.empty()) return;
    const std::string_view raw = value.substr(1, value.size() - 2);
    unescape_json({raw, raw.find('\\') != raw.npos}, out.emplace());
  };
  take_string(special_values_[kId], document_.id);
  take_string(special_values_[kRev], document_.rev);
  document_.is_deleted = special_values_[kDeleted] == "true";
  document_.attachments = special_values_[kAttachments];
  document_.revisions = special_values_[kRevisions];
  copy_body_run();
}

}  // namespace

Result<ScannedDocument> scan_document(std::string_view text, Terms terms) {
  if (text.size() > kMaxTextSize) {
    return Error{413, "document_too_large", "A document's text may be 1 GiB at the most"};
  }
  return DocumentScanner(text).scan(terms);
}

Result<size_t> split_json_array(std::string_view text, std::vector<std::string_view>& elements) {
  const size_t before = elements.size();
  JsonReader reader(text);
  reader.enter_array();
  while (reader.next_element()) {
    std::string_view element;
    if (reader.read_raw(element)) elements.push_back(element);
  }
  if (reader.at_end()) return elements.size() - before;
  elements.resize(before);
  return reader.error();
}

}  // namespace couchlet
