#include "remote_request.h"

#include <algorithm>
#include <charconv>

namespace couchlet {

namespace {

std::string percent_decode(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
      bytes.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      bytes.push_back(text[i]);
    }
  }
  return bytes;
}

// Takes what is before the next separator, and this, out of `rest`.
std::string_view take_piece(std::string_view& rest, char separator) {
  const std::string_view piece = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
  return piece;
}

}  // namespace

RemoteRequest::RemoteRequest(const HttpRequest& request, std::string_view database_url)
    : method(request.method), body(parse_json(request.body)) {
  std::string_view rest = std::string_view(request.url).substr(database_url.size());
  std::string_view names = take_piece(rest, '?');
  if (!names.empty()) names.remove_prefix(1);
  while (!names.empty()) path.push_back(percent_decode(take_piece(names, '/')));
  while (!rest.empty()) {
    std::string_view value = take_piece(rest, '&');
    const std::string name = percent_decode(take_piece(value, '='));
    query[name] = percent_decode(value);
  }
}

std::string RemoteRequest::asked(std::string_view name) const {
  const auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

uint64_t RemoteRequest::number_asked(std::string_view name) const {
  const std::string text = asked(name);
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace couchlet
