#include "replicate/protocol_json.h"

#include <charconv>
#include <utility>

#include "json/json_reader.h"
#include "json/json_writer.h"

namespace couchlet {

namespace {

using Type = JsonReader::Type;

Error unreadable(const JsonReader& reader) { return {502, "bad_response", reader.error().reason}; }

Error unexpected(std::string_view problem) { return {502, "bad_response", std::string(problem)}; }

// A string member that may be something else or null.
void read_optional_string(JsonReader& reader, std::string& out) {
  if (reader.peek() == Type::kString) {
    reader.read_string(out);
  } else {
    reader.skip();
  }
}

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

// [{"rev": …}, …]
Result<std::vector<Revision>> read_leaves(JsonReader& reader) {
  std::vector<Revision> leaves;
  reader.enter_array();
  while (reader.next_element()) {
    std::string text;
    reader.enter_object();
    for (std::string key; reader.next_member(key);) {
      if (key == "rev") {
        reader.read_string(text);
      } else {
        reader.skip();
      }
    }
    if (reader.failed()) break;
    TRY_ASSIGN(Revision revision, Revision::parse(text));
    leaves.push_back(std::move(revision));
  }
  return leaves;
}

// With seq_interval, CouchDB gives most rows the sequence null.
std::string sequence_text(std::string_view raw) {
  return raw == "null" ? std::string() : std::string(raw);
}

Result<PeerChange> read_change(JsonReader& reader) {
  PeerChange row;
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == "seq") {
      std::string_view raw;
      reader.read_raw(raw);
      row.sequence = sequence_text(raw);
    } else if (key == "id") {
      reader.read_string(row.id);
    } else if (key == "changes") {
      TRY_ASSIGN(row.revisions, read_leaves(reader));
    } else if (key == "deleted" && reader.peek() == Type::kTrue) {
      reader.read_bool(row.is_deleted);
    } else if (key == "doc" && reader.peek() == Type::kObject) {
      reader.read_raw(row.document);
    } else {
      reader.skip();
    }
  }
  return row;
}

// Adds the rows that are complete. A failure of the reader is left to the caller.
Result<void> read_changes(JsonReader& reader, std::vector<PeerChange>& rows) {
  reader.enter_array();
  while (reader.next_element()) {
    auto row = read_change(reader);
    if (reader.failed()) return {};
    if (!row.ok()) return std::move(row).error();
    if (row->id.empty() || row->revisions.empty()) {
      return unexpected("a row of _changes without id or revision");
    }
    rows.push_back(std::move(*row));
  }
  return {};
}

void end_at_last_known_sequence(PeerChanges& page) {
  page.is_partial = true;
  page.pending.reset();
  page.last_sequence.clear();
  while (!page.rows.empty() && page.rows.back().sequence.empty()) page.rows.pop_back();
  if (!page.rows.empty()) page.last_sequence = page.rows.back().sequence;
}

int status_of_error(const std::string& name) {
  struct Known {
    std::string_view name;
    int status;
  };
  static constexpr Known kKnown[] = {
      {"unauthorized", 401},
      {"forbidden", 403},
      {"not_found", 404},
      {"conflict", 409},
      {"missing_stub", 412},
      {"document_too_large", 413},
      {"too_large", 413},
      {"request_entity_too_large", 413},
      {"attachment_too_large", 413},
      {"doc_validation", 400},
      {"bad_request", 400},
      {"illegal_docid", 400},
      {"too_many_requests", 429},
  };
  for (const Known& known : kKnown) {
    if (known.name == name) return known.status;
  }
  return 500;
}

// {"id": …, "rev": …, "error": …, "reason": …}; "error" is a name or, in some versions of PouchDB
// Server, true beside "name" and "status".
struct ErrorRow {
  std::string id;
  std::string rev;
  std::optional<Error> error;
};

ErrorRow read_error_row(JsonReader& reader) {
  ErrorRow row;
  std::string error;
  std::string name;
  std::string reason;
  uint64_t status = 0;
  bool is_error = false;
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    const Type type = reader.peek();
    if (key == "id") {
      read_optional_string(reader, row.id);
    } else if (key == "rev") {
      read_optional_string(reader, row.rev);
    } else if (key == "error") {
      is_error = type == Type::kString || type == Type::kTrue;
      read_optional_string(reader, error);
    } else if (key == "name") {
      read_optional_string(reader, name);
    } else if (key == "reason") {
      read_optional_string(reader, reason);
    } else if (key == "status" && type == Type::kNumber) {
      reader.read_uint64(status);
    } else {
      reader.skip();
    }
  }
  if (!is_error) return row;
  if (error.empty()) error = name.empty() ? "unknown_error" : name;
  const bool is_plausible = status >= 400 && status < 600;
  const int error_status = is_plausible ? static_cast<int>(status) : status_of_error(error);
  row.error = Error{error_status, std::move(error), std::move(reason)};
  return row;
}

// {"ok": …} | {"error": …} | {"missing": …}
Result<BulkGetRow> read_bulk_get_row(JsonReader& reader) {
  BulkGetRow row;
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == "ok" && reader.peek() == Type::kObject) {
      reader.read_raw(row.document);
    } else if (key == "missing") {
      reader.read_string(row.rev);
      row.error = errors::not_found("missing");
    } else if (key == "error" && reader.peek() == Type::kObject) {
      ErrorRow error = read_error_row(reader);
      row.rev = std::move(error.rev);
      row.error = error.error ? std::move(error.error) : Error{500, "unknown_error", ""};
    } else {
      reader.skip();
    }
  }
  if (reader.failed()) return row;
  if (row.document.empty() && !row.error) {
    return unexpected("a revision with neither \"ok\" nor an error");
  }
  if (!row.document.empty()) row.rev = identity_of(row.document).rev;
  return row;
}

// [{"ok": …}, …] of one document. A failure of the reader is left to the caller.
Result<void> read_bulk_get_rows(JsonReader& reader, std::vector<BulkGetRow>& rows) {
  reader.enter_array();
  while (reader.next_element()) {
    auto row = read_bulk_get_row(reader);
    if (reader.failed()) return {};
    if (!row.ok()) return std::move(row).error();
    rows.push_back(std::move(*row));
  }
  return {};
}

Result<void> read_bulk_get_result(JsonReader& reader, std::vector<BulkGetRow>& rows) {
  std::string id;
  const size_t first = rows.size();
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == "id") {
      reader.read_string(id);
    } else if (key == "docs") {
      TRY(read_bulk_get_rows(reader, rows));
    } else {
      reader.skip();
    }
  }
  for (size_t i = first; i < rows.size(); ++i) rows[i].id = id;
  return {};
}

}  // namespace

Result<PeerChanges> parse_changes(std::shared_ptr<const std::string> text, bool is_cut) {
  PeerChanges page;
  page.text = std::move(text);
  JsonReader reader(*page.text);
  bool has_results = false;
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == "results") {
      has_results = true;
      TRY(read_changes(reader, page.rows));
    } else if (key == "last_seq") {
      std::string_view raw;
      reader.read_raw(raw);
      page.last_sequence = raw;
    } else if (key == "pending" && reader.peek() == Type::kNumber) {
      uint64_t pending = 0;
      reader.read_uint64(pending);
      page.pending = pending;
    } else {
      reader.skip();
    }
  }
  if (is_cut) {
    end_at_last_known_sequence(page);
    return page;
  }
  if (!reader.at_end()) return unreadable(reader);
  if (!has_results || page.last_sequence.empty()) {
    return unexpected("a page of _changes without \"results\" or \"last_seq\"");
  }
  return page;
}

std::string revs_diff_request(const std::vector<RevisionsOfDocument>& documents) {
  std::string text = "{";
  for (const RevisionsOfDocument& document : documents) {
    if (text.size() > 1) text.push_back(',');
    append_json_string(text, document.id);
    text.append(":[");
    for (const Revision& revision : document.revisions) {
      if (!text.ends_with('[')) text.push_back(',');
      text.push_back('"');
      revision.append_text(text);
      text.push_back('"');
    }
    text.push_back(']');
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

std::string revisions_json(const std::vector<Revision>& revisions) {
  std::string text = "[";
  for (const Revision& revision : revisions) {
    text.append(text.size() > 1 ? ",\"" : "\"");
    revision.append_text(text);
    text.push_back('"');
  }
  text.push_back(']');
  return text;
}

std::string bulk_get_request(std::span<const WantedRevision> wanted) {
  std::string text = "{\"docs\":[";
  for (const WantedRevision& one : wanted) {
    text.append(text.ends_with('[') ? "{\"id\":" : ",{\"id\":");
    append_json_string(text, one.id);
    text.append(",\"rev\":\"");
    one.revision.append_text(text);
    text.push_back('"');
    if (!one.possible_ancestors.empty()) {
      text.append(",\"atts_since\":").append(revisions_json(one.possible_ancestors));
    }
    text.push_back('}');
  }
  text.append("]}");
  return text;
}

Result<std::vector<BulkGetRow>> parse_bulk_get(std::string_view text, bool is_cut) {
  std::vector<BulkGetRow> rows;
  bool has_results = false;
  JsonReader reader(text);
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key != "results") {
      reader.skip();
      continue;
    }
    has_results = true;
    reader.enter_array();
    while (reader.next_element()) {
      const size_t known = rows.size();
      TRY(read_bulk_get_result(reader, rows));
      if (reader.failed()) rows.resize(known);  // its id may not have been read yet
    }
  }
  if (is_cut) return rows;
  if (!reader.at_end()) return unreadable(reader);
  if (!has_results) return unexpected("an answer of _bulk_get without \"results\"");
  return rows;
}

Result<std::vector<BulkGetRow>> parse_open_revisions(std::string_view text, std::string_view id) {
  std::vector<BulkGetRow> rows;
  JsonReader reader(text);
  TRY(read_bulk_get_rows(reader, rows));
  if (!reader.at_end()) return unreadable(reader);
  for (BulkGetRow& row : rows) row.id = id;
  return rows;
}

std::string bulk_docs_request(const std::vector<std::string_view>& documents) {
  static constexpr std::string_view kBegin = "{\"new_edits\":false,\"docs\":[";
  size_t size = kBegin.size() + 2;
  for (const std::string_view document : documents) size += document.size() + 1;
  std::string text;
  text.reserve(size);
  text.append(kBegin);
  for (size_t i = 0; i < documents.size(); ++i) {
    if (i > 0) text.push_back(',');
    text.append(documents[i]);
  }
  text.append("]}");
  return text;
}

Result<std::vector<WriteResult>> parse_bulk_docs(std::string_view text) {
  std::vector<WriteResult> refused;
  JsonReader reader(text);
  reader.enter_array();
  while (reader.next_element()) {
    ErrorRow row = read_error_row(reader);
    if (!row.error) continue;
    refused.push_back({std::move(row.id), std::move(row.rev), std::move(row.error)});
  }
  if (!reader.at_end()) return unreadable(reader);
  return refused;
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
