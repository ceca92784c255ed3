// Peer: one side of a replication, as CouchDB's replication protocol (version 3) sees a database.
// LocalPeer wraps a Database of this engine, HttpPeer anything that speaks CouchDB's HTTP API.
//
// Sequences are opaque: kept as the raw JSON text that the peer gave ("12", "\"12-g1AAA…\"") and given
// back to it unchanged. Documents are JSON text; their spans point into the `text` that holds them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "document/database.h"
#include "document/revision.h"

namespace couchlet {

struct PeerInfo {
  std::string update_sequence;  // raw JSON
};

struct PeerChange {
  std::string sequence;  // raw JSON
  std::string id;
  std::vector<Revision> revisions;  // leaves
  bool is_deleted = false;
  std::string_view document;  // the winner's text, if the feed was asked to include it; else ""
};

struct PeerChangesQuery {
  std::string since = "0";  // raw JSON
  uint64_t limit = 0;       // 0: none
  bool include_docs = false;
  bool longpoll = false;
  int64_t timeout_ms = 0;
  int64_t heartbeat_ms = 0;
  std::vector<std::string> doc_ids;  // empty: all
  std::string selector;              // raw JSON, "" for none
  std::string filter;                // "design/name", "" for none
  std::vector<std::pair<std::string, std::string>> query_params;
};

struct PeerChanges {
  std::shared_ptr<const std::string> text;  // what the document spans point into
  std::vector<PeerChange> rows;
  std::string last_sequence;        // raw JSON
  std::optional<uint64_t> pending;  // rows that remain after these, where the peer says so
};

struct WantedRevision {
  std::string id;
  Revision revision;
  std::vector<Revision> possible_ancestors;
};

struct FetchedDocuments {
  std::vector<std::shared_ptr<const std::string>> texts;  // what the spans point into
  std::vector<std::string_view> documents;                // each with _revisions
  std::vector<WriteResult> errors;                        // revisions that the peer could not give
};

class Peer {
 public:
  virtual ~Peer() = default;

  // What names this database in a replication id: a URL without credentials, or a local uuid.
  virtual std::string identity() const = 0;

  virtual Task<Result<PeerInfo>> info() = 0;
  virtual Task<Result<PeerChanges>> changes(PeerChangesQuery query) = 0;
  virtual Task<Result<std::vector<MissingRevisions>>> missing_revisions(
      std::vector<RevisionsOfDocument> documents) = 0;
  virtual Task<Result<FetchedDocuments>> fetch(std::vector<WantedRevision> wanted) = 0;

  // Writes with new_edits=false. Results only for documents that were refused.
  virtual Task<Result<std::vector<WriteResult>>> write(std::vector<std::string_view> documents) = 0;

  // `id` without "_local/". nullopt where there is none. put answers with the new revision.
  virtual Task<Result<std::optional<std::string>>> get_local(std::string id) = 0;
  virtual Task<Result<std::string>> put_local(std::string id, std::string document) = 0;

  // Ends what is under way: calls return an error (status 0, "cancelled").
  virtual void cancel() = 0;
};

}  // namespace couchlet
