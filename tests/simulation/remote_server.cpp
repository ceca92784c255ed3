#include "remote_server.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>
#include <vector>

namespace couchlet {

namespace {

constexpr int64_t kLongestLongpollUs = 60'000'000;

RemoteAnswer broken() { return {.status = 0}; }

RemoteAnswer refusal(int status, const char* error, const char* reason) {
  return {.status = status, .body = Json{{"error", error}, {"reason", reason}}.dump()};
}

RemoteAnswer success(const Json& body) { return {.body = body.dump()}; }

// Sequences are a number and, after a "-", what is nobody's business.
uint64_t number_of(std::string_view text) {
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::map<std::string, std::string, std::less<>> query_of(std::string_view url) {
  std::map<std::string, std::string, std::less<>> query;
  const size_t mark = url.find('?');
  std::string_view rest = mark == std::string_view::npos ? "" : url.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view member = rest.substr(0, rest.find('&'));
    const size_t equals = std::min(member.find('='), member.size() - 1);
    query[std::string(member.substr(0, equals))] = member.substr(equals + 1);
    rest.remove_prefix(std::min(member.size() + 1, rest.size()));
  }
  return query;
}

uint64_t number_in(const std::map<std::string, std::string, std::less<>>& query,
                   std::string_view name) {
  const auto found = query.find(name);
  return found == query.end() ? 0 : number_of(found->second);
}

}  // namespace

RemoteServer::RemoteServer(SimulatedRun& run, const NetworkWeather& weather,
                           RemoteDocuments& documents)
    : run_(run), weather_(weather), documents_(documents), forgets_(run.chance(300)) {}

Task<RemoteAnswer> RemoteServer::answer(HttpRequest request, std::function<bool()> is_gone) {
  if (run_.time.now_us() < up_at_us_) co_return broken();
  const uint64_t life = life_;
  co_await step();
  if (has_crashed_since(life)) co_return broken();
  const Query query = query_of(request.url);
  const std::string path = request.url.substr(
      kUrl.size(), std::min(request.url.find('?'), request.url.size()) - kUrl.size());
  RemoteAnswer answered;
  if (path.empty()) {
    answered = success({{"update_seq", sequence_text(documents_.sequence())}});
  } else if (path == "/_changes") {
    answered = co_await changes(query, life, std::move(is_gone));
  } else if (path == "/_bulk_docs") {
    answered = co_await bulk_docs(parse_json(request.body), life);
  } else if (path == "/_revs_diff") {
    answered = revs_diff(parse_json(request.body));
  } else if (path == "/_bulk_get") {
    answered = bulk_get(parse_json(request.body));
  } else if (path.starts_with("/_local/")) {
    answered = local_document(request, path.substr(1));
  } else {
    run_.fail("The server is asked for " + request.method + " " + path);
  }
  co_await step();
  co_return has_crashed_since(life) ? broken() : answered;
}

Task<void> RemoteServer::step() {
  co_await run_.time.wait(static_cast<int64_t>(run_.random.below(1000)));
  if (run_.random.below(10'000) >= weather_.server_crashing) co_return;
  run_.note("the server crashes");
  run_.count("server crashes");
  ++life_;
  up_at_us_ = run_.time.now_us() + static_cast<int64_t>(run_.random.below(20'000'000));
}

std::string RemoteServer::sequence_text(uint64_t sequence) const {
  return std::to_string(sequence) + "-opaque";
}

Task<RemoteAnswer> RemoteServer::changes(Query query, uint64_t life,
                                         std::function<bool()> is_gone) {
  const bool is_longpoll = query["feed"] == "longpoll";
  const uint64_t since = number_in(query, "since");
  const int64_t ends_us = run_.time.now_us() + kLongestLongpollUs;
  while (is_longpoll && documents_.sequence() <= since && run_.time.now_us() < ends_us) {
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(2'000'000)));
    if (has_crashed_since(life) || is_gone()) co_return broken();
  }
  co_return success(changes_since(since, query));
}

Json RemoteServer::changes_since(uint64_t since, const Query& query) const {
  std::map<uint64_t, std::string> feed;
  for (const auto& [id, document] : documents_.documents()) {
    if (document.sequence > since) feed[document.sequence] = id;
  }
  const uint64_t limit = number_in(query, "limit");
  const uint64_t interval = std::max<uint64_t>(1, number_in(query, "seq_interval"));
  const bool has_all = limit == 0 || feed.size() <= limit;
  Json rows = Json::array();
  uint64_t last = since;
  for (const auto& [sequence, id] : feed) {
    if (!has_all && rows.size() == limit) break;
    const auto leaves = documents_.leaves(id);
    Json row = {{"id", id}, {"changes", Json::array()}};
    for (const auto& leaf : leaves) row["changes"].push_back({{"rev", leaf.rev}});
    row["seq"] = (rows.size() + 1) % interval == 0 ? Json(sequence_text(sequence)) : Json();
    if (leaves.front().is_deleted) row["deleted"] = true;
    if (query.contains("include_docs")) row["doc"] = documents_.read(id, leaves.front().rev, {});
    rows.push_back(std::move(row));
    last = sequence;
  }
  const uint64_t pending = feed.size() - rows.size();
  return {{"results", std::move(rows)},
          {"last_seq", sequence_text(has_all ? documents_.sequence() : last)},
          {"pending", pending}};
}

// One document after another, as CouchDB has no transactions.
Task<RemoteAnswer> RemoteServer::bulk_docs(Json request, uint64_t life) {
  Json refused = Json::array();
  for (const Json& document : request["docs"]) {
    const std::string id = text_at(document, "_id");
    const std::string rev = history_of(document).front();
    const bool is_taken = documents_.merge(document);
    run_.note("the server ", is_taken ? "has " : "refuses ", id, " ", rev);
    if (!is_taken) {
      refused.push_back({{"id", id},
                         {"rev", rev},
                         {"error", "missing_stub"},
                         {"reason", "An attachment is not here"}});
    }
    if (run_.chance(200)) co_await step();
    if (has_crashed_since(life)) co_return broken();
  }
  co_return RemoteAnswer{.status = 201, .body = refused.dump()};
}

RemoteAnswer RemoteServer::revs_diff(const Json& request) const {
  Json answered = Json::object();
  for (const auto& [id, revs] : request.items()) {
    Json missing = Json::array();
    uint64_t highest = 0;
    for (const Json& rev : revs) {
      const auto text = rev.get<std::string>();
      if (documents_.has(id, text)) continue;
      highest = std::max(highest, generation_of(text));
      missing.push_back(text);
    }
    if (missing.empty()) continue;
    Json ancestors = Json::array();
    for (const auto& leaf : documents_.leaves(id)) {
      if (generation_of(leaf.rev) < highest) ancestors.push_back(leaf.rev);
    }
    answered[id]["missing"] = std::move(missing);
    if (!ancestors.empty()) answered[id]["possible_ancestors"] = std::move(ancestors);
  }
  return success(answered);
}

RemoteAnswer RemoteServer::bulk_get(const Json& request) const {
  Json results = Json::array();
  for (const Json& wanted : request.at("docs")) {
    results.push_back({{"id", text_at(wanted, "id")}, {"docs", Json::array({revision(wanted)})}});
  }
  return success({{"results", std::move(results)}});
}

Json RemoteServer::revision(const Json& wanted) const {
  const std::string id = text_at(wanted, "id");
  const std::string rev = text_at(wanted, "rev");
  const auto leaves = documents_.leaves(id);
  const bool is_leaf =
      std::any_of(leaves.begin(), leaves.end(), [&](const auto& leaf) { return leaf.rev == rev; });
  const bool is_there =
      documents_.has(id, rev) && documents_.documents().at(id).tree.at(rev).has_content;
  if (!is_there || (forgets_ && !is_leaf)) {
    const Json error = {{"id", id}, {"rev", rev}, {"error", "not_found"}, {"reason", "missing"}};
    return {{"error", error}};
  }
  RemoteDocuments::Shape shape{.with_history = true, .with_data = true};
  if (wanted.contains("atts_since")) {
    for (const Json& known : wanted["atts_since"]) shape.known.insert(known.get<std::string>());
  }
  return {{"ok", documents_.read(id, rev, shape)}};
}

RemoteAnswer RemoteServer::local_document(const HttpRequest& request, const std::string& id) {
  if (request.method == "GET") {
    const auto document = documents_.local(id);
    return document ? success(*document) : refusal(404, "not_found", "missing");
  }
  const auto rev = documents_.put_local(id, parse_json(request.body));
  if (!rev) return refusal(409, "conflict", "Document update conflict.");
  return {.status = 201, .body = Json{{"ok", true}, {"id", id}, {"rev", *rev}}.dump()};
}

}  // namespace couchlet
