#include "json/scan_comparison.h"

#include "base/hex.h"
#include "json/document_scanner.h"
#include "json/json_reader.h"
#include "json/sax_document_scanner.h"

namespace couchlet {

namespace {

std::string shown(const Error& error) {
  return std::to_string(error.status) + ' ' + error.name + ' ' +
         error.reason.substr(0, error.reason.find(" at byte"));
}

std::string difference(const Result<ScannedDocument>& scanned,
                       const Result<ScannedDocument>& expected) {
  if (!scanned.ok() || !expected.ok()) {
    const std::string outcome = scanned.ok() ? "accepted" : shown(scanned.error());
    const std::string wanted = expected.ok() ? "accepted" : shown(expected.error());
    return outcome == wanted ? "" : outcome + " instead of " + wanted;
  }
  if (scanned->id != expected->id) return "_id";
  if (scanned->rev != expected->rev) return "_rev";
  if (scanned->is_deleted != expected->is_deleted) return "_deleted";
  if (scanned->attachments != expected->attachments) return "_attachments";
  if (scanned->revisions != expected->revisions) return "_revisions";
  if (scanned->body != expected->body) return "body: " + scanned->body;
  if (scanned->term != expected->term) return "term: " + to_hex(scanned->term);
  return "";
}

}  // namespace

std::string difference_to_twin(std::string_view text) {
  const std::optional<bool> expected_json = sax_is_json(text);
  if (!expected_json.has_value()) return "";  // beyond the twin
  JsonReader reader(text);
  const bool is_json = reader.skip() && reader.at_end();
  if (is_json != *expected_json) {
    return is_json ? "the reader accepts it" : "the reader refuses it";
  }

  Result<ScannedDocument> expected = sax_scan_document(text);
  std::string found = difference(scan_document(text, Terms::kEncode), expected);
  if (!found.empty()) return "with terms: " + found;
  if (expected.ok()) expected->term.clear();
  found = difference(scan_document(text, Terms::kSkip), expected);
  return found.empty() ? "" : "without terms: " + found;
}

}  // namespace couchlet
