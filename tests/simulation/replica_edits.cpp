#include "replica_edits.h"

#include <string_view>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"

namespace couchlet {

namespace {

// Above what comes inside a document (http_peer_streams.cpp).
constexpr size_t kLargeBytes = size_t{256} * 1024;

}  // namespace

ReplicaEdits::ReplicaEdits(SimulatedRun& run, const ReplicationPlan& plan, EditLedger& ledger)
    : run_(run), plan_(plan), ledger_(ledger), large_attachments_(plan.large_attachments) {}

std::string ReplicaEdits::draw_id() { return document_id(run_.random.below(plan_.ids)); }

Json ReplicaEdits::draw_attachment(std::string& data) {
  size_t size = 300;
  if (large_attachments_ > 0 && run_.chance(300)) {
    --large_attachments_;
    size = kLargeBytes + run_.random.below(1000);
    run_.count("large attachments");
  }
  const std::string bytes = "bytes " + std::to_string(run_.random.below(20));
  data = encode_base64(bytes + std::string(size, '.'));
  return {{"content_type", "image/png"}, {"data", data}};
}

// On `parent`, a leaf with the stubs of its attachments, or null.
ReplicaEdits::Draft ReplicaEdits::draft(const std::string& site, const std::string& id,
                                        const Json& parent) {
  EditLedger::Edit edit{.site = site, .id = id, .parent = text_at(parent, "_rev")};
  edit.is_deletion = !edit.parent.empty() && run_.chance(plan_.deletions);
  Json attachments;
  const bool can_keep = parent.is_object() && parent.contains("_attachments");
  if (!edit.is_deletion && can_keep && run_.chance(600)) {
    attachments = parent["_attachments"];
    edit.attachment = ledger_.edit(number_at(parent, "edit")).attachment;
  } else if (!edit.is_deletion && run_.chance(plan_.attachments)) {
    attachments["file"] = draw_attachment(edit.attachment);
  }
  Draft made{ledger_.begin(edit), {{"_id", id}}};
  if (!edit.parent.empty()) made.document["_rev"] = edit.parent;
  if (edit.is_deletion) made.document["_deleted"] = true;
  if (!attachments.is_null()) made.document["_attachments"] = std::move(attachments);
  made.document["edit"] = made.number;
  made.document["team"] = team_of(id);
  made.document["padding"] = std::string(run_.random.below(400), 'p');
  return made;
}

Task<Result<void>> ReplicaEdits::edit(ReplicaLife& life, std::string id) {
  GetOptions options;
  if (run_.chance(300)) options.open_revs_all = true;
  const bool is_any_leaf = options.open_revs_all;
  const Result<std::string> text =
      co_await life.replicas.front().database->get(id, std::move(options));
  if (life.has_crashed()) co_return Result<void>();
  if (!text.ok() && text.error().status != 404) co_return text.error();
  Json parent = text.ok() ? parse_json(*text) : Json();
  if (is_any_leaf && parent.is_array()) {
    const size_t chosen = parent.empty() ? 0 : run_.random.below(parent.size());
    parent = parent.empty() ? Json() : Json(parent[chosen]["ok"]);
    if (is_true_at(parent, "_deleted")) parent = Json();
  }
  co_return co_await write(life, draft(life.replicas.front().replica->name, id, parent));
}

Task<Result<void>> ReplicaEdits::write(ReplicaLife& life, Draft draft) {
  const std::string text = draft.document.dump();
  run_.note(life.name(), " writes edit ", draft.number, " of ", text_at(draft.document, "_id"));
  const auto answers =
      co_await life.replicas.front().database->write(std::vector<std::string_view>{text}, {});
  if (life.has_crashed()) co_return Result<void>();
  if (!answers.ok()) {
    if (answers.error().name != "outcome_unknown") ledger_.deny(draft.number);
    co_return answers.error();
  }
  const WriteResult& answer = answers->front();
  if (answer.error) {
    // Another context, or what was pulled meanwhile, came first.
    ledger_.deny(draft.number);
    if (answer.error->name != "conflict") co_return *answer.error;
    run_.count("conflicts");
    co_return Result<void>();
  }
  run_.note(life.name(), " has written edit ", draft.number, " as ", answer.rev);
  run_.count("edits");
  ledger_.acknowledge(draft.number, answer.rev);
  co_return Result<void>();
}

void ReplicaEdits::edit_remotely(RemoteSite& site, const std::string& id) {
  RemoteDocuments& remote = site.documents();
  const auto leaves = remote.leaves(id);
  Json parent;
  uint64_t generation = 1;
  if (!leaves.empty() && run_.chance(900)) {
    const auto& leaf = leaves[run_.chance(700) ? 0 : run_.random.below(leaves.size())];
    if (leaf.is_deleted) return;
    parent = remote.read(id, leaf.rev, {});
    generation = generation_of(leaf.rev) + 1;
  }
  Draft made = draft(site.name(), id, parent);
  std::string hash;
  put_u64be(hash, run_.random.next());
  put_u64be(hash, run_.random.next());
  Json hashes = {to_hex(hash)};
  if (!parent.is_null()) {
    for (const std::string& rev : remote.history(id, text_at(parent, "_rev"))) {
      hashes.push_back(rev.substr(rev.find('-') + 1));
    }
  }
  const std::string rev = std::to_string(generation) + "-" + to_hex(hash);
  made.document["_rev"] = rev;
  made.document["_revisions"] = {{"start", generation}, {"ids", std::move(hashes)}};
  run_.note(site.name(), " has edit ", made.number, " of ", id, " as ", rev);
  run_.count("edits at the server");
  if (!remote.merge(made.document)) run_.fail("The server lacks an attachment of its own");
  ledger_.acknowledge(made.number, rev);
}

}  // namespace couchlet
