#include "document/document_reader.h"

#include <algorithm>
#include <utility>

#include "document/attachment_reader.h"
#include "document/damage.h"
#include "document/keys.h"
#include "json/json_writer.h"

namespace couchlet {
namespace {

// What a document's text has beside its id and its body, mostly.
constexpr size_t kHeadBytes = 64;

std::vector<Revision> losing_leaves(const RevisionTree& tree, bool is_deleted) {
  std::vector<Revision> revisions;
  const RevisionNode& winner = *tree.winning_leaf();
  for (const RevisionNode& leaf : tree.leaves()) {
    if (leaf.info.is_deleted == is_deleted && leaf.revision != winner.revision) {
      revisions.push_back(leaf.revision);
    }
  }
  return revisions;
}

// The generation of the newest revision in `history` that the asker has.
uint64_t generation_known(const std::vector<Revision>& history,
                          const std::vector<std::string>& known) {
  for (const Revision& revision : history) {
    if (std::find(known.begin(), known.end(), revision.text()) != known.end()) {
      return revision.generation();
    }
  }
  return 0;
}

Error damaged(std::string_view id, std::string_view part) {
  return errors::corrupt("Document '" + std::string(id) + "' is damaged (" + std::string(part) +
                         "). After a repair() a replication can bring it again.");
}

// A body that can be decoded, of what was read for it.
Result<std::string> sound_body(std::string_view id, const RevisionNode& node,
                               Result<std::optional<std::string>> bytes) {
  if (node.info.body == 0) return errors::not_found("missing");
  if (!bytes.ok() && !is_damage(bytes.error())) return std::move(bytes).error();
  if (!bytes.ok() || !*bytes || !StoredBody::decode(**bytes).ok()) {
    return damaged(id, "revision " + node.revision.text());
  }
  return *std::move(*bytes);
}

DocumentExtras extras_for(const DocumentRecord& record, const Revision& revision,
                          const GetOptions& options) {
  DocumentExtras extras;
  if (options.revs) extras.revisions = record.tree.history(revision);
  if (options.revs_info) extras.revs_info = record.tree.history_with_info(revision);
  if (options.conflicts) extras.conflicts = conflicts_of(record.tree);
  if (options.deleted_conflicts) extras.deleted_conflicts = deleted_conflicts_of(record.tree);
  if (options.attachments) {
    extras.data_after = generation_known(record.tree.history(revision), options.atts_since);
    extras.follows_from = options.follows_from;
  }
  if (options.local_seq) extras.local_seq = record.sequence;
  return extras;
}

// Which revision a GET without open_revs means.
Result<RevisionNode> choose_revision(const RevisionTree& tree, const GetOptions& options) {
  if (!options.rev) {
    const RevisionNode& winner = *tree.winning_leaf();
    if (winner.info.is_deleted) return errors::not_found("deleted");
    if (winner.info.body == 0) return errors::not_found("missing");  // after damage (repair.h)
    return winner;
  }
  TRY_ASSIGN(Revision revision, Revision::parse(*options.rev));
  if (options.latest) {
    const auto leaves = tree.leaves_descending_from(revision);
    if (!leaves.empty()) revision = leaves.front();
  }
  const RevisionInfo* info = tree.find(revision);
  if (info == nullptr || info->body == 0) return errors::not_found("missing");
  return RevisionNode{revision, *info};
}

// The revisions that open_revs names; `latest` puts the leaves in the place of an older revision.
Result<std::vector<Revision>> open_revisions(const RevisionTree& tree, const GetOptions& options) {
  std::vector<Revision> revisions;
  if (options.open_revs_all) {
    for (const RevisionNode& leaf : tree.leaves()) revisions.push_back(leaf.revision);
    return revisions;
  }
  for (const std::string& text : *options.open_revs) {
    TRY_ASSIGN(Revision revision, Revision::parse(text));
    auto leaves = options.latest ? tree.leaves_descending_from(revision) : std::vector<Revision>{};
    if (leaves.empty()) leaves.push_back(revision);
    for (Revision& leaf : leaves) {
      if (std::find(revisions.begin(), revisions.end(), leaf) == revisions.end()) {
        revisions.push_back(std::move(leaf));
      }
    }
  }
  return revisions;
}

void append_missing(std::string& text, const Revision& revision) {
  text.append("{\"missing\":").append(json_string(revision.text())).append("}");
}

}  // namespace

std::vector<Revision> conflicts_of(const RevisionTree& tree) { return losing_leaves(tree, false); }

std::vector<Revision> deleted_conflicts_of(const RevisionTree& tree) {
  return losing_leaves(tree, true);
}

Task<Result<std::optional<std::string>>> DocumentReader::value(std::string_view key) const {
  co_return co_await store_.get(snapshot_, key);
}

Task<void> DocumentReader::bodies(const std::vector<uint64_t>& numbers,
                                  std::function<void(size_t, std::string_view)> take) const {
  std::vector<std::string> body_keys;
  body_keys.reserve(numbers.size());
  for (const uint64_t number : numbers) body_keys.push_back(keys::body(number));
  return store_.get_many(snapshot_, std::move(body_keys), std::move(take));
}

Task<Result<std::optional<DocumentRecord>>> DocumentReader::record(std::string_view id) const {
  auto bytes = co_await value(keys::document(id));
  if (!bytes.ok() && !is_damage(bytes.error())) co_return std::move(bytes).error();
  if (bytes.ok() && !*bytes) co_return std::optional<DocumentRecord>();
  auto record = bytes.ok() ? DocumentRecord::decode(**bytes) : bytes.error();
  if (!record.ok()) co_return damaged(id, "its revision tree");
  co_return std::optional<DocumentRecord>(*std::move(record));
}

Task<Result<void>> DocumentReader::append_revision(std::string& out, std::string_view id,
                                                   const RevisionNode& node,
                                                   const DocumentExtras& extras) const {
  CO_TRY_ASSIGN(const std::string bytes,
                sound_body(id, node, co_await value(keys::body(node.info.body))));
  CO_TRY_ASSIGN(StoredBody body, StoredBody::decode(bytes));
  std::string with_data;
  if (extras.data_after && !body.attachments.empty()) {
    const AttachmentReader attachments(store_);
    CO_TRY(co_await attachments.append_with_data(with_data, body.attachments, *extras.data_after,
                                                 extras.follows_from));
    body.attachments = with_data;
  }
  append_document(out, id, node, body, extras);
  co_return Result<void>();
}

Task<Result<std::string>> DocumentReader::get(std::string_view id,
                                              const GetOptions& options) const {
  CO_TRY_ASSIGN(auto found, co_await record(id));
  // Of revisions that are named each is answered for, also where there never was a document.
  if (!found && options.open_revs) found.emplace();
  if (!found) co_return errors::not_found("missing");
  if (options.open_revs_all || options.open_revs) {
    co_return co_await get_open_revisions(id, *found, options);
  }
  CO_TRY_ASSIGN(RevisionNode node, choose_revision(found->tree, options));
  std::string text;
  CO_TRY(co_await append_revision(text, id, node, extras_for(*found, node.revision, options)));
  co_return text;
}

std::optional<std::string> DocumentReader::get_at_once(std::string_view id) const {
  const auto record = value_at_once(keys::document(id));
  if (!record) return std::nullopt;
  const auto winner = decode_winning_leaf(*record);
  if (!winner.ok() || winner->info.is_deleted || winner->info.body == 0) return std::nullopt;
  const auto bytes = value_at_once(keys::body(winner->info.body));
  if (!bytes) return std::nullopt;
  const auto body = StoredBody::decode(*bytes);
  if (!body.ok()) return std::nullopt;
  std::string text;
  text.reserve(bytes->size() + id.size() + kHeadBytes);
  append_document(text, id, *winner, *body, {});
  return text;
}

// None also where there is no such value, or no way to it.
std::optional<std::string> DocumentReader::value_at_once(std::string_view key) const {
  auto value = store_.get(snapshot_, key);
  if (!value.await_ready()) return std::nullopt;
  auto found = value.await_resume();
  return found.ok() ? *std::move(found) : std::nullopt;
}

Task<Result<Attachment>> DocumentReader::attachment(std::string_view id, std::string_view name,
                                                    const GetOptions& options) const {
  CO_TRY_ASSIGN(auto found, co_await record(id));
  if (!found) co_return errors::not_found("missing");
  CO_TRY_ASSIGN(const RevisionNode node, choose_revision(found->tree, options));
  CO_TRY_ASSIGN(const std::string bytes,
                sound_body(id, node, co_await value(keys::body(node.info.body))));
  CO_TRY_ASSIGN(const StoredBody body, StoredBody::decode(bytes));
  CO_TRY_ASSIGN(auto attachments, parse_attachments(body.attachments));
  for (Attachment& attachment : attachments) {
    if (attachment.name == name) co_return std::move(attachment);
  }
  co_return errors::not_found("Document is missing attachment");
}

Task<Result<std::string>> DocumentReader::get_open_revisions(std::string_view id,
                                                             const DocumentRecord& record,
                                                             const GetOptions& options) const {
  CO_TRY_ASSIGN(auto revisions, open_revisions(record.tree, options));
  // Of what is told of a whole document CouchDB tells nothing here.
  const GetOptions asked{
      .revs = options.revs, .attachments = options.attachments, .atts_since = options.atts_since};
  std::string text = "[";
  for (const Revision& revision : revisions) {
    if (text.size() > 1) text.push_back(',');
    const RevisionInfo* info = record.tree.find(revision);
    if (info == nullptr || info->body == 0) {
      append_missing(text, revision);
      continue;
    }
    std::string document;
    const RevisionNode node{revision, *info};
    auto appended =
        co_await append_revision(document, id, node, extras_for(record, revision, asked));
    if (!appended.ok() && !is_lost(appended.error())) co_return std::move(appended).error();
    if (appended.ok()) {
      text.append("{\"ok\":").append(document).append("}");
    } else {
      append_missing(text, revision);
    }
  }
  text.push_back(']');
  co_return text;
}

}  // namespace couchlet
