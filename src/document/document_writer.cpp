#include "document/document_writer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "document/changes_entry.h"
#include "document/damage.h"
#include "document/document_text.h"
#include "document/keys.h"
#include "document/revision_id.h"

namespace couchlet {
namespace {

// The revision that an edit continues from; nothing for a document's first. An error is a conflict.
Result<std::optional<Revision>> parent_of(const IncomingDocument& document,
                                          const RevisionTree& tree) {
  if (!document.history.empty()) {
    const bool is_branching = document.is_forced || tree.is_leaf(document.history.front());
    if (!is_branching) return errors::conflict();
    return std::optional<Revision>(document.history.front());
  }
  if (tree.empty()) return std::optional<Revision>();
  // Without a _rev only a deleted document can be written: it continues from its tombstone.
  const RevisionNode& winner = *tree.winning_leaf();
  if (!winner.info.is_deleted || document.is_deleted) return errors::conflict();
  return std::optional<Revision>(winner.revision);
}

Result<Revision> make_revision(const IncomingDocument& document,
                               const std::vector<Attachment>& attachments,
                               const std::optional<Revision>& parent) {
  if (document.random_hash) {
    return Revision(parent ? parent->generation() + 1 : 1, *document.random_hash);
  }
  std::vector<AttachmentDigest> digests;
  for (const Attachment& attachment : attachments) {
    TRY_ASSIGN(Revision::Digest md5, parse_digest(attachment.digest));
    digests.push_back({attachment.name, attachment.content_type, md5});
  }
  return next_revision(document.is_deleted, parent, document.term, digests);
}

const Attachment* find_attachment(const std::vector<Attachment>& attachments,
                                  const std::string& name) {
  const auto found = std::find_if(attachments.begin(), attachments.end(),
                                  [&](const Attachment& each) { return each.name == name; });
  return found == attachments.end() ? nullptr : &*found;
}

// Null if none of the ancestors is here with its body.
const Revision* newest_ancestor(const IncomingDocument& document, const RevisionTree& tree) {
  for (const Revision& revision : document.history) {
    const RevisionInfo* info = tree.find(revision);
    if (info != nullptr && info->body != 0) return &revision;
  }
  return nullptr;
}

Error missing_stub(const std::string& name) {
  return {412, kMissingStub,
          "The attachment '" + name + "' came as a stub, but its bytes are not here."};
}

bool is_only_leaf(const RevisionTree& tree, const Revision& revision) {
  if (tree.size() == 1) return true;
  const auto leaves = tree.leaves();
  return leaves.size() == 1 && leaves.front().revision == revision;
}

std::string rev_of(const IncomingDocument& document) {
  return document.history.empty() ? "" : document.history.front().text();
}

// Damage, or a stub of what isn't here, is one document's matter; any other error, of reading, is
// the whole commit's, which may decide again.
Result<WriteResult> refused_or_failed(const IncomingDocument& document, Error error) {
  if (!is_damage(error) && error.name != kMissingStub) return error;
  return WriteResult{document.id, rev_of(document), std::move(error)};
}

uint64_t content_size(const IncomingDocument& document,
                      const std::vector<Attachment>& attachments) {
  uint64_t size = document.members.size();
  for (const Attachment& attachment : attachments) size += attachment.length;
  return size;
}

}  // namespace

Task<Result<void>> DocumentWriter::begin() {
  CO_TRY_ASSIGN(auto bytes, co_await view_.get(keys::kCounters));
  CO_TRY_ASSIGN(counters_, Counters::decode(bytes));
  co_return Result<void>();
}

Task<Result<void>> DocumentWriter::finish() {
  if (has_changed_) view_.put(keys::kCounters, counters_.encode());
  co_return co_await bodies_.finish();
}

Task<Result<DocumentRecord>> DocumentWriter::load(const std::string& id) {
  CO_TRY_ASSIGN(auto bytes, co_await view_.get(keys::document(id)));
  if (!bytes) co_return DocumentRecord();
  co_return DocumentRecord::decode(*bytes);
}

Task<Result<WriteResult>> DocumentWriter::edit(const IncomingDocument& document) {
  auto record = co_await load(document.id);
  if (record.ok()) co_return co_await edit(document, *std::move(record));
  co_return refused_or_failed(document, std::move(record).error());
}

Task<Result<WriteResult>> DocumentWriter::merge(const IncomingDocument& document,
                                                uint64_t lineage) {
  auto record = co_await load(document.id);
  if (record.ok()) co_return co_await merge(document, *std::move(record), lineage);
  co_return refused_or_failed(document, std::move(record).error());
}

Task<Result<WriteResult>> DocumentWriter::edit(const IncomingDocument& document,
                                               DocumentRecord record) {
  if (document.must_exist && record.tree.empty()) {
    co_return WriteResult{document.id, rev_of(document), errors::not_found("deleted")};
  }
  auto parent = parent_of(document, record.tree);
  if (!parent.ok()) co_return WriteResult{document.id, rev_of(document), parent.error()};
  auto attachments = co_await resolve_attachments(document, record.tree, *parent);
  if (!attachments.ok()) co_return refused_or_failed(document, attachments.error());
  auto revision = make_revision(document, *attachments, *parent);
  if (!revision.ok()) co_return WriteResult{document.id, rev_of(document), revision.error()};
  std::vector<Revision> history{*revision};
  if (*parent) history.push_back(**parent);
  CO_TRY(co_await store(document, *attachments, history, std::move(record), {.is_here = true}));
  co_return WriteResult{document.id, revision->text(), {}};
}

Task<Result<WriteResult>> DocumentWriter::merge(const IncomingDocument& document,
                                                DocumentRecord record, uint64_t lineage) {
  // Where the body isn't wanted only the ancestors can be news.
  auto attachments = wants_body(record.tree, document.history.front())
                         ? co_await resolve_replicated(document, record.tree)
                         : Result<std::vector<Attachment>>(std::vector<Attachment>());
  if (!attachments.ok()) co_return refused_or_failed(document, attachments.error());
  CO_TRY(co_await store(document, *attachments, document.history, std::move(record),
                        {.lineage = lineage}));
  co_return WriteResult{document.id, rev_of(document), {}};
}

// A stub stands for the attachment of that name in the parent revision.
Task<Result<std::vector<Attachment>>> DocumentWriter::resolve_attachments(
    const IncomingDocument& document, const RevisionTree& tree,
    const std::optional<Revision>& parent) {
  if (document.attachments.empty()) co_return std::vector<Attachment>();
  const RevisionInfo* info = parent ? tree.find(*parent) : nullptr;
  CO_TRY_ASSIGN(const auto known, co_await attachments_of(info));
  std::vector<Attachment> resolved = document.attachments;
  for (Attachment& attachment : resolved) {
    if (!attachment.is_stub) {
      attachment.revpos = parent ? parent->generation() + 1 : 1;
      continue;
    }
    const Attachment* found = find_attachment(known, attachment.name);
    if (found == nullptr) co_return missing_stub(attachment.name);
    attachment = *found;
  }
  co_return resolved;
}

// A stub stands for bytes that are here: of the digest that it tells, or those of an ancestor's
// attachment of that name, which is the same one if it was there at that generation already (a
// server that gzips attachments tells the digest of what it made of them).
Task<Result<std::vector<Attachment>>> DocumentWriter::resolve_replicated(
    const IncomingDocument& document, const RevisionTree& tree) {
  std::vector<Attachment> resolved = document.attachments;
  if (resolved.empty()) co_return resolved;
  const uint64_t generation = document.history.front().generation();
  const Revision* ancestor = newest_ancestor(document, tree);
  const uint64_t known_since = ancestor != nullptr ? ancestor->generation() : 0;
  CO_TRY_ASSIGN(const auto known,
                co_await attachments_of(ancestor != nullptr ? tree.find(*ancestor) : nullptr));
  for (Attachment& attachment : resolved) {
    if (attachment.revpos == 0 || attachment.revpos > generation) attachment.revpos = generation;
    if (!attachment.is_stub) continue;
    CO_TRY_ASSIGN(const auto length, co_await bodies_.stored_length(attachment.digest));
    if (length) {
      attachment.length = *length;
      continue;
    }
    const Attachment* found = find_attachment(known, attachment.name);
    if (found == nullptr || attachment.revpos > known_since) {
      co_return missing_stub(attachment.name);
    }
    attachment = *found;
  }
  co_return resolved;
}

Task<Result<std::vector<Attachment>>> DocumentWriter::attachments_of(const RevisionInfo* info) {
  if (info == nullptr || !info->has_attachments || info->body == 0) {
    co_return std::vector<Attachment>();
  }
  CO_TRY_ASSIGN(auto bytes, co_await view_.get(keys::body(info->body)));
  if (!bytes) co_return errors::corrupt("The body of a document is gone.");
  CO_TRY_ASSIGN(StoredBody body, StoredBody::decode(*bytes));
  co_return parse_attachments(body.attachments);
}

Task<Result<void>> DocumentWriter::store(const IncomingDocument& document,
                                         const std::vector<Attachment>& attachments,
                                         std::span<const Revision> history, DocumentRecord record,
                                         ChangeOrigin origin) {
  const uint64_t sequence = counters_.update_sequence + 1;
  const bool is_new = record.tree.empty();
  if (!is_new) counters_.subtract(record.tree);
  RevisionInfo newest{.is_deleted = document.is_deleted};
  if (wants_body(record.tree, history.front())) {
    newest.has_attachments = !attachments.empty();
    newest.body = sequence;
    newest.size = content_size(document, attachments);
  }
  const auto merged = record.tree.merge(history, newest);
  if (merged != RevisionTree::Merge::kKnown) {
    const RevisionTree::Bodies forgotten = forget(record.tree);
    const uint64_t former_sequence = std::exchange(record.sequence, sequence);
    counters_.update_sequence = sequence;
    const RevisionInfo* info = record.tree.find(history.front());
    if (info != nullptr && info->body == sequence) {
      CO_TRY(co_await bodies_.put(sequence, attachments, document.members));
    }
    for (const RevisionInfo& old : forgotten) {
      if (old.body != sequence) CO_TRY(co_await bodies_.erase(old));
    }
    CO_TRY_ASSIGN(origin.lineage, co_await lineage_of_all(record.tree, history.front(),
                                                          former_sequence, origin.lineage));
    if (!is_new) view_.erase(keys::sequence(former_sequence));
    view_.put(keys::document(document.id), record.encode());
    view_.put(keys::sequence(sequence), encode_changes_entry(document.id, record.tree, origin));
    has_changed_ = true;
  }
  counters_.add(record.tree);
  co_return Result<void>();
}

// `lineage`, if all leaves came with it, as `newest` does; else 0.
Task<Result<uint64_t>> DocumentWriter::lineage_of_all(const RevisionTree& tree,
                                                      const Revision& newest,
                                                      uint64_t former_sequence, uint64_t lineage) {
  if (lineage == 0 || is_only_leaf(tree, newest)) co_return lineage;
  const auto bytes = co_await view_.get(keys::sequence(former_sequence));
  if (!bytes.ok() && !is_damage(bytes.error())) co_return bytes.error();
  if (!bytes.ok() || !*bytes) co_return 0;
  const auto entry = ChangesEntry::decode(**bytes);
  co_return entry.ok() && entry->lineage == lineage ? lineage : 0;
}

// Not of a revision that is here, nor of one that auto-compaction would drop at once.
bool DocumentWriter::wants_body(const RevisionTree& tree, const Revision& revision) const {
  const RevisionInfo* present = tree.find(revision);
  if (present == nullptr) return true;
  return present->body == 0 && (tree.is_leaf(revision) || !retention_.auto_compaction);
}

RevisionTree::Bodies DocumentWriter::forget(RevisionTree& tree) const {
  RevisionTree::Bodies bodies = tree.stem(retention_.revs_limit);
  if (retention_.auto_compaction) {
    std::ranges::copy(tree.forget_inner_bodies(), std::back_inserter(bodies));
  }
  return bodies;
}

}  // namespace couchlet
