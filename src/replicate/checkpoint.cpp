#include "replicate/checkpoint.h"

#include <algorithm>
#include <utility>

#include "json/json_reader.h"
#include "json/json_writer.h"
#include "replicate/calendar.h"
#include "replicate/protocol_json.h"

namespace couchlet {

namespace {

using Type = JsonReader::Type;

void read_string_or_skip(JsonReader& reader, std::string& out) {
  if (reader.peek() == Type::kString) {
    reader.read_string(out);
  } else {
    reader.skip();
  }
}

void read_sequence(JsonReader& reader, std::string& out) {
  std::string_view raw;
  if (reader.read_raw(raw) && raw != "null") out = raw;
}

CheckpointEntry parse_entry(std::string_view json) {
  CheckpointEntry entry;
  entry.json = json;
  JsonReader reader(json);
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == "session_id") {
      read_string_or_skip(reader, entry.session_id);
    } else if (key == "recorded_seq") {
      read_sequence(reader, entry.recorded_sequence);
    } else if (key == "end_time") {
      read_string_or_skip(reader, entry.end_time);
    } else {
      reader.skip();
    }
  }
  return entry;
}

void read_history(JsonReader& reader, std::vector<CheckpointEntry>& history) {
  if (reader.peek() != Type::kArray) {
    reader.skip();
    return;
  }
  reader.enter_array();
  while (reader.next_element()) {
    std::string_view json;
    if (!reader.read_raw(json)) break;
    CheckpointEntry entry = parse_entry(json);
    if (entry.session_id.empty() || entry.recorded_sequence.empty()) continue;
    history.push_back(std::move(entry));
  }
}

// The sequence that two entries of one session agree on, "" for none.
std::string agreed_sequence(const std::string& a, const std::string& b) {
  if (a == b) return a;
  const auto number_a = number_of_sequence(a);
  const auto number_b = number_of_sequence(b);
  if (!number_a || !number_b || *number_a == *number_b) return "";
  return *number_a < *number_b ? a : b;
}

void append_member(std::string& text, std::string_view name, std::string_view raw) {
  text.append(text.ends_with('{') ? "\"" : ",\"").append(name).append("\":").append(raw);
}

void append_member(std::string& text, std::string_view name, uint64_t number) {
  append_member(text, name, std::to_string(number));
}

}  // namespace

Checkpoint parse_checkpoint(std::string_view document) {
  Checkpoint checkpoint;
  JsonReader reader(document);
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == "_rev") {
      read_string_or_skip(reader, checkpoint.rev);
    } else if (key == "history") {
      read_history(reader, checkpoint.history);
    } else if (key == "is_alone" && reader.peek() == Type::kTrue) {
      reader.read_bool(checkpoint.is_alone);
    } else {
      reader.skip();
    }
  }
  return checkpoint;
}

std::string checkpoint_json(std::string_view local_id, const Checkpoint& checkpoint) {
  std::string text = "{";
  append_member(text, "_id", json_string("_local/" + std::string(local_id)));
  if (!checkpoint.rev.empty()) append_member(text, "_rev", json_string(checkpoint.rev));
  if (!checkpoint.history.empty()) {
    const CheckpointEntry& latest = checkpoint.history.front();
    append_member(text, "session_id", json_string(latest.session_id));
    append_member(text, "source_last_seq", latest.recorded_sequence);
  }
  if (checkpoint.is_alone) append_member(text, "is_alone", "true");
  text.append(",\"history\":[");
  const size_t count = std::min(checkpoint.history.size(), kMaxCheckpointHistory);
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) text.push_back(',');
    text.append(checkpoint.history[i].json);
  }
  text.append("]}");
  return text;
}

std::optional<CommonSession> common_session(const Checkpoint& source, const Checkpoint& target) {
  for (const CheckpointEntry& entry : source.history) {
    const auto same = std::find_if(
        target.history.begin(), target.history.end(),
        [&](const CheckpointEntry& other) { return other.session_id == entry.session_id; });
    if (same == target.history.end()) continue;
    std::string sequence = agreed_sequence(entry.recorded_sequence, same->recorded_sequence);
    if (!sequence.empty()) return CommonSession{entry.session_id, std::move(sequence)};
  }
  return std::nullopt;
}

bool goes_on_from(const Checkpoint& source, const Checkpoint& target) {
  if (target.history.empty()) return true;  // nothing has been written yet
  const CheckpointEntry& latest = target.history.front();
  const auto same = std::find_if(
      source.history.begin(), source.history.end(),
      [&](const CheckpointEntry& entry) { return entry.session_id == latest.session_id; });
  if (same == source.history.end()) return false;
  if (same->recorded_sequence == latest.recorded_sequence) return true;
  // The source's is written first, and may be one step ahead.
  const auto there = number_of_sequence(same->recorded_sequence);
  const auto here = number_of_sequence(latest.recorded_sequence);
  return there && here && *there >= *here;
}

CheckpointEntry checkpoint_entry(const SessionRecord& record) {
  std::string end_time = http_date(record.end_time_ms);
  std::string json = "{";
  append_member(json, "session_id", json_string(record.session_id));
  append_member(json, "start_time", json_string(http_date(record.start_time_ms)));
  append_member(json, "end_time", json_string(end_time));
  append_member(json, "start_last_seq", record.start_sequence);
  append_member(json, "end_last_seq", record.recorded_sequence);
  append_member(json, "recorded_seq", record.recorded_sequence);
  append_member(json, "missing_checked", record.missing_checked);
  append_member(json, "missing_found", record.missing_found);
  append_member(json, "docs_read", record.docs_read);
  append_member(json, "docs_written", record.docs_written);
  append_member(json, "doc_write_failures", record.doc_write_failures);
  json.push_back('}');
  return {record.session_id, record.recorded_sequence, std::move(end_time), std::move(json)};
}

void remember(Checkpoint& checkpoint, CheckpointEntry entry) {
  auto& history = checkpoint.history;
  std::erase_if(history,
                [&](const CheckpointEntry& old) { return old.session_id == entry.session_id; });
  history.insert(history.begin(), std::move(entry));
}

}  // namespace couchlet
