#include "document/attachment_edit.h"

#include <utility>
#include <vector>

#include "document/document_text.h"
#include "document/keys.h"
#include "json/json_writer.h"

namespace couchlet {
namespace {

bool is_removal(const AttachmentEdit& edit) { return edit.staged == 0; }

std::string edited_entry(const AttachmentEdit& edit) {
  std::string text = json_string(edit.name) + ":{\"content_type\":";
  append_json_string(text, edit.content_type);
  return text + ",\"staged\":" + std::to_string(edit.staged) + "}";
}

// A new attachment comes last, one that is replaced keeps its place; "" for none.
std::string edited_attachments(const std::vector<Attachment>& attachments,
                               const AttachmentEdit& edit) {
  std::string text;
  bool is_done = is_removal(edit);
  const auto add = [&text](std::string_view entry) {
    text.append(text.empty() ? "{" : ",").append(entry);
  };
  for (const Attachment& attachment : attachments) {
    if (attachment.name != edit.name) {
      std::string stub;
      append_attachment_stub(stub, attachment);
      add(stub);
    } else if (!is_removal(edit)) {
      add(edited_entry(edit));
      is_done = true;
    }
  }
  if (!is_done) add(edited_entry(edit));
  return text.empty() ? text : text + "}";
}

std::string first_revision(const AttachmentEdit& edit) {
  return "{\"_id\":" + json_string(edit.id) + ",\"_attachments\":" + edited_attachments({}, edit) +
         "}";
}

bool has_attachment(const std::vector<Attachment>& attachments, const std::string& name) {
  for (const Attachment& attachment : attachments) {
    if (attachment.name == name) return true;
  }
  return false;
}

}  // namespace

Task<Result<std::string>> edit_attachment(const DocumentReader& reader,
                                          const AttachmentEdit& edit) {
  CO_TRY_ASSIGN(const auto record, co_await reader.record(edit.id));
  if (is_removal(edit) && !record) co_return errors::not_found("missing");
  if (!edit.rev) {
    const bool is_there = record && !record->tree.winning_leaf()->info.is_deleted;
    if (is_there || is_removal(edit)) co_return errors::conflict();
    co_return first_revision(edit);
  }
  CO_TRY_ASSIGN(const Revision revision, Revision::parse(*edit.rev));
  if (!record || !record->tree.is_leaf(revision)) co_return errors::conflict();
  const RevisionNode leaf{revision, *record->tree.find(revision)};
  CO_TRY_ASSIGN(const auto bytes, co_await reader.value(keys::body(leaf.info.body)));
  if (!bytes) co_return errors::corrupt("The body of document '" + edit.id + "' is gone.");
  CO_TRY_ASSIGN(StoredBody body, StoredBody::decode(*bytes));
  CO_TRY_ASSIGN(const auto attachments, parse_attachments(body.attachments));
  if (is_removal(edit) && !has_attachment(attachments, edit.name)) {
    co_return errors::not_found("Document is missing attachment");
  }
  const std::string edited = edited_attachments(attachments, edit);
  body.attachments = edited;
  std::string text;
  append_document(text, edit.id, leaf, body, {});
  co_return text;
}

}  // namespace couchlet
