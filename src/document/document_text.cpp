#include "document/document_text.h"

#include "base/varint.h"
#include "json/json_writer.h"

namespace couchlet {
namespace {

void append_revision_list(std::string& out, std::string_view field,
                          const std::vector<Revision>& revisions) {
  if (revisions.empty()) return;
  out.append(",\"").append(field).append("\":");
  append_json_array(out, revisions);
}

std::string_view status_of(const RevisionInfo& info) {
  if (info.body == 0) return "missing";
  return info.is_deleted ? "deleted" : "available";
}

void append_revs_info(std::string& out, const std::vector<RevisionNode>& nodes) {
  if (nodes.empty()) return;
  out.append(",\"_revs_info\":[");
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (i > 0) out.push_back(',');
    out.append("{\"rev\":");
    nodes[i].revision.append_json(out);
    out.append(",\"status\":\"").append(status_of(nodes[i].info)).append("\"}");
  }
  out.push_back(']');
}

}  // namespace

Result<StoredBody> StoredBody::decode(std::string_view bytes) {
  uint64_t length = 0;
  if (!get_varint(bytes, length) || length > bytes.size()) {
    return errors::corrupt("A document body can't be read.");
  }
  const auto split = static_cast<size_t>(length);
  return StoredBody{bytes.substr(0, split), bytes.substr(split)};
}

std::string encode_body(std::string_view attachments, std::string_view members) {
  std::string bytes;
  bytes.reserve(attachments.size() + members.size() + 5);
  put_varint(bytes, attachments.size());
  bytes.append(attachments).append(members);
  return bytes;
}

void append_revisions_field(std::string& out, const std::vector<Revision>& history) {
  if (history.empty()) return;
  out.append(",\"_revisions\":{\"start\":").append(std::to_string(history.front().generation()));
  out.append(",\"ids\":[");
  for (size_t i = 0; i < history.size(); ++i) {
    out.append(i > 0 ? ",\"" : "\"");
    history[i].append_hash_text(out);
    out.push_back('"');
  }
  out.append("]}");
}

void append_document(std::string& out, std::string_view id, const RevisionNode& node,
                     const StoredBody& body, const DocumentExtras& extras) {
  out.append("{\"_id\":");
  append_json_string(out, id);
  out.append(",\"_rev\":");
  node.revision.append_json(out);
  if (node.info.is_deleted) out.append(",\"_deleted\":true");
  if (!body.members.empty()) out.append(",").append(body.members);
  if (!body.attachments.empty()) out.append(",\"_attachments\":").append(body.attachments);
  append_revisions_field(out, extras.revisions);
  append_revs_info(out, extras.revs_info);
  append_revision_list(out, "_conflicts", extras.conflicts);
  append_revision_list(out, "_deleted_conflicts", extras.deleted_conflicts);
  if (extras.local_seq > 0) {
    out.append(",\"_local_seq\":").append(std::to_string(extras.local_seq));
  }
  out.push_back('}');
}

}  // namespace couchlet
