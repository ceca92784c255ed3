// HttpPeer: a database behind CouchDB's HTTP API: CouchDB 1 to 3, Cloudant, PouchDB Server.
//
// Every answer is checked (http_answer.h). A server without _bulk_get (CouchDB 1) is asked for each
// document by itself, with open_revs. A refusal by 404 is looked at twice: only the database's own
// "missing" stands for a document that isn't there; that there is no such database, or something
// else altogether at this URL, is an error.
//
// Request bodies go out gzipped where the server takes that: CouchDB does, of which a push over a
// thin link is several times as fast. A server that doesn't says so in as many ways as there are
// servers (415, 400, …; in a browser, by not allowing the header, which looks like no network at
// all), so until the first one was taken a failure is tried again plainly, and what comes of that
// tells.
//
// Large attachments come by themselves, into the stage, where there is one (http_peer_streams.cpp),
// and go out past the engine's memory where the client has them (http_peer_writing.cpp).
//
// Changes that are waited for may come in one answer that doesn't end (http_peer_continuous.cpp).
//
// A request that fails where the one before it did not is sent once more at once (all of the
// protocol's requests may be repeated), so that a single break costs a request and not a session.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "document/change_filter.h"
#include "replicate/continuous_feed.h"
#include "replicate/http_answer.h"
#include "replicate/http_client.h"
#include "replicate/peer.h"
#include "replicate/protocol_json.h"
#include "replicate/server_traits.h"

namespace couchlet {

class HttpPeer : public Peer {
 public:
  // `url` is the database's. `timeout_ms`: how long the server may be silent (0: for ever).
  // `filter`, where it isn't null, is one that the server doesn't know: what doesn't pass has come
  // over the wire. `stage`: where a source puts the large attachments for a target that takes them
  // from there, as this one does; null: they come in their documents.
  HttpPeer(std::unique_ptr<HttpClient> client, std::string_view url, int64_t timeout_ms,
           std::shared_ptr<ChangeFilter> filter = nullptr,
           std::shared_ptr<ServerTraits> traits = std::make_shared<ServerTraits>(),
           std::shared_ptr<AttachmentStage> stage = nullptr);
  ~HttpPeer() override;

  Task<Result<std::string>> identity() override;
  bool is_remote() const override { return true; }
  Task<Result<PeerInfo>> info() override;
  Task<Result<PeerChanges>> changes(PeerChangesQuery query) override;
  Task<Result<std::vector<MissingRevisions>>> missing_revisions(
      std::vector<RevisionsOfDocument> documents) override;
  Task<Result<FetchedDocuments>> fetch(std::vector<WantedRevision> wanted) override;
  bool takes_following_attachments() const override;
  Task<Result<std::vector<WriteResult>>> write(std::vector<std::string_view> documents) override;
  Task<Result<std::optional<std::string>>> get_local(std::string id) override;
  Task<Result<std::string>> put_local(std::string id, std::string document) override;
  int64_t retry_after_ms(int64_t now_ms) const override { return retry_after_.wait_ms(now_ms); }
  bool has_failed_filter() const override { return filter_ && filter_->has_failed(); }
  void cancel() override;

 private:
  HttpRequest get(std::string_view path_and_query) const;
  HttpRequest post(std::string_view path_and_query, std::string body) const;
  Task<Result<HttpAnswer>> ask(HttpRequest request, size_t max_bytes = 0);
  Task<Result<HttpAnswer>> ask_gzipped(HttpRequest request, size_t max_bytes);
  Task<Result<HttpAnswer>> ask_for_success(HttpRequest request, size_t max_bytes = 0);
  Task<Result<bool>> is_only_the_document_missing(HttpAnswer answer);

  HttpRequest changes_request(const PeerChangesQuery& query) const;
  Task<Result<PeerChanges>> read_changes(PeerChangesQuery query, size_t max_bytes);
  Task<Result<PeerChanges>> next_changes(PeerChangesQuery query);
  Task<Result<PeerChanges>> follow_changes(PeerChangesQuery query);
  Task<Result<std::shared_ptr<ContinuousFeed>>> open_feed(PeerChangesQuery query);
  void end_feed();
  Result<void> filter_rows(PeerChanges& page, uint64_t limit) const;

  static Result<std::vector<MissingRevisions>> missing_of(
      const HttpAnswer& answer, std::vector<RevisionsOfDocument> documents);

  enum class AttachmentsAs : uint8_t { kStubs, kData };
  Task<Result<FetchedDocuments>> fetch_texts(std::vector<WantedRevision> wanted,
                                             AttachmentsAs attachments);
  Task<Result<FetchedDocuments>> fetch_together(std::vector<WantedRevision> wanted,
                                                AttachmentsAs attachments);
  Task<Result<FetchedDocuments>> fetch_half(std::vector<WantedRevision> wanted,
                                            AttachmentsAs attachments);
  Task<Result<bool>> lacks_bulk_get(HttpAnswer refused);
  Task<Result<void>> fetch_one_by_one(std::vector<WantedRevision> wanted, AttachmentsAs attachments,
                                      FetchedDocuments& fetched);
  Task<Result<void>> fetch_document(std::span<const WantedRevision> of_one_id,
                                    AttachmentsAs attachments, FetchedDocuments& fetched);
  static std::string_view documents_query(AttachmentsAs attachments);

  Task<Result<FetchedDocuments>> fetch_streaming(std::vector<WantedRevision> wanted);
  Task<Result<uint64_t>> stage_attachments(const WantedRevision& wanted, std::string_view document,
                                           const std::vector<AttachmentStub>& stubs,
                                           FetchedDocuments& fetched);
  Task<Result<std::shared_ptr<const StagedAttachment>>> fetch_attachment(
      const WantedRevision& wanted, const AttachmentStub& stub);

  Task<Result<std::vector<WriteResult>>> write_together(std::vector<std::string_view> documents);
  Task<Result<std::vector<WriteResult>>> refused_together(std::vector<std::string_view> documents,
                                                          HttpAnswer answer);
  Task<Result<std::vector<WriteResult>>> broken_together(std::vector<std::string_view> documents,
                                                         size_t bytes, Error error);
  std::vector<std::string> take_followed(std::vector<std::string_view>& documents) const;
  Task<Result<WriteResult>> write_followed(std::string_view document);
  uint32_t staged_number(const AttachmentStub& attachment) const;
  HttpRequest multipart_put(const DocumentIdentity& identity, std::string_view document,
                            const std::vector<AttachmentStub>& following) const;
  using Refusal = std::optional<Error>;  // of a document
  struct FollowedDocument {
    DocumentIdentity identity;
    bool fits_in_text = false;  // there is another way
  };
  Task<Result<Refusal>> refusal_of_followed(HttpAnswer answer, FollowedDocument document);
  Task<Result<Refusal>> refusal_by_break(Error error, FollowedDocument document);
  Result<Refusal> failed_upload(Error error, const FollowedDocument& document);
  Result<Refusal> refusal_in_success(const HttpAnswer& answer, const DocumentIdentity& identity);
  Task<Refusal> look_at_stored(DocumentIdentity identity, std::vector<AttachmentStub> sent);

  static Result<std::string> revision_made(const HttpAnswer& answer);
  size_t wanted_at_once() const;
  void learn_document_size(const FetchedDocuments& fetched);

  std::unique_ptr<HttpClient> client_;
  std::string url_;  // without a slash at the end
  int64_t timeout_ms_;
  std::shared_ptr<ChangeFilter> filter_;
  std::shared_ptr<ServerTraits> traits_;
  std::shared_ptr<AttachmentStage> stage_;
  std::shared_ptr<ContinuousFeed> feed_;  // the answer that goes on; null: there is none
  RetryAfter retry_after_;                // of the latest answer
  bool was_well_ = false;                 // the latest request was answered
  size_t document_bytes_ = 0;             // of a fetched document, lately; 0: none seen yet
  size_t most_at_once_ = SIZE_MAX;        // documents that a request may ask for
  size_t most_asked_about_ = SIZE_MAX;    // the same of _revs_diff
  // The latest document that could not be written as multipart, and may be another way.
  DocumentIdentity doubted_;
  // How often the upload of a document has failed, by id, since it last succeeded.
  std::map<std::string, int> failed_uploads_;
};

}  // namespace couchlet
