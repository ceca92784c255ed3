#include "replicate/protocol_json.h"

#include <charconv>
#include <utility>

#include "json/json_reader.h"
#include "json/json_writer.h"
#include "replicate/protocol_reading.h"

namespace couchlet {

namespace {

using Type = JsonReader::Type;

Result<std::vector<Revision>> read_revisions(JsonReader& reader) {
  std::vector<Revision> revisions;
  reader.enter_array();
  for (std::string text; reader.next_element();) {
    if (!reader.read_string(text)) break;
    TRY_ASSIGN(Revision revision, Revision::parse(text));
    revisions.push_back(std::move(revision));
  }
  return revisions;
}

}  // namespace

std::string revs_diff_request(const std::vector<RevisionsOfDocument>& documents) {
  std::string text = "{";
  for (const RevisionsOfDocument& document : documents) {
    if (text.size() > 1) text.push_back(',');
    append_json_string(text, document.id);
    text.push_back(':');
    append_json_array(text, document.revisions);
  }
  text.push_back('}');
  return text;
}

Result<std::vector<MissingRevisions>> parse_revs_diff(std::string_view text) {
  std::vector<MissingRevisions> all;
  JsonReader reader(text);
  reader.enter_object();
  for (std::string id; reader.next_member(id);) {
    MissingRevisions document{id, {}, {}};
    reader.enter_object();
    for (std::string key; reader.next_member(key);) {
      if (key == "missing") {
        TRY_ASSIGN(document.missing, read_revisions(reader));
      } else if (key == "possible_ancestors") {
        TRY_ASSIGN(document.possible_ancestors, read_revisions(reader));
      } else {
        reader.skip();
      }
    }
    if (!document.missing.empty()) all.push_back(std::move(document));
  }
  if (!reader.at_end()) return unreadable(reader);
  return all;
}

Result<PeerInfo> parse_info(std::string_view text) {
  PeerInfo info;
  JsonReader reader(text);
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == "update_seq") {
      std::string_view raw;
      reader.read_raw(raw);
      info.update_sequence = raw;
    } else {
      reader.skip();
    }
  }
  if (!reader.at_end()) return unreadable(reader);
  if (info.update_sequence.empty()) return unexpected("a database without \"update_seq\"");
  return info;
}

DocumentIdentity identity_of(std::string_view document) {
  DocumentIdentity identity;
  JsonReader reader(document);
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == "_id") {
      read_optional_string(reader, identity.id);
    } else if (key == "_rev") {
      read_optional_string(reader, identity.rev);
    } else {
      reader.skip();
    }
    if (!identity.id.empty() && !identity.rev.empty()) break;
  }
  return identity;
}

std::optional<uint64_t> number_of_sequence(std::string_view raw_json) {
  if (raw_json.starts_with('"')) raw_json.remove_prefix(1);
  uint64_t number = 0;
  const char* const end = raw_json.data() + raw_json.size();
  const auto [after, problem] = std::from_chars(raw_json.data(), end, number);
  if (problem != std::errc()) return std::nullopt;
  if (after != end && *after != '-' && *after != '"') return std::nullopt;
  return number;
}

}  // namespace couchlet
