// How an HttpPeer fetches documents: together by _bulk_get, or each by itself where the server or
// an answer's size leaves no other way.
#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "replicate/http_peer.h"
#include "replicate/protocol_json.h"
#include "replicate/take_after.h"
#include "replicate/url.h"

namespace couchlet {

namespace {

bool is_of(const BulkGetRow& row, const WantedRevision& wanted) {
  if (row.id != wanted.id) return false;
  // CouchDB's error for a whole document has the rev "undefined", PouchDB Server's has none.
  if (row.error && (row.rev.empty() || row.rev == "undefined")) return true;
  const auto revision = Revision::parse(row.rev);
  return revision.ok() && *revision == wanted.revision;
}

// Sorts what was asked for into documents, errors and, in the result, what the answer says nothing
// of.
std::vector<WantedRevision> take_rows(std::vector<WantedRevision> wanted,
                                      const std::vector<BulkGetRow>& rows,
                                      FetchedDocuments& fetched) {
  std::unordered_multimap<std::string_view, const BulkGetRow*> rows_by_id;
  for (const BulkGetRow& row : rows) rows_by_id.emplace(row.id, &row);
  std::vector<WantedRevision> unanswered;
  for (WantedRevision& one : wanted) {
    const auto [first, last] = rows_by_id.equal_range(one.id);
    const auto found =
        std::find_if(first, last, [&](const auto& entry) { return is_of(*entry.second, one); });
    if (found == last) {
      unanswered.push_back(std::move(one));
    } else if (found->second->error) {
      fetched.errors.push_back({one.id, one.revision.text(), found->second->error});
    } else {
      fetched.documents.push_back(found->second->document);
    }
  }
  return unanswered;
}

}  // namespace

Task<Result<FetchedDocuments>> HttpPeer::fetch(std::vector<WantedRevision> wanted) {
  std::vector<WantedRevision> later = take_after(wanted, wanted_at_once());
  const bool may_stage = stage_ && std::any_of(wanted.begin(), wanted.end(),
                                               [](const auto& one) { return one.may_be_followed; });
  FetchedDocuments fetched;
  if (may_stage) {
    CO_TRY_ASSIGN(fetched, co_await fetch_streaming(std::move(wanted)));
  } else {
    CO_TRY_ASSIGN(fetched, co_await fetch_texts(std::move(wanted), AttachmentsAs::kData));
  }
  learn_document_size(fetched);
  std::move(later.begin(), later.end(), std::back_inserter(fetched.left));
  co_return fetched;
}

Task<Result<FetchedDocuments>> HttpPeer::fetch_texts(std::vector<WantedRevision> wanted,
                                                     AttachmentsAs attachments) {
  if (traits_->has_bulk_get) co_return co_await fetch_together(std::move(wanted), attachments);
  FetchedDocuments fetched;
  CO_TRY(co_await fetch_one_by_one(std::move(wanted), attachments, fetched));
  co_return fetched;
}

std::string_view HttpPeer::documents_query(AttachmentsAs attachments) {
  return attachments == AttachmentsAs::kData ? "revs=true&attachments=true"
                                             : "revs=true&att_encoding_info=true";
}

Task<Result<FetchedDocuments>> HttpPeer::fetch_together(std::vector<WantedRevision> wanted,
                                                        AttachmentsAs attachments) {
  // A single document is read to its end, whatever its size.
  const size_t max_bytes = wanted.size() > 1 ? kMaxAnswerBytes : 0;
  const std::string path = "/_bulk_get?" + std::string(documents_query(attachments));
  const bool with_data = attachments == AttachmentsAs::kData;
  CO_TRY_ASSIGN(HttpAnswer answer,
                co_await ask(post(path, bulk_get_request(wanted, with_data)), max_bytes));
  FetchedDocuments fetched;
  if (answer.status == 413 && wanted.size() > 1) {
    co_return co_await fetch_half(std::move(wanted), attachments);
  }
  if (!answer.is_success()) {
    CO_TRY_ASSIGN(const bool is_lacking, co_await lacks_bulk_get(answer));
    if (!is_lacking) co_return refusal(answer);
    traits_->has_bulk_get = false;
    CO_TRY(co_await fetch_one_by_one(std::move(wanted), attachments, fetched));
    co_return fetched;
  }

  const auto text = std::make_shared<std::string>(std::move(answer.body));
  auto rows = parse_bulk_get(*text, answer.is_cut);
  if (!rows.ok()) {
    answer.body = std::move(*text);
    co_return bad_response(answer, rows.error().reason);
  }
  fetched.bytes = text->size();
  fetched.texts.push_back(text);
  auto unanswered = take_rows(std::move(wanted), *rows, fetched);
  const bool has_come_nowhere = fetched.documents.empty() && fetched.errors.empty();
  if (answer.is_cut && !has_come_nowhere) {
    fetched.left = std::move(unanswered);
  } else {
    // What the server has passed over, or what is larger than an answer may be.
    CO_TRY(co_await fetch_one_by_one(std::move(unanswered), attachments, fetched));
  }
  co_return fetched;
}

// REQUIRES: the server does not take a request for so many.
Task<Result<FetchedDocuments>> HttpPeer::fetch_half(std::vector<WantedRevision> wanted,
                                                    AttachmentsAs attachments) {
  most_at_once_ = wanted.size() / 2;
  std::vector<WantedRevision> later = take_after(wanted, most_at_once_);
  CO_TRY_ASSIGN(FetchedDocuments fetched, co_await fetch_together(std::move(wanted), attachments));
  std::move(later.begin(), later.end(), std::back_inserter(fetched.left));
  co_return fetched;
}

// REQUIRES: a refusal. Whether it is of a server that does not know _bulk_get.
Task<Result<bool>> HttpPeer::lacks_bulk_get(HttpAnswer refused) {
  switch (refused.status) {
    case 400:  // CouchDB 1 takes it for the id of a document
      co_return server_error(refused).name == "illegal_docid";
    case 404:
      CO_TRY(co_await info());
      co_return true;
    case 405:
    case 501:
      co_return true;
    default:
      co_return false;
  }
}

// Appends to `fetched`; what would exceed the limit of an answer is left.
Task<Result<void>> HttpPeer::fetch_one_by_one(std::vector<WantedRevision> wanted,
                                              AttachmentsAs attachments,
                                              FetchedDocuments& fetched) {
  for (size_t i = 0; i < wanted.size();) {
    size_t end = i + 1;
    while (end < wanted.size() && wanted[end].id == wanted[i].id) ++end;
    CO_TRY(co_await fetch_document(std::span(wanted).subspan(i, end - i), attachments, fetched));
    i = end;
    if (fetched.bytes < kMaxAnswerBytes) continue;
    const auto first_left = wanted.begin() + static_cast<std::ptrdiff_t>(i);
    std::move(first_left, wanted.end(), std::back_inserter(fetched.left));
    break;
  }
  co_return Result<void>();
}

Task<Result<void>> HttpPeer::fetch_document(std::span<const WantedRevision> of_one_id,
                                            AttachmentsAs attachments, FetchedDocuments& fetched) {
  const std::string& id = of_one_id.front().id;
  std::vector<Revision> revisions;
  for (const WantedRevision& one : of_one_id) revisions.push_back(one.revision);
  std::string path = "/" + document_path(id) + "?" + std::string(documents_query(attachments)) +
                     "&open_revs=" + percent_encode(revisions_json(revisions));
  const auto& known = of_one_id.front().possible_ancestors;
  const bool with_data = attachments == AttachmentsAs::kData;
  if (with_data && !known.empty())
    path.append("&atts_since=").append(percent_encode(revisions_json(known)));
  CO_TRY_ASSIGN(HttpAnswer answer, co_await ask(get(path)));

  std::vector<WantedRevision> unanswered(of_one_id.begin(), of_one_id.end());
  if (answer.is_success()) {
    const auto text = std::make_shared<std::string>(std::move(answer.body));
    auto rows = parse_open_revisions(*text, id);
    if (!rows.ok()) {
      answer.body = std::move(*text);
      co_return bad_response(answer, rows.error().reason);
    }
    fetched.bytes += text->size();
    fetched.texts.push_back(text);
    unanswered = take_rows(std::move(unanswered), *rows, fetched);
  } else if (answer.status == 404) {
    CO_TRY(co_await is_only_the_document_missing(answer));
  } else if (answer.status != 403) {
    co_return refusal(answer);
  }
  const Error error = answer.status == 403 ? refusal(answer) : errors::not_found("missing");
  for (const WantedRevision& one : unanswered) {
    fetched.errors.push_back({one.id, one.revision.text(), error});
  }
  co_return Result<void>();
}

// So many that the answer is probably not cut: what comes after the cut was made for nothing.
size_t HttpPeer::wanted_at_once() const {
  if (document_bytes_ == 0) return most_at_once_;
  return std::clamp<size_t>(kMaxAnswerBytes / document_bytes_, 1, most_at_once_);
}

void HttpPeer::learn_document_size(const FetchedDocuments& fetched) {
  if (fetched.documents.empty()) return;
  document_bytes_ = std::max<size_t>(1, fetched.bytes / fetched.documents.size());
}

}  // namespace couchlet
