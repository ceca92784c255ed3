#include "replicate/url.h"

#include <cstdint>

namespace couchlet {

namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string percent_encode(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size());
  for (const char c : bytes) {
    if (is_unreserved(c)) {
      text.push_back(c);
      continue;
    }
    const auto byte = static_cast<uint8_t>(c);
    text.push_back('%');
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

std::string document_path(std::string_view id) {
  for (const std::string_view prefix : {"_design/", "_local/"}) {
    if (id.starts_with(prefix)) {
      return std::string(prefix) + percent_encode(id.substr(prefix.size()));
    }
  }
  return percent_encode(id);
}

std::string without_credentials(std::string_view url) {
  const size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return std::string(url);
  const size_t host = scheme_end + 3;
  const size_t host_end = url.find_first_of("/?#", host);
  const std::string_view authority = url.substr(host, host_end - host);
  const size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  return std::string(url.substr(0, host)) + std::string(url.substr(host + at + 1));
}

}  // namespace couchlet
