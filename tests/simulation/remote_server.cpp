#include "remote_server.h"

#include <algorithm>
#include <utility>

namespace couchlet {

namespace {

constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kLongestLongpollUs = 60 * kSecondUs;
constexpr int64_t kBeatUs = 10 * kSecondUs;

RemoteAnswer broken() { return {.status = 0}; }

}  // namespace

RemoteAnswer remote_refusal(int status, const char* error, const char* reason) {
  return {.status = status, .body = Json{{"error", error}, {"reason", reason}}.dump()};
}

RemoteAnswer remote_success(const Json& body) { return {.body = body.dump()}; }

RemoteServer::RemoteServer(SimulatedRun& run, const NetworkWeather& weather, std::string url,
                           RemoteTraits traits, RemoteDocuments& documents)
    : run_(run),
      weather_(weather),
      url_(std::move(url)),
      traits_(std::move(traits)),
      documents_(documents) {}

Task<RemoteAnswer> RemoteServer::answer(HttpRequest request, std::function<bool()> is_gone) {
  if (run_.time.now_us() < up_at_us_) co_return broken();
  const uint64_t life = life_;
  co_await step();
  if (has_crashed_since(life)) co_return broken();
  RemoteAnswer answered = refuse_or_none(request);
  if (answered.status == 200) {
    answered = co_await answer_in_life(request, life, std::move(is_gone));
  }
  co_await step();
  co_return has_crashed_since(life) ? broken() : answered;
}

// 200 where nothing stands against the request.
RemoteAnswer RemoteServer::refuse_or_none(const HttpRequest& request) {
  if (run_.chance(weather_.unauthorized)) {
    run_.count("logins that have run out");
    return remote_refusal(401, "unauthorized", "You are not authorized to access this db.");
  }
  if (run_.chance(weather_.limited)) {
    run_.count("servers' limits");
    RemoteAnswer limited = remote_refusal(429, "too_many_requests", "Slow down");
    limited.retry_after = std::to_string(run_.between(1, 30));
    return limited;
  }
  if (!has_database()) {
    return remote_refusal(404, "not_found", "Database does not exist.");
  }
  if (request.is_gzip_wanted && !traits_.takes_gzip) {
    return remote_refusal(traits_.gzip_refusal, "bad_content_type", "No gzip");
  }
  return {};
}

Task<RemoteAnswer> RemoteServer::answer_in_life(const HttpRequest& http, uint64_t life,
                                                std::function<bool()> is_gone) {
  RemoteRequest request(http, url_);
  const std::string name = request.path.empty() ? "" : request.path.front();
  if (name.empty()) {
    co_return remote_success({{"update_seq", sequence_json(documents_.sequence())}});
  }
  if (name == "_changes") {
    co_return co_await changes(std::move(request), life, std::move(is_gone));
  }
  if (name == "_bulk_docs") {
    co_return co_await bulk_docs(std::move(request.body), http.body.size(), life);
  }
  if (name == "_revs_diff") co_return revs_diff(request.body);
  if (name == "_bulk_get" && traits_.has_bulk_get) co_return bulk_get(request);
  if (name == "_bulk_get") {
    co_return remote_refusal(405, "method_not_allowed", "Only GET, HEAD, PUT, DELETE allowed");
  }
  if (name == "_local") co_return local_document(request);
  if (name.starts_with('_')) run_.fail("The server is asked for " + http.method + " " + http.url);
  co_return co_await answer_about_document(http, std::move(request), life);
}

Task<void> RemoteServer::step() {
  co_await run_.time.wait(static_cast<int64_t>(run_.random.below(1000)));
  if (run_.random.below(10'000) >= weather_.server_crashing) co_return;
  run_.note("the server crashes");
  run_.count("server crashes");
  ++life_;
  up_at_us_ = run_.time.now_us() + static_cast<int64_t>(run_.random.below(20 * kSecondUs));
}

void RemoteServer::recreate_database(int64_t absence_us) {
  run_.note("the server's database is deleted, for ", absence_us, " us");
  run_.count("databases made anew");
  ++life_;
  there_at_us_ = run_.time.now_us() + absence_us;
  documents_.clear();
}

// It looks ever more seldom, so that long silence costs little.
Task<RemoteAnswer> RemoteServer::changes(RemoteRequest request, uint64_t life,
                                         std::function<bool()> is_gone) {
  const bool is_continuous = request.asked("feed") == "continuous" && traits_.has_continuous_feed;
  if (is_continuous) co_return follow(std::move(request), life);
  const bool is_longpoll = request.asked("feed") == "longpoll";
  const uint64_t since = since_asked(request);
  const int64_t ends_us = run_.time.now_us() + kLongestLongpollUs;
  for (size_t looks = 1;;) {
    const Json page = changes_since(since, request);
    if (!is_longpoll || !page["results"].empty() || run_.time.now_us() >= ends_us) {
      co_return remote_success(page);
    }
    const uint64_t seen = documents_.sequence();
    while (documents_.sequence() == seen && run_.time.now_us() < ends_us) {
      const size_t most_us = std::min<size_t>(looks++, 10) * kSecondUs;
      co_await run_.time.wait(static_cast<int64_t>(run_.random.below(most_us)));
      if (has_crashed_since(life) || is_gone()) co_return broken();
    }
  }
}

// A continuous feed, as far as it has come.
struct RemoteServer::Following {
  RemoteRequest request;
  uint64_t life;
  uint64_t since;
  bool is_over = false;
};

RemoteAnswer RemoteServer::follow(RemoteRequest request, uint64_t life) {
  run_.count("continuous feeds");
  const uint64_t since = since_asked(request);
  const auto following = std::make_shared<Following>(Following{std::move(request), life, since});
  return {.more = [this, following](std::function<bool()> is_gone) {
    return more_changes(following, std::move(is_gone));
  }};
}

Task<std::optional<std::string>> RemoteServer::more_changes(std::shared_ptr<Following> following,
                                                            std::function<bool()> is_gone) {
  if (following->is_over) co_return "";
  const int64_t beats_us = run_.time.now_us() + kBeatUs;
  for (size_t looks = 1;;) {
    if (has_crashed_since(following->life) || is_gone()) co_return std::nullopt;
    const std::string lines = lines_since(*following);
    if (!lines.empty()) co_return lines;
    if (run_.time.now_us() >= beats_us) co_return "\n";
    const size_t most_us = std::min<size_t>(looks++, 10) * kSecondUs;
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(most_us)));
  }
}

std::string RemoteServer::lines_since(Following& following) {
  if (documents_.sequence() == following.since) return "";
  const Json page = changes_since(following.since, following.request);
  following.since = documents_.sequence();
  std::string lines;
  for (const Json& row : page["results"]) lines += row.dump() + "\n";
  following.is_over = run_.chance(50);
  if (following.is_over)
    lines += Json{{"last_seq", page["last_seq"]}, {"pending", 0}}.dump() + "\n";
  return lines;
}

// One document after another, as CouchDB has no transactions.
Task<RemoteAnswer> RemoteServer::bulk_docs(Json request, size_t bytes, uint64_t life) {
  if (traits_.most_bytes > 0 && bytes > traits_.most_bytes && request["docs"].size() > 1) {
    run_.count("requests that are too large");
    co_return remote_refusal(413, "too_large", "The request is too large");
  }
  Json refused = Json::array();
  for (const Json& document : request["docs"]) {
    Json outcome = write(document);
    if (!outcome.is_null()) refused.push_back(std::move(outcome));
    if (run_.chance(200)) co_await step();
    if (has_crashed_since(life)) co_return broken();
  }
  co_return RemoteAnswer{.status = 201, .body = refused.dump()};
}

// Null, or how it is refused.
Json RemoteServer::write(const Json& document) {
  const std::string id = text_at(document, "_id");
  const std::string rev = history_of(document).front();
  Json refused = {{"id", id}, {"rev", rev}};
  if (traits_.forbids && traits_.forbids(id)) {
    refused.update({{"error", "forbidden"}, {"reason", "Nobody may write this"}});
  } else if (!documents_.merge(document)) {
    refused.update({{"error", "missing_stub"}, {"reason", "An attachment is not here"}});
  } else {
    run_.note(url_, " has ", id, " ", rev);
    return {};
  }
  run_.note(url_, " refuses ", id, " ", rev);
  return refused;
}

RemoteAnswer RemoteServer::local_document(const RemoteRequest& request) {
  const std::string id = "_local/" + request.path.back();
  if (request.method == "GET") {
    const auto document = documents_.local(id);
    return document ? remote_success(*document) : remote_refusal(404, "not_found", "missing");
  }
  const auto rev = documents_.put_local(id, request.body, traits_.checks_local_revisions);
  if (!rev) return remote_refusal(409, "conflict", "Document update conflict.");
  return {.status = 201, .body = Json{{"ok", true}, {"id", id}, {"rev", *rev}}.dump()};
}

}  // namespace couchlet
