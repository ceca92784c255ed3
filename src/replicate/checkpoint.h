// Checkpoint: how far a replication has come, as CouchDB's replicator writes it (CouchDB
// documentation, replication/protocol, "Record Replication Checkpoint"). Source and target each
// keep one as the local document _local/<replication id>:
//
//   {"_id": …, "_rev": …, "session_id": …, "source_last_seq": …, "history": [
//     {"session_id": …, "start_time": …, "end_time": …, "start_last_seq": …, "end_last_seq": …,
//      "recorded_seq": …, "missing_checked": …, "missing_found": …, "docs_read": …, "docs_written":
//      …, "doc_write_failures": …}, …]}
//
// The history has an entry for each session, the latest first. recorded_seq is the source's
// sequence up to which everything was in the target when the entry was written. A database that was
// deleted, recreated or restored no longer has the other's latest sessions, so only a session that
// both sides remember counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace couchlet {

inline constexpr size_t kMaxCheckpointHistory = 50;  // as CouchDB's replicator

// One session's entry. Sequences are raw JSON.
struct CheckpointEntry {
  std::string session_id;
  std::string recorded_sequence;
  std::string end_time;  // as the entry says it; "" if it doesn't
  std::string json;      // the entry whole
};

struct Checkpoint {
  std::string rev;                       // "" if there is no such document yet
  std::vector<CheckpointEntry> history;  // the latest first

  // The other side refuses to keep checkpoints: this one is to be believed alone while the other
  // has none. (A member of our own, "is_alone".)
  bool is_alone = false;
};

// What a local document says. One that isn't a checkpoint counts as one without history.
Checkpoint parse_checkpoint(std::string_view document);

// The document's text, with the latest kMaxCheckpointHistory entries. `local_id` without "_local/".
std::string checkpoint_json(std::string_view local_id, const Checkpoint& checkpoint);

// The latest session that both sides remember and what is known of it for sure: where the two say
// different sequences, as one of them could not be written, the earlier; where that can't be told,
// an earlier session.
struct CommonSession {
  std::string session_id;
  std::string sequence;
};
std::optional<CommonSession> common_session(const Checkpoint& source, const Checkpoint& target);

// Whether the source may be the database that the target has pulled from all the time: it remembers
// the target's latest session, and nothing earlier of it.
bool goes_on_from(const Checkpoint& source, const Checkpoint& target);

// What goes into a session's entry.
struct SessionRecord {
  std::string session_id;
  int64_t start_time_ms = 0;
  int64_t end_time_ms = 0;
  std::string start_sequence = "0";
  std::string recorded_sequence = "0";
  uint64_t missing_checked = 0;
  uint64_t missing_found = 0;
  uint64_t docs_read = 0;
  uint64_t docs_written = 0;
  uint64_t doc_write_failures = 0;
};
CheckpointEntry checkpoint_entry(const SessionRecord& record);

// Puts the entry in front, in place of an earlier one of its session.
void remember(Checkpoint& checkpoint, CheckpointEntry entry);

}  // namespace couchlet
