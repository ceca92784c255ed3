#include "replicate/multipart_document.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "base/base64.h"
#include "base/md5.h"
#include "document/attachment.h"

namespace couchlet {

namespace {

using Json = nlohmann::ordered_json;

// The parts, each with its headers; none where the body isn't made of parts to its end.
std::vector<std::string_view> split(std::string_view body, const std::string& boundary) {
  if (!body.starts_with("--" + boundary)) return {};
  body.remove_prefix(boundary.size() + 2);
  const std::string delimiter = "\r\n--" + boundary;
  std::vector<std::string_view> parts;
  while (body != "--") {
    const size_t end = body.find(delimiter);
    if (end == std::string_view::npos || !body.starts_with("\r\n")) return {};
    parts.push_back(body.substr(0, end));
    body.remove_prefix(end + delimiter.size());
  }
  return parts;
}

std::string_view content(std::string_view part) {
  static constexpr std::string_view kEndOfHeaders = "\r\n\r\n";
  const size_t end = part.find(kEndOfHeaders);
  return end == std::string_view::npos ? "" : part.substr(end + kEndOfHeaders.size());
}

Result<void> put_data(Json& attachment, std::string_view bytes) {
  const auto length = attachment.value("length", size_t{0});
  if (bytes.size() < length) return errors::bad_request("attachment shorter than expected");
  if (bytes.size() > length) return errors::bad_request("attachment longer than expected");
  if (attachment.contains("digest") && attachment["digest"] != digest_text(md5(bytes))) {
    return Error{400, "content_md5_mismatch", "Possible message corruption."};
  }
  attachment.erase("follows");
  attachment["data"] = encode_base64(bytes);
  return {};
}

}  // namespace

Result<std::string> document_of_multipart(std::string_view content_type, std::string_view body) {
  const size_t quote = content_type.find("boundary=\"");
  if (quote == std::string_view::npos) return errors::bad_request("no boundary");
  const std::string_view rest = content_type.substr(quote + std::string_view("boundary=\"").size());
  const auto parts = split(body, std::string(rest.substr(0, rest.find('"'))));
  if (parts.empty()) return errors::bad_request("no parts");
  if (!parts.front().starts_with("\r\nContent-Type: application/json\r\n")) {
    return errors::bad_request("Content-Type must be application/json");
  }
  Json document = Json::parse(content(parts.front()), nullptr, false);
  if (document.is_discarded()) return errors::bad_request("invalid_json");
  size_t next = 1;
  for (auto& [name, attachment] : document["_attachments"].items()) {
    if (!attachment.value("follows", false)) continue;
    if (next == parts.size()) return errors::bad_request("attachment shorter than expected");
    TRY(put_data(attachment, content(parts[next++])));
  }
  if (next != parts.size()) return errors::bad_request("more parts than attachments");
  return document.dump();
}

}  // namespace couchlet
