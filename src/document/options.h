// What a caller can ask of a Database, and how the options are read from JSON text. Names, defaults
// and meanings are those of CouchDB's HTTP API (documentation, api/document and api/database),
// which are also PouchDB's.
//
// The parse_ functions take the text of a JSON object ("" counts as {}), ignore members they don't
// know and answer 400 bad_request for a member of the wrong type, naming it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/attachment.h"
#include "document/change_filter.h"

namespace couchlet {

struct WriteOptions {
  bool new_edits = true;
  // Where one document is refused none is written, and its error is the answer of the whole.
  bool all_or_nothing = false;
  // The named parent needn't be a leaf, nor be here: the edit is then a branch of its own.
  // PouchDB's.
  bool force = false;
  bool random_revisions = false;  // revision ids say nothing of what is in the document
  // A document that no database could take refuses all of them: one that can't be read, or has a
  // stub of an attachment that isn't here.
  bool all_well_formed = false;
  bool must_exist = false;  // an edit of a document that isn't there is 404
  uint64_t lineage = 0;  // without new_edits: the documents come with it (changes_entry.h). 0: none
  std::vector<StagedBytes> staged = {};  // that the documents' attachments may name
};

struct GetOptions {
  std::optional<std::string> rev = {};
  bool revs = false;               // _revisions
  bool revs_info = false;          // _revs_info
  bool conflicts = false;          // _conflicts
  bool deleted_conflicts = false;  // _deleted_conflicts
  bool local_seq = false;          // _local_seq
  bool latest = false;  // a rev that is not a leaf stands for the leaves that descend from it
  // The attachments' data, inline; of those that one of the revisions of atts_since has, stubs.
  bool attachments = false;
  std::vector<std::string> atts_since = {};
  // With attachments: one of so many bytes is not inline but "follows": true (CouchDB's word for it
  // in a multipart request). Not of the text: whoever asks has to send the bytes along.
  uint64_t follows_from = UINT64_MAX;
  bool open_revs_all = false;
  std::optional<std::vector<std::string>> open_revs = {};
};

struct AllDocsOptions {
  std::optional<std::vector<std::string>> keys = {};
  std::optional<std::string> key = {};
  std::optional<std::string> startkey = {};  // also start_key
  std::optional<std::string> endkey = {};    // also end_key
  bool inclusive_start = true;  // false: a scan goes on after the row where it was cut off
  bool inclusive_end = true;
  bool descending = false;
  bool include_docs = false;
  bool conflicts = false;
  bool update_seq = false;
  std::optional<uint64_t> limit = {};
  uint64_t skip = 0;
  // Rows end where they have taken about so many bytes (one row may take more), and the answer
  // then says "is_cut": true. Not with keys.
  std::optional<uint64_t> max_bytes = {};
};

struct ChangesOptions {
  uint64_t since = 0;
  bool since_now = false;
  bool descending = false;
  bool include_docs = false;
  bool conflicts = false;
  bool all_leaves = false;  // style=all_docs
  bool longpoll = false;    // feed=longpoll: waits for a first row
  int64_t timeout_ms = 0;   // how long a longpoll waits; 0: until it is cancelled
  std::optional<uint64_t> limit = {};
  // How many changes are looked at, at most, whether they pass or not: a page of few rows may be
  // the end of much work. 0: all. What is left is told by ChangesPage::is_partial.
  uint64_t most_looked_at = 0;
  std::optional<std::vector<std::string>> doc_ids = {};
  std::shared_ptr<ChangeFilter> filter = {};  // not of the text: made by whoever has one
};

struct ConflictListOptions {
  uint64_t since = 0;
  uint64_t limit = 100;
};

Result<WriteOptions> parse_write_options(std::string_view json);
Result<GetOptions> parse_get_options(std::string_view json);
Result<AllDocsOptions> parse_all_docs_options(std::string_view json);
Result<ChangesOptions> parse_changes_options(std::string_view json);
Result<ConflictListOptions> parse_conflict_list_options(std::string_view json);

}  // namespace couchlet
