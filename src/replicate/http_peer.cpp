#include "replicate/http_peer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "json/json_reader.h"
#include "json/json_writer.h"
#include "replicate/protocol_json.h"
#include "replicate/take_after.h"
#include "replicate/url.h"

namespace couchlet {

namespace {

// Of a page's rows, so many know their sequence: the others are a fifth shorter, and cheaper to
// make for a cluster. These ten are where a page that gets too large can be ended.
constexpr uint64_t kKnownSequencesOfPage = 10;

// A body that fits into a packet or two gains nothing.
constexpr size_t kWorthGzipping = 1024;

// A server that beats is given up after three beats have been missed.
constexpr int64_t kMissedHeartbeats = 3;
// What a server may need beyond the time that it was told to wait.
constexpr int64_t kWaitSlackMs = 10 * 1000;

// The text of a sequence as a query value: CouchDB takes its strings without their quotes.
std::string since_value(const std::string& raw_json) {
  JsonReader reader(raw_json);
  std::string text;
  if (reader.peek() == JsonReader::Type::kString && reader.read_string(text)) {
    return percent_encode(text);
  }
  return percent_encode(raw_json);
}

std::string doc_ids_body(const std::vector<std::string>& ids) {
  std::string text = "{\"doc_ids\":[";
  for (const std::string& id : ids) {
    if (!text.ends_with('[')) text.push_back(',');
    append_json_string(text, id);
  }
  return text + "]}";
}

std::string changes_query_string(const PeerChangesQuery& query) {
  std::string text = query.all_leaves ? "style=all_docs" : "style=main_only";
  const auto add = [&text](std::string_view name, std::string_view value) {
    text.append("&").append(name).append("=").append(value);
  };
  add("since", since_value(query.since));
  if (query.limit > 0) add("limit", std::to_string(query.limit));
  if (query.limit > kKnownSequencesOfPage) {
    add("seq_interval", std::to_string(query.limit / kKnownSequencesOfPage));
  }
  if (query.include_docs) add("include_docs", "true");
  const bool is_filtered = !query.selector.empty() || !query.filter.empty();
  if (query.feed == ChangesFeed::kLongpoll) add("feed", "longpoll");
  if (query.feed == ChangesFeed::kContinuous) add("feed", "continuous");
  if ((query.waits() || is_filtered) && query.heartbeat_ms > 0) {
    // With a heartbeat CouchDB waits without end, else until its timeout. A filter can be silent
    // for as long, on its way through documents that it doesn't take.
    add("heartbeat", std::to_string(query.heartbeat_ms));
  } else if (query.waits() && query.timeout_ms > 0) {
    add("timeout", std::to_string(query.timeout_ms));
  }
  if (query.doc_ids) {
    add("filter", "_doc_ids");
  } else if (!query.selector.empty()) {
    add("filter", "_selector");
  } else if (!query.filter.empty()) {
    add("filter", percent_encode(query.filter));
  }
  for (const auto& [name, value] : query.query_params) {
    add(percent_encode(name), percent_encode(value));
  }
  return text;
}

// How long the server may be silent where it waits for changes.
int64_t waiting_silence_ms(const PeerChangesQuery& query, int64_t timeout_ms) {
  if (query.heartbeat_ms > 0) return kMissedHeartbeats * query.heartbeat_ms;
  return query.timeout_ms > 0 ? query.timeout_ms + kWaitSlackMs : timeout_ms;
}

// A break that a second attempt may not meet. A server that asks to be left alone isn't one, nor is
// silence, which has cost a long wait already.
bool is_worth_repeating(const Result<HttpAnswer>& answer) {
  if (!answer.ok()) return answer.error().status == 0 && answer.error().name == "network";
  return answer->status >= 500 && !answer->retry_after.is_asked();
}

// A captive portal's page is a success as well, and tells nothing of the server.
bool is_of_database(const HttpAnswer& answer) {
  return answer.is_success() && answer.content_type.starts_with("application/json");
}

std::vector<MissingRevisions> all_missing(std::vector<RevisionsOfDocument> documents) {
  std::vector<MissingRevisions> missing;
  missing.reserve(documents.size());
  for (RevisionsOfDocument& document : documents) {
    missing.push_back({std::move(document.id), std::move(document.revisions), {}});
  }
  return missing;
}

bool may_be_refusal_of_gzip(const Result<HttpAnswer>& answer) {
  if (!answer.ok()) return answer.error().status == 0 && answer.error().name == "network";
  return answer->status == 400 || answer->status == 415 || answer->status == 500 ||
         answer->status == 501;
}

}  // namespace

HttpPeer::HttpPeer(std::unique_ptr<HttpClient> client, std::string_view url, int64_t timeout_ms,
                   std::shared_ptr<ChangeFilter> filter, std::shared_ptr<ServerTraits> traits,
                   std::shared_ptr<AttachmentStage> stage)
    : client_(std::move(client)),
      url_(url),
      timeout_ms_(timeout_ms),
      filter_(std::move(filter)),
      traits_(std::move(traits)),
      stage_(std::move(stage)) {
  while (url_.ends_with('/')) url_.pop_back();
}

Task<Result<std::string>> HttpPeer::identity() { co_return without_credentials(url_); }

HttpPeer::~HttpPeer() { end_feed(); }

void HttpPeer::cancel() {
  const auto feed = std::exchange(feed_, nullptr);
  client_->abort_all();
  if (feed) feed->end();
}

HttpRequest HttpPeer::get(std::string_view path_and_query) const {
  HttpRequest request;
  request.url = url_ + std::string(path_and_query);
  request.headers.emplace_back("Accept", "application/json");
  request.timeout_ms = timeout_ms_;
  return request;
}

HttpRequest HttpPeer::post(std::string_view path_and_query, std::string body) const {
  HttpRequest request = get(path_and_query);
  request.method = "POST";
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = std::move(body);
  request.is_gzip_wanted = request.body.size() >= kWorthGzipping;
  return request;
}

Task<Result<HttpAnswer>> HttpPeer::ask(HttpRequest request, size_t max_bytes) {
  if (traits_->gzip == ServerTraits::Trial::kRefused) request.is_gzip_wanted = false;
  auto answer = co_await ask_gzipped(request, max_bytes);
  if (was_well_ && !request.is_wait && is_worth_repeating(answer)) {
    was_well_ = false;
    // Where nothing is known yet, the break may be that of the plain attempt.
    if (traits_->gzip != ServerTraits::Trial::kTaken) request.is_gzip_wanted = false;
    answer = co_await exchange(*client_, std::move(request), max_bytes);
  }
  was_well_ = answer.ok() && answer->status < 500;
  retry_after_ = answer.ok() && !answer->is_success() ? answer->retry_after : RetryAfter();
  co_return answer;
}

// As exchange(), and finds out whether the server takes gzipped bodies.
Task<Result<HttpAnswer>> HttpPeer::ask_gzipped(HttpRequest request, size_t max_bytes) {
  auto answer = co_await exchange(*client_, request, max_bytes);
  // Meanwhile another request may have been refused: then this one is to come again, too.
  if (!request.is_gzip_wanted || traits_->gzip == ServerTraits::Trial::kTaken) co_return answer;
  if (answer.ok() && is_of_database(*answer)) traits_->gzip = ServerTraits::Trial::kTaken;
  if (!may_be_refusal_of_gzip(answer)) co_return answer;
  request.is_gzip_wanted = false;
  auto plain = co_await exchange(*client_, std::move(request), max_bytes);
  if (plain.ok() && is_of_database(*plain)) traits_->gzip = ServerTraits::Trial::kRefused;
  co_return plain;
}

Task<Result<HttpAnswer>> HttpPeer::ask_for_success(HttpRequest request, size_t max_bytes) {
  CO_TRY_ASSIGN(HttpAnswer answer, co_await ask(std::move(request), max_bytes));
  if (!answer.is_success()) co_return refusal(answer);
  co_return answer;
}

// REQUIRES: a 404. An error where it is not about a document.
Task<Result<bool>> HttpPeer::is_only_the_document_missing(HttpAnswer answer) {
  const ServerError error = server_error(answer);
  if (error.name == "not_found" && (error.reason == "missing" || error.reason == "deleted")) {
    co_return true;
  }
  if (error.name == "not_found" && error.reason.starts_with("Database")) co_return refusal(answer);
  CO_TRY(co_await info());
  co_return true;
}

Task<Result<PeerInfo>> HttpPeer::info() {
  CO_TRY_ASSIGN(HttpAnswer answer, co_await ask_for_success(get("")));
  auto info = parse_info(answer.body);
  if (!info.ok()) co_return bad_response(answer, info.error().reason);
  co_return info;
}

HttpRequest HttpPeer::changes_request(const PeerChangesQuery& query) const {
  const std::string path = "/_changes?" + changes_query_string(query);
  HttpRequest request;
  if (query.doc_ids) {
    request = post(path, doc_ids_body(*query.doc_ids));
  } else if (!query.selector.empty()) {
    request = post(path, "{\"selector\":" + query.selector + "}");
  } else {
    request = get(path);
  }
  // CouchDB reads this body in two places (chttpd_db, couch_changes), of which only the first one
  // is known to unzip it.
  request.is_gzip_wanted = false;
  request.is_wait = query.waits();
  if (query.waits()) request.timeout_ms = waiting_silence_ms(query, timeout_ms_);
  return request;
}

Task<Result<PeerChanges>> HttpPeer::read_changes(PeerChangesQuery query, size_t max_bytes) {
  CO_TRY_ASSIGN(HttpAnswer answer, co_await ask_for_success(changes_request(query), max_bytes));
  const auto text = std::make_shared<std::string>(std::move(answer.body));
  auto page = parse_changes(text, answer.is_cut);
  if (!page.ok()) {
    answer.body = std::move(*text);
    co_return bad_response(answer, page.error().reason);
  }
  page->bytes = text->size();
  co_return page;
}

Task<Result<PeerChanges>> HttpPeer::changes(PeerChangesQuery query) {
  if (filter_) query.include_docs = true;
  CO_TRY_ASSIGN(PeerChanges page, co_await next_changes(query));
  if (page.is_partial && page.rows.empty()) {
    // Not even the first row whose sequence is known has come: documents must come by themselves,
    // or, where the filter has to see them, one at a time.
    const size_t wasted = page.bytes;
    if (query.waits()) query.feed = ChangesFeed::kLongpoll;
    if (filter_) query.limit = 1;
    query.include_docs = filter_ != nullptr;
    CO_TRY_ASSIGN(page, co_await read_changes(query, 0));
    page.bytes += wasted;
  }
  if (filter_) CO_TRY(filter_rows(page, query.limit));
  co_return page;
}

// Takes out what doesn't pass. It is the winner that is asked about: the page has no other.
Result<void> HttpPeer::filter_rows(PeerChanges& page, uint64_t limit) const {
  std::vector<std::string> made;  // in the place of what the server has left out
  made.reserve(page.rows.size());
  std::vector<std::string_view> documents;
  for (const PeerChange& row : page.rows) {
    if (!row.document.empty()) {
      documents.push_back(row.document);
      continue;
    }
    made.push_back("{\"_id\":" + json_string(row.id) +
                   (row.is_deleted ? ",\"_deleted\":true}" : "}"));
    documents.push_back(made.back());
  }
  TRY_ASSIGN(const std::vector<bool> passes, filter_->passing(documents));
  std::vector<PeerChange> passing;
  for (size_t i = 0; i < page.rows.size(); ++i) {
    if (passes[i]) passing.push_back(std::move(page.rows[i]));
  }
  page.is_partial = page.is_partial || (limit > 0 && page.rows.size() >= limit);
  page.rows = std::move(passing);
  return {};
}

// Of more documents than a request may ask about, by several.
Task<Result<std::vector<MissingRevisions>>> HttpPeer::missing_revisions(
    std::vector<RevisionsOfDocument> documents) {
  std::vector<MissingRevisions> missing;
  std::vector<std::vector<RevisionsOfDocument>> to_ask;  // the next ones last
  to_ask.push_back(std::move(documents));
  while (!to_ask.empty()) {
    std::vector<RevisionsOfDocument> some = std::move(to_ask.back());
    to_ask.pop_back();
    if (some.size() > most_asked_about_) {
      to_ask.push_back(take_after(some, most_asked_about_));
    }
    HttpRequest request = post("/_revs_diff", revs_diff_request(some));
    CO_TRY_ASSIGN(HttpAnswer answer, co_await ask(std::move(request)));
    if (answer.status == 413 && some.size() > 1) {
      most_asked_about_ = std::min(most_asked_about_, some.size() / 2);
      to_ask.push_back(std::move(some));
      continue;
    }
    CO_TRY_ASSIGN(auto found, missing_of(answer, std::move(some)));
    std::move(found.begin(), found.end(), std::back_inserter(missing));
  }
  co_return missing;
}

// What the answer says of the documents that it was asked about.
Result<std::vector<MissingRevisions>> HttpPeer::missing_of(
    const HttpAnswer& answer, std::vector<RevisionsOfDocument> documents) {
  // CouchDB says so of all for one id that can't be in this database (a partitioned one, say). What
  // it says to the documents themselves tells which one. A single one that is too much to ask about
  // is no reason to hold up the others, either.
  const bool is_misunderstood = answer.status == 400 && !server_error(answer).name.empty();
  if (is_misunderstood || answer.status == 413) return all_missing(std::move(documents));
  if (!answer.is_success()) return refusal(answer);
  auto missing = parse_revs_diff(answer.body);
  if (!missing.ok()) return bad_response(answer, missing.error().reason);
  return missing;
}

Task<Result<std::optional<std::string>>> HttpPeer::get_local(std::string id) {
  CO_TRY_ASSIGN(HttpAnswer answer, co_await ask(get("/" + document_path("_local/" + id))));
  if (answer.status == 404) {
    CO_TRY(co_await is_only_the_document_missing(answer));
    co_return std::optional<std::string>();
  }
  if (!answer.is_success()) co_return refusal(answer);
  JsonReader reader(answer.body);
  if (reader.peek() != JsonReader::Type::kObject || !reader.skip() || !reader.at_end()) {
    co_return bad_response(answer, "no document");
  }
  co_return std::optional<std::string>(std::move(answer.body));
}

// Of the answer to a PUT.
Result<std::string> HttpPeer::revision_made(const HttpAnswer& answer) {
  std::string rev;
  JsonReader reader(answer.body);
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == "rev") {
      reader.read_string(rev);
    } else {
      reader.skip();
    }
  }
  if (!reader.at_end() || rev.empty()) return bad_response(answer, "no revision");
  return rev;
}

Task<Result<std::string>> HttpPeer::put_local(std::string id, std::string document) {
  HttpRequest request = post("/" + document_path("_local/" + id), std::move(document));
  request.method = "PUT";
  CO_TRY_ASSIGN(HttpAnswer answer, co_await ask_for_success(std::move(request)));
  co_return revision_made(answer);
}

}  // namespace couchlet
