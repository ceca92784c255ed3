#include "document/revision_id.h"

#include <string>

#include "base/md5.h"
#include "json/erlang_term.h"

namespace couchlet {
namespace {

std::string_view as_bytes(const Revision::Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

void append_attachments(std::string& term, std::span<const AttachmentDigest> attachments) {
  if (!attachments.empty()) {
    append_erlang_list(term, static_cast<uint32_t>(attachments.size()));
    for (size_t i = attachments.size(); i-- > 0;) {
      append_erlang_tuple(term, 3);
      append_erlang_binary(term, attachments[i].name);
      append_erlang_binary(term, attachments[i].type);
      append_erlang_binary(term, as_bytes(attachments[i].md5));
    }
  }
  append_erlang_nil(term);
}

}  // namespace

Revision next_revision(bool is_deleted, const std::optional<Revision>& parent,
                       std::string_view body_term, std::span<const AttachmentDigest> attachments) {
  const uint64_t parent_generation = parent ? parent->generation() : 0;

  std::string before_body(1, static_cast<char>(kErlangTermVersion));
  append_erlang_list(before_body, 5);
  append_erlang_atom(before_body, is_deleted ? "true" : "false");
  append_erlang_integer(before_body, parent_generation);
  if (parent) {
    append_erlang_binary(before_body, parent->hash_bytes());
  } else {
    append_erlang_integer(before_body, 0);
  }

  std::string after_body;
  append_attachments(after_body, attachments);
  append_erlang_nil(after_body);

  Md5 hash;
  hash.update(before_body);
  hash.update(body_term);
  hash.update(after_body);
  return Revision(parent_generation + 1, hash.finish());
}

}  // namespace couchlet
