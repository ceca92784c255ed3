// What a RemoteServer answers without changing anything.
#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "base/base64.h"
#include "remote_server.h"

namespace couchlet {

namespace {

// Whether a leaf is one that the feed's filter lets through. Of selectors it knows {"name": value}.
bool passes(const RemoteRequest& request, const std::string& id, const Json& body) {
  const std::string filter = request.asked("filter");
  if (filter == "_doc_ids") {
    const Json& ids = request.body["doc_ids"];
    return std::find(ids.begin(), ids.end(), Json(id)) != ids.end();
  }
  if (filter != "_selector") return true;
  const Json& selector = request.body["selector"];
  return std::all_of(selector.items().begin(), selector.items().end(), [&](const auto& member) {
    return body.is_object() && body.value(member.key(), Json()) == member.value();
  });
}

}  // namespace

// Sequences are numbers; or opaque: a number, a "-", and what tells the database. Those of another
// database are no place in this one, which is then read from its beginning (as CouchDB does).
Json RemoteServer::sequence_json(uint64_t sequence) const {
  if (!traits_.has_opaque_sequences) return sequence;
  return std::to_string(sequence) + "-opaque" + std::to_string(documents_.incarnation());
}

uint64_t RemoteServer::since_asked(const RemoteRequest& request) const {
  const std::string text = request.asked("since");
  const bool is_ours = text.ends_with("-opaque" + std::to_string(documents_.incarnation()));
  return traits_.has_opaque_sequences && !is_ours ? 0 : request.number_asked("since");
}

Json RemoteServer::changes_since(uint64_t since, const RemoteRequest& request) const {
  std::map<uint64_t, std::string> feed;
  for (const auto& [id, document] : documents_.documents()) {
    if (document.sequence > since) feed[document.sequence] = id;
  }
  const uint64_t limit = request.number_asked("limit");
  const uint64_t interval = std::max<uint64_t>(1, request.number_asked("seq_interval"));
  const bool has_documents = request.query.contains("include_docs");
  Json rows = Json::array();
  uint64_t last = since;
  uint64_t looked_at = 0;
  for (const auto& [sequence, id] : feed) {
    if (limit > 0 && rows.size() == limit) break;
    ++looked_at;
    last = sequence;
    Json row = {{"id", id}, {"changes", Json::array()}};
    const auto leaves = documents_.leaves(id);
    for (const auto& leaf : leaves) {
      if (!passes(request, id, documents_.documents().at(id).tree.at(leaf.rev).body)) continue;
      row["changes"].push_back({{"rev", leaf.rev}});
    }
    if (row["changes"].empty()) continue;
    row["seq"] = (rows.size() + 1) % interval == 0 ? sequence_json(sequence) : Json();
    if (leaves.front().is_deleted) row["deleted"] = true;
    if (has_documents) row["doc"] = documents_.read(id, leaves.front().rev, {});
    rows.push_back(std::move(row));
  }
  const bool has_all = looked_at == feed.size();
  return {{"results", std::move(rows)},
          {"last_seq", sequence_json(has_all ? documents_.sequence() : last)},
          {"pending", feed.size() - looked_at}};
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
  return remote_success(answered);
}

bool RemoteServer::can_read(const std::string& id, const std::string& rev) const {
  const bool has_content =
      documents_.has(id, rev) && documents_.documents().at(id).tree.at(rev).has_content;
  if (!has_content || !traits_.forgets) return has_content;
  const auto leaves = documents_.leaves(id);
  return std::any_of(leaves.begin(), leaves.end(),
                     [&](const auto& leaf) { return leaf.rev == rev; });
}

// REQUIRES: it can be read.
Json RemoteServer::revision(const std::string& id, const std::string& rev, const Json& known,
                            const RemoteRequest& request) const {
  RemoteDocuments::Shape shape{.with_history = true,
                               .with_data = request.query.contains("attachments")};
  for (const Json& each : known) shape.known.insert(each.get<std::string>());
  return documents_.read(id, rev, shape);
}

RemoteAnswer RemoteServer::bulk_get(const RemoteRequest& request) const {
  Json results = Json::array();
  for (const Json& wanted : request.body.at("docs")) {
    const std::string id = text_at(wanted, "id");
    const std::string rev = text_at(wanted, "rev");
    Json answered;
    if (can_read(id, rev)) {
      const Json known = wanted.value("atts_since", Json::array());
      answered = {{"ok", revision(id, rev, known, request)}};
    } else {
      answered["error"] = {{"id", id}, {"rev", rev}, {"error", "not_found"}, {"reason", "missing"}};
    }
    results.push_back({{"id", id}, {"docs", Json::array({std::move(answered)})}});
  }
  return remote_success({{"results", std::move(results)}});
}

RemoteAnswer RemoteServer::open_revisions(const RemoteRequest& request) const {
  const std::string& id = request.path.front();
  Json known = parse_json(request.asked("atts_since"));
  if (!known.is_array()) known = Json::array();
  Json answered = Json::array();
  for (const Json& each : parse_json(request.asked("open_revs"))) {
    const auto rev = each.get<std::string>();
    const bool is_there = can_read(id, rev);
    answered.push_back(is_there ? Json{{"ok", revision(id, rev, known, request)}}
                                : Json{{"missing", rev}});
  }
  return remote_success(answered);
}

RemoteAnswer RemoteServer::attachment(const RemoteRequest& request) const {
  const std::string& id = request.path.front();
  const std::string rev = request.asked("rev");
  if (!can_read(id, rev)) return remote_refusal(404, "not_found", "missing");
  const Json document = documents_.read(id, rev, {.with_data = true});
  const auto attachments = document.find("_attachments");
  if (attachments == document.end() || !attachments->contains(request.path.back())) {
    return remote_refusal(404, "not_found", "Document is missing attachment");
  }
  const Json& found = (*attachments)[request.path.back()];
  return {.body = decode_base64(text_at(found, "data")).value_or(""),
          .content_type = text_at(found, "content_type")};
}

}  // namespace couchlet
