#include "document/attachment.h"

#include <algorithm>

#include "base/base64.h"
#include "json/json_reader.h"
#include "json/json_writer.h"

namespace couchlet {
namespace {

constexpr std::string_view kMd5Prefix = "md5-";

Result<Attachment> read_attachment(JsonReader& reader, std::string name) {
  Attachment attachment;
  attachment.name = std::move(name);
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
    } else if (field == "stub") {
      reader.read_bool(attachment.is_stub);
    } else if (field == "data") {
      return Error{501, "not_implemented", "Attachments with data can't be stored yet."};
    } else {
      reader.skip();
    }
  }
  return attachment;
}

}  // namespace

Result<std::vector<Attachment>> parse_attachments(std::string_view json) {
  std::vector<Attachment> attachments;
  if (json.empty()) return attachments;
  JsonReader reader(json);
  reader.enter_object();
  for (std::string name; reader.next_member(name);) {
    TRY_ASSIGN(Attachment attachment, read_attachment(reader, name));
    attachments.push_back(std::move(attachment));
  }
  if (!reader.at_end()) return reader.error();
  return attachments;
}

std::string attachments_json(const std::vector<Attachment>& attachments) {
  if (attachments.empty()) return "";
  std::string text = "{";
  for (const Attachment& attachment : attachments) {
    if (text.size() > 1) text.push_back(',');
    append_json_string(text, attachment.name);
    text.append(":{\"content_type\":");
    append_json_string(text, attachment.content_type);
    text.append(",\"revpos\":").append(std::to_string(attachment.revpos));
    text.append(",\"digest\":");
    append_json_string(text, attachment.digest);
    text.append(",\"length\":").append(std::to_string(attachment.length));
    text.append(",\"stub\":true}");
  }
  text.push_back('}');
  return text;
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
