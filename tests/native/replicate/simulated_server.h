// A small CouchDB in this process: its HTTP API for replication, over a Database in memory.
//
// It answers as CouchDB 3 does: opaque sequences ("12-…", which mean nothing to another database),
// only the errors from _bulk_docs, 404 "Database does not exist." once the database is deleted.
// What a server may do otherwise is a switch. The network between it and a client is
// SimulatedClient's.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "document/changes_page.h"
#include "document/database.h"
#include "replicate/http_client.h"

namespace couchlet {

struct SimulatedAnswer {
  int status = 200;
  std::string body = {};
  std::string content_type = "application/json";
  std::string retry_after = {};
  // Of one that goes on: waits for what comes next, "" at the end. Null: there is nothing more.
  std::function<Task<std::string>(std::shared_ptr<Cancellation>)> more = nullptr;
};

class SimulatedServer {
 public:
  SimulatedServer(Clock& clock, Random& random);
  ~SimulatedServer();

  // The database is at kUrl. Its answer to a longpoll comes when there is a change or at
  // cancellation.
  static constexpr std::string_view kUrl = "http://server/db";
  Task<SimulatedAnswer> answer(HttpRequest request, std::shared_ptr<Cancellation> cancellation);

  std::shared_ptr<Database> database() { return database_; }
  void remove_database();
  void create_database();  // a new one, empty

  // Switches.
  bool has_bulk_get = true;
  bool has_continuous_feed = true;  // else it answers with a page
  bool waits_in_longpolls = true;   // else it answers them at once, with nothing
  bool keeps_checkpoints = true;    // else 403 to every write of a local document
  bool writes_local_over = false;   // as CouchDB 2 and later: no local document's revision counts
  size_t max_request_bytes = 0;     // 413 beyond; 0: none
  int refusal_of_gzip = 0;          // the status that a gzipped body gets; 0: none, it is taken
  int refusal_of_multipart = 0;     // the same of a document as multipart/related
  bool spoils_multipart = false;    // stores other bytes than came
  std::function<bool(std::string_view document)> validate;     // false: 403 to this document
  std::function<bool(std::string_view document)> understands;  // false: 400 to the whole _bulk_docs
  uint64_t pending_besides = 0;  // what its feed counts although its filter takes none of it
  std::string misunderstanding = "doc_validation";          // the name of that 400
  std::function<bool(std::string_view document)> survives;  // false: "TypeError" of this document

  std::vector<std::string> log;  // "POST /_revs_diff"
  size_t gzipped_requests = 0;   // that were taken
  size_t documents_asked = 0;    // about, in _revs_diff
  size_t count(std::string_view logged) const;

 private:
  struct Request;
  Task<SimulatedAnswer> changes(const Request& request, std::shared_ptr<Cancellation> cancellation);
  Task<std::string> more_changes(std::shared_ptr<ChangesOptions> options,
                                 std::shared_ptr<Cancellation> cancellation) const;
  std::string row_json(const ChangeRow& row, bool has_sequence) const;
  Task<SimulatedAnswer> bulk_docs(const Request& request);
  Task<SimulatedAnswer> put_multipart(const Request& request, std::string id);
  Task<SimulatedAnswer> get_document(const Request& request, std::string id);
  Task<SimulatedAnswer> get_attachment(const Request& request);
  Task<SimulatedAnswer> open_revisions(const Request& request, std::string id);
  Task<SimulatedAnswer> local_document(const Request& request, std::string id);
  std::string sequence_json(uint64_t sequence) const;
  uint64_t sequence_of(std::string_view text) const;

  Clock& clock_;
  Random& random_;
  std::shared_ptr<Database> database_;  // null: deleted
  std::string incarnation_;             // in the sequences
};

}  // namespace couchlet
