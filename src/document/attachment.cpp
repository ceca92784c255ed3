#include "document/attachment.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/base64.h"
#include "json/json_reader.h"
#include "json/json_writer.h"

namespace couchlet {
namespace {

constexpr std::string_view kMd5Prefix = "md5-";

Error bad_data(const std::string& name) {
  return errors::bad_request("Invalid attachment data for '" + name +
                             "': it must be base64 text, or a stub.");
}

// White space is let through, as CouchDB does.
std::optional<std::string> decode_data(std::string text) {
  auto bytes = decode_base64(text);
  if (bytes) return bytes;
  std::erase_if(text, [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
  return decode_base64(text);
}

// Takes what was staged under this number, or the bytes of the base64 text.
struct IncomingContent {
  std::optional<std::string> data = {};
  uint64_t staged = 0;
};

void take(const StagedBytes& staged, Attachment& attachment) {
  attachment.digest = staged.digest;
  attachment.length = staged.length;
  attachment.is_stub = false;
  attachment.content = std::make_shared<AttachmentContent>(AttachmentContent{"", staged.number});
}

bool take_staged(uint64_t number, std::span<const StagedBytes> all, Attachment& attachment) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const StagedBytes& candidate) {
    return candidate.number == number && candidate.stands_for.empty();
  });
  if (found == all.end()) return false;
  take(*found, attachment);
  return true;
}

void take_for_stub(std::span<const StagedBytes> all, Attachment& attachment) {
  if (attachment.digest.empty()) return;
  const auto found = std::find_if(all.begin(), all.end(), [&](const StagedBytes& candidate) {
    return candidate.stands_for == attachment.digest;
  });
  if (found != all.end()) take(*found, attachment);
}

bool take_data(std::string data, Attachment& attachment) {
  auto bytes = decode_data(std::move(data));
  if (!bytes) return false;
  attachment.digest = digest_text(md5(*bytes));
  attachment.length = bytes->size();
  attachment.content = std::make_shared<AttachmentContent>(AttachmentContent{*std::move(bytes), 0});
  return true;
}

// Whether the attachment has what it needs: its bytes, or the word that they are here already.
bool complete(IncomingContent content, std::span<const StagedBytes> staged,
              Attachment& attachment) {
  if (content.data) {
    attachment.is_stub = false;
    return take_data(*std::move(content.data), attachment);
  }
  if (attachment.is_stub) {
    take_for_stub(staged, attachment);
    return true;
  }
  return take_staged(content.staged, staged, attachment);
}

Result<Attachment> read_attachment(JsonReader& reader, std::string name,
                                   std::span<const StagedBytes> staged) {
  if (name.starts_with('_')) {
    return errors::bad_request(
        name + " is not a valid attachment name, attachment names cannot start with '_'");
  }
  Attachment attachment;
  attachment.name = std::move(name);
  IncomingContent content;
  reader.enter_object();
  for (std::string field; reader.next_member(field);) {
    if (field == "content_type") {
      reader.read_string(attachment.content_type);
    } else if (field == "digest") {
      reader.read_string(attachment.digest);
    } else if (field == "length") {
      reader.read_uint64(attachment.length);
    } else if (field == "revpos") {
      reader.read_uint64(attachment.revpos);
    } else if (field == "stub" || (field == "follows" && !staged.empty())) {
      reader.read_bool(attachment.is_stub);  // what follows is among the staged, as a stub's may be
    } else if (field == "data") {
      if (reader.peek() != JsonReader::Type::kString) return bad_data(attachment.name);
      reader.read_string(content.data.emplace());
    } else if (field == "staged" && !staged.empty()) {
      reader.read_uint64(content.staged);
    } else {
      reader.skip();
    }
  }
  if (reader.failed()) return reader.error();
  if (!complete(std::move(content), staged, attachment)) return bad_data(attachment.name);
  return attachment;
}

// `where` its bytes are.
void append_without_data(std::string& out, const Attachment& attachment, std::string_view where) {
  append_attachment_start(out, attachment);
  out.append(",\"length\":").append(std::to_string(attachment.length));
  out.append(",\"").append(where).append("\":true}");
}

}  // namespace

Result<std::vector<Attachment>> parse_attachments(std::string_view json,
                                                  std::span<const StagedBytes> staged) {
  std::vector<Attachment> attachments;
  if (json.empty()) return attachments;
  JsonReader reader(json);
  reader.enter_object();
  for (std::string name; reader.next_member(name);) {
    TRY_ASSIGN(Attachment attachment, read_attachment(reader, name, staged));
    attachments.push_back(std::move(attachment));
  }
  if (!reader.at_end()) return reader.error();
  return attachments;
}

void append_attachment_start(std::string& out, const Attachment& attachment) {
  append_json_string(out, attachment.name);
  out.append(":{\"content_type\":");
  append_json_string(out, attachment.content_type);
  out.append(",\"revpos\":").append(std::to_string(attachment.revpos));
  out.append(",\"digest\":");
  append_json_string(out, attachment.digest);
}

void append_attachment_stub(std::string& out, const Attachment& attachment) {
  append_without_data(out, attachment, "stub");
}

void append_following_attachment(std::string& out, const Attachment& attachment) {
  append_without_data(out, attachment, "follows");
}

std::string attachments_json(const std::vector<Attachment>& attachments) {
  if (attachments.empty()) return "";
  std::string text = "{";
  for (const Attachment& attachment : attachments) {
    if (text.size() > 1) text.push_back(',');
    append_attachment_stub(text, attachment);
  }
  text.push_back('}');
  return text;
}

std::string digest_text(const Md5Digest& digest) {
  const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
  return std::string(kMd5Prefix) + encode_base64(bytes);
}

Result<Revision::Digest> parse_digest(std::string_view digest) {
  Revision::Digest bytes{};
  std::optional<std::string> decoded;
  if (digest.starts_with(kMd5Prefix)) decoded = decode_base64(digest.substr(kMd5Prefix.size()));
  if (!decoded || decoded->size() != bytes.size()) {
    return errors::bad_request("An attachment's digest must be an MD5, as in 'md5-…'.");
  }
  std::copy(decoded->begin(), decoded->end(), bytes.begin());
  return bytes;
}

}  // namespace couchlet
