// _bulk_get, open_revs and _bulk_docs: documents on their way, and what became of them.
#include <utility>

#include "json/json_reader.h"
#include "json/json_writer.h"
#include "replicate/protocol_json.h"
#include "replicate/protocol_reading.h"

namespace couchlet {

namespace {

using Type = JsonReader::Type;

int status_of_error(const std::string& name) {
  struct Known {
    std::string_view name;
    int status;
  };
  static constexpr Known kKnown[] = {
      {"unauthorized", 401},
      {"forbidden", 403},
      {"partition_overflow", 403},
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
      {"illegal_partition", 400},
      {"invalid_design_doc", 400},
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

std::string revisions_json(const std::vector<Revision>& revisions) {
  std::string text;
  append_json_array(text, revisions);
  return text;
}

std::string bulk_get_request(std::span<const WantedRevision> wanted, bool with_data) {
  std::string text = "{\"docs\":[";
  for (const WantedRevision& one : wanted) {
    text.append(text.ends_with('[') ? "{\"id\":" : ",{\"id\":");
    append_json_string(text, one.id);
    text.append(",\"rev\":");
    one.revision.append_json(text);
    if (with_data && !one.possible_ancestors.empty()) {
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

}  // namespace couchlet
