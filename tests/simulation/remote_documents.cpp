#include "remote_documents.h"

#include <algorithm>
#include <utility>

#include "base/base64.h"
#include "base/md5.h"

namespace couchlet {

namespace {

std::string hash_of(const std::string& rev) { return rev.substr(rev.find('-') + 1); }

bool wins(const RemoteDocuments::Leaf& a, const RemoteDocuments::Leaf& b) {
  if (a.is_deleted != b.is_deleted) return !a.is_deleted;
  const uint64_t generation_a = generation_of(a.rev);
  const uint64_t generation_b = generation_of(b.rev);
  if (generation_a != generation_b) return generation_a > generation_b;
  return hash_of(a.rev) > hash_of(b.rev);
}

std::string digest_of(const std::string& bytes) {
  const Md5Digest digest = md5(bytes);
  return "md5-" + encode_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace

uint64_t generation_of(const std::string& rev) { return std::stoul(rev.substr(0, rev.find('-'))); }

std::vector<std::string> history_of(const Json& document) {
  std::vector<std::string> revs;
  const auto revisions = document.find("_revisions");
  if (revisions == document.end()) return {text_at(document, "_rev")};
  uint64_t generation = number_at(*revisions, "start");
  for (const Json& hash : (*revisions)["ids"]) {
    revs.push_back(std::to_string(generation--) + "-" + hash.get<std::string>());
  }
  return revs;
}

bool RemoteDocuments::merge(const Json& document) {
  const std::string id = text_at(document, "_id");
  const std::vector<std::string> history = history_of(document);
  if (has(id, history.front())) return true;
  Node node;
  if (!take_attachments(document, history, node)) return false;
  node.has_content = true;
  node.is_deleted = is_true_at(document, "_deleted");
  node.body = Json::object();
  for (const auto& [name, value] : document.items()) {
    if (!name.starts_with('_')) node.body[name] = value;
  }
  Document& present = documents_[id];
  present.tree[history.front()] = std::move(node);
  for (size_t i = 0; i + 1 < history.size(); ++i) {
    present.tree[history[i]].parent = history[i + 1];
    present.tree.try_emplace(history[i + 1]);
  }
  present.sequence = ++sequence_;
  return true;
}

bool RemoteDocuments::take_attachments(const Json& document,
                                       const std::vector<std::string>& history, Node& node) {
  node.attachments = Json::object();
  const auto attachments = document.find("_attachments");
  if (attachments == document.end()) return true;
  for (const auto& [name, given] : attachments->items()) {
    Json taken;
    if (is_true_at(given, "stub")) {
      const Json* found =
          find_attachment(text_at(document, "_id"), history, name, text_at(given, "digest"));
      if (found == nullptr) return false;
      taken = *found;
    } else {
      const std::string data = text_at(given, "data");
      const std::string bytes = decode_base64(data).value_or("");
      taken = {{"data", data}, {"digest", digest_of(bytes)}, {"length", bytes.size()}};
      taken["revpos"] = given.value("revpos", generation_of(history.front()));
    }
    taken["content_type"] = text_at(given, "content_type");
    node.attachments[name] = std::move(taken);
  }
  return true;
}

const Json* RemoteDocuments::find_attachment(const std::string& id,
                                             const std::vector<std::string>& history,
                                             const std::string& name,
                                             const std::string& digest) const {
  const auto document = documents_.find(id);
  if (document == documents_.end()) return nullptr;
  for (const std::string& rev : history) {
    const auto node = document->second.tree.find(rev);
    if (node == document->second.tree.end() || !node->second.has_content) continue;
    const auto found = node->second.attachments.find(name);
    if (found == node->second.attachments.end()) continue;
    if (text_at(*found, "digest") == digest) return &*found;
  }
  return nullptr;
}

bool RemoteDocuments::has(const std::string& id, const std::string& rev) const {
  const auto document = documents_.find(id);
  return document != documents_.end() && document->second.tree.contains(rev);
}

std::vector<RemoteDocuments::Leaf> RemoteDocuments::leaves(const std::string& id) const {
  const auto document = documents_.find(id);
  if (document == documents_.end()) return {};
  std::set<std::string> parents;
  for (const auto& [rev, node] : document->second.tree) parents.insert(node.parent);
  std::vector<Leaf> leaves;
  for (const auto& [rev, node] : document->second.tree) {
    if (!parents.contains(rev)) leaves.push_back({rev, node.is_deleted});
  }
  std::sort(leaves.begin(), leaves.end(), wins);
  return leaves;
}

std::vector<std::string> RemoteDocuments::history(const std::string& id,
                                                  const std::string& rev) const {
  std::vector<std::string> revs;
  const Document& document = documents_.at(id);
  for (std::string at = rev; !at.empty(); at = document.tree.at(at).parent) revs.push_back(at);
  return revs;
}

Json RemoteDocuments::read(const std::string& id, const std::string& rev,
                           const Shape& shape) const {
  const Node& node = documents_.at(id).tree.at(rev);
  const std::vector<std::string> before = history(id, rev);
  Json document = node.body;
  document["_id"] = id;
  document["_rev"] = rev;
  if (node.is_deleted) document["_deleted"] = true;
  if (shape.with_history) {
    Json hashes = Json::array();
    for (const std::string& each : before) hashes.push_back(hash_of(each));
    document["_revisions"] = {{"start", generation_of(rev)}, {"ids", std::move(hashes)}};
  }
  std::vector<std::string> known;
  std::copy_if(before.begin(), before.end(), std::back_inserter(known),
               [&](const std::string& each) { return shape.known.contains(each); });
  for (const auto& [name, kept] : node.attachments.items()) {
    Json given = kept;
    const bool is_known = find_attachment(id, known, name, text_at(kept, "digest")) != nullptr;
    if (!shape.with_data || is_known) {
      given.erase("data");
      given["stub"] = true;
    } else {
      given.erase("length");
    }
    document["_attachments"][name] = std::move(given);
  }
  return document;
}

std::optional<Json> RemoteDocuments::local(const std::string& id) const {
  const auto found = locals_.find(id);
  if (found == locals_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> RemoteDocuments::put_local(const std::string& id, Json document,
                                                      bool checks_revision) {
  const auto present = locals_.find(id);
  const std::string present_rev = present == locals_.end() ? "" : text_at(present->second, "_rev");
  const std::string given_rev = text_at(document, "_rev");
  if (checks_revision && given_rev != present_rev) return std::nullopt;
  const uint64_t number = given_rev.empty() ? 0 : std::stoul(given_rev.substr(2));
  const std::string rev = "0-" + std::to_string(number + 1);
  document["_rev"] = rev;
  locals_[id] = std::move(document);
  return rev;
}

void RemoteDocuments::clear() {
  documents_.clear();
  locals_.clear();
  sequence_ = 0;
  ++incarnation_;
}

}  // namespace couchlet
