// Answers of _changes.
#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "json/json_reader.h"
#include "replicate/protocol_json.h"
#include "replicate/protocol_reading.h"

namespace couchlet {

namespace {

using Type = JsonReader::Type;

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

// A server that has miscounted says nothing.
std::optional<uint64_t> count_of(std::string_view raw) {
  uint64_t count = 0;
  const auto [end, problem] = std::from_chars(raw.data(), raw.data() + raw.size(), count);
  if (problem != std::errc() || end != raw.data() + raw.size()) return std::nullopt;
  return count;
}

// A row that tells what has changed.
Result<void> check(const PeerChange& row) {
  if (!row.id.empty() && !row.revisions.empty()) return {};
  return unexpected("a row of _changes without id or revision");
}

// Adds the rows that are complete. A failure of the reader is left to the caller.
Result<void> read_changes(JsonReader& reader, std::vector<PeerChange>& rows) {
  reader.enter_array();
  while (reader.next_element()) {
    auto row = read_change(reader);
    if (reader.failed()) return {};
    if (!row.ok()) return std::move(row).error();
    TRY(check(*row));
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

// {"last_seq": …, "pending": …}; false for any other line.
bool read_last_line(std::string_view line, PeerChanges& page) {
  JsonReader reader(line);
  std::string_view sequence;
  std::string_view pending;
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == "last_seq") {
      reader.read_raw(sequence);
    } else if (key == "pending") {
      reader.read_raw(pending);
    } else {
      reader.skip();
    }
  }
  if (!reader.at_end() || sequence.empty()) return false;
  page.last_sequence = sequence;
  page.pending = count_of(pending);
  return true;
}

Result<void> read_line(std::string_view line, ChangesLines& lines) {
  JsonReader reader(line);
  TRY_ASSIGN(PeerChange row, read_change(reader));
  if (!reader.at_end()) return unreadable(reader);
  lines.is_end = row.id.empty() && read_last_line(line, lines.page);
  if (lines.is_end) return {};
  TRY(check(row));
  if (row.sequence.empty()) return unexpected("a row of a continuous feed without \"seq\"");
  lines.page.last_sequence = row.sequence;
  lines.page.rows.push_back(std::move(row));
  return {};
}

}  // namespace

Result<ChangesLines> parse_changes_lines(std::shared_ptr<const std::string> text) {
  ChangesLines lines;
  lines.page.text = std::move(text);
  lines.page.bytes = lines.page.text->size();
  std::string_view rest = *lines.page.text;
  while (!rest.empty() && !lines.is_end) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (!is_blank(line)) TRY(read_line(line, lines));
  }
  return lines;
}

bool is_line_of_page(std::string_view line, bool is_whole) {
  JsonReader reader(line);
  bool has_results = false;
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    has_results = has_results || key == "results";
    reader.skip();
  }
  return has_results || (is_whole ? !reader.at_end() : !line.starts_with('{'));
}

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
      std::string_view raw;
      reader.read_raw(raw);
      page.pending = count_of(raw);
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

}  // namespace couchlet
