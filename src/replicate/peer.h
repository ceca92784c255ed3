// Peer: one side of a replication, as CouchDB's replication protocol (version 3) sees a database.
// LocalPeer wraps a Database of this engine, HttpPeer anything that speaks CouchDB's HTTP API.
//
// Sequences are opaque: kept as the raw JSON text that the peer gave ("12", "\"12-g1AAA…\"") and
// given back to it unchanged. Documents are JSON text; their spans point into the `text` that holds
// them.
//
// Answers are bounded: a peer stops adding to a page or to fetched documents at about
// kMaxAnswerBytes and says that there is more, so that documents of a megabyte don't fill the
// memory a thousand at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "document/revision.h"
#include "document/revision_diff.h"
#include "document/write_result.h"
#include "replicate/attachment_stage.h"

namespace couchlet {

// Ten pages of a thousand changes with documents of 400 bytes would be 4 MiB; a few of these are in
// memory at a time.
inline constexpr size_t kMaxAnswerBytes = size_t{4} << 20;

struct PeerInfo {
  std::string update_sequence;  // raw JSON
};

struct PeerChange {
  std::string sequence;  // raw JSON; "" where the peer left it out (seq_interval)
  std::string id;
  std::vector<Revision> revisions;  // leaves
  bool is_deleted = false;
  bool is_plain_edit = false;  // made where the feed is from, and by itself (changes_entry.h)
  uint64_t lineage = 0;        // of pulls that have brought the document (pull_lineage.h); 0: none
  std::string_view document;   // the winner's text, if the feed was asked to include it; else ""
};

// What becomes of a question about changes where there are none: the answer is empty; or it comes
// with the first of them; or, where the peer has that, one answer goes on over many questions of
// which each begins where the one before it has ended (else as kLongpoll).
enum class ChangesFeed : uint8_t { kNormal, kLongpoll, kContinuous };

struct PeerChangesQuery {
  std::string since = "0";  // raw JSON
  uint64_t limit = 0;       // 0: none
  bool include_docs = false;
  bool all_leaves = true;  // style=all_docs
  ChangesFeed feed = ChangesFeed::kNormal;
  int64_t timeout_ms = 0;
  int64_t heartbeat_ms = 0;
  std::optional<std::vector<std::string>> doc_ids;  // nothing: all
  std::string selector;                             // raw JSON, "" for none
  std::string filter;                               // "design/name", "" for none
  std::vector<std::pair<std::string, std::string>> query_params;

  bool waits() const { return feed != ChangesFeed::kNormal; }
  bool operator==(const PeerChangesQuery&) const = default;
};

struct PeerChanges {
  std::shared_ptr<const std::string> text;  // what the document spans point into
  std::vector<PeerChange> rows;
  std::string last_sequence;        // raw JSON
  std::optional<uint64_t> pending;  // rows that remain after these, where the peer says so
  bool is_partial = false;  // there may be more, however few the rows (kMaxAnswerBytes, a filter)
  size_t bytes = 0;         // that were transferred for it
};

struct WantedRevision {
  std::string id;
  Revision revision;
  std::vector<Revision> possible_ancestors;
  // Its large attachments need not be in its text: it goes to a peer that
  // takes_following_attachments().
  bool may_be_followed = false;
};

struct FetchedDocuments {
  std::vector<std::shared_ptr<const std::string>> texts;  // what the spans point into
  std::vector<std::string_view> documents;                // with _revisions, if they have a past
  std::vector<WriteResult> errors;                        // revisions that the peer could not give
  std::vector<WantedRevision> left;                       // not asked for yet: ask again with these
  size_t bytes = 0;                                       // of all texts
  // Attachments for stubs in the documents. Must be held on to until these are written.
  std::vector<std::shared_ptr<const StagedAttachment>> staged;
};

// The error (400) of a document of which an attachment's bytes come otherwise than its digest
// tells, again and again. CouchDB's name for that.
inline constexpr const char* kSpoiltAttachment = "content_md5_mismatch";

// Error name, of status 415 (or 401, where it isn't clear whether the document is meant): the
// document has to come with all attachments in its text.
inline constexpr std::string_view kFollowingNotTaken = "following_not_taken";

class Peer {
 public:
  virtual ~Peer() = default;

  // The database from which what this one takes comes back.
  virtual Peer& pulled_from() { return *this; }

  // What names this database in a replication id: a URL without credentials, or a local uuid.
  virtual Task<Result<std::string>> identity() = 0;

  // Whether requests and bytes cost what a network costs.
  virtual bool is_remote() const = 0;

  // Whether what it may have already is to be sent without asking
  // missing_revisions() first.
  virtual bool takes_unasked() const { return is_remote(); }

  virtual Task<Result<PeerInfo>> info() = 0;
  virtual Task<Result<PeerChanges>> changes(PeerChangesQuery query) = 0;
  virtual Task<Result<std::vector<MissingRevisions>>> missing_revisions(
      std::vector<RevisionsOfDocument> documents) = 0;

  // Each wanted revision comes back as a document, an error, or as one that is left; at least one
  // of them as one of the former two.
  virtual Task<Result<FetchedDocuments>> fetch(std::vector<WantedRevision> wanted) = 0;

  // Whether documents may be written whose attachments follow: they are told of with
  // "follows": true and the peer gets the bytes by itself, or by stubs for what is staged. It may
  // have to refuse one all the same (kFollowingNotTaken).
  virtual bool takes_following_attachments() const { return false; }

  // Writes with new_edits=false. Results only for documents that were refused. The texts must stay
  // valid until the task ends.
  virtual Task<Result<std::vector<WriteResult>>> write(std::vector<std::string_view> documents) = 0;

  // What is written from now on came with this lineage (pull_lineage.h; 0: with none), if that is
  // kept here.
  virtual void set_lineage(uint64_t /*number*/) {}

  // `id` without "_local/". nullopt where there is none; 404 if there is no such database. put
  // answers with the new revision; `document` has its _id, and its _rev where one is replaced.
  virtual Task<Result<std::optional<std::string>>> get_local(std::string id) = 0;
  virtual Task<Result<std::string>> put_local(std::string id, std::string document) = 0;

  // How long, from now on, the peer has asked to be left alone, in its last answer (Retry-After); 0
  // if it hasn't.
  virtual int64_t retry_after_ms(int64_t /*now_ms*/) const { return 0; }

  // Whether the filter of its changes has failed, which is not a matter of time.
  virtual bool has_failed_filter() const { return false; }

  // Ends what is under way: these calls return an error (status 0, "cancelled"), writes to a local
  // database excepted, which end as they would. Calls that come later are not affected.
  virtual void cancel() = 0;
};

}  // namespace couchlet
