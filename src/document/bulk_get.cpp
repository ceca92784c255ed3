#include "document/bulk_get.h"

#include <optional>
#include <utility>
#include <vector>

#include "document/revision.h"
#include "json/json_reader.h"
#include "json/json_writer.h"

namespace couchlet {
namespace {

struct Wanted {
  std::string id;
  std::optional<std::string> rev;
  std::vector<std::string> atts_since;
  std::optional<Error> error = {};  // it isn't even known what is wanted
};

bool read_text(JsonReader& reader, std::string& text) {
  if (reader.peek() == JsonReader::Type::kString) return reader.read_string(text);
  reader.skip();
  return false;
}

void read_wanted(JsonReader& reader, Wanted& wanted) {
  bool has_id = false;
  reader.enter_object();
  for (std::string name; reader.next_member(name);) {
    if (name == "id") {
      has_id = read_text(reader, wanted.id);
    } else if (name == "rev" && reader.peek() != JsonReader::Type::kNull) {
      if (!read_text(reader, wanted.rev.emplace())) wanted.error = invalid_revision();
    } else if (name == "atts_since" && reader.peek() == JsonReader::Type::kArray) {
      reader.enter_array();
      while (reader.next_element()) reader.read_string(wanted.atts_since.emplace_back());
    } else {
      reader.skip();
    }
  }
  if (!has_id) wanted.error = errors::bad_request("Each of docs needs an id: {\"id\": \"...\"}");
}

Result<std::vector<Wanted>> parse_request(std::string_view request) {
  std::optional<std::vector<Wanted>> all;
  JsonReader reader(request);
  reader.enter_object();
  for (std::string name; reader.next_member(name);) {
    if (name != "docs") {
      reader.skip();
      continue;
    }
    all.emplace();
    reader.enter_array();
    while (reader.next_element()) read_wanted(reader, all->emplace_back());
  }
  if (!reader.at_end()) return reader.error();
  if (!all) return errors::bad_request("Missing JSON list of 'docs'");
  return std::move(*all);
}

void append_error(std::string& text, const Wanted& wanted, const Error& error) {
  text.append("{\"error\":{\"id\":");
  append_json_string(text, wanted.id);
  text.append(",\"rev\":");
  append_json_string(text, wanted.rev.value_or("undefined"));
  text.append(",\"error\":");
  append_json_string(text, error.name);
  text.append(",\"reason\":");
  append_json_string(text, error.reason);
  text.append("}}");
}

}  // namespace

Task<Result<std::string>> read_bulk_get(const DocumentReader& reader, std::string_view request,
                                        GetOptions options) {
  CO_TRY_ASSIGN(auto all, parse_request(request));
  std::string text = "{\"results\":[";
  for (size_t i = 0; i < all.size(); ++i) {
    const Wanted& wanted = all[i];
    text.append(i > 0 ? ",{\"id\":" : "{\"id\":");
    append_json_string(text, wanted.id);
    text.append(",\"docs\":[");
    options.rev = wanted.rev;
    options.atts_since = wanted.atts_since;
    auto document =
        wanted.error ? Result<std::string>(*wanted.error) : co_await reader.get(wanted.id, options);
    if (document.ok()) {
      text.append("{\"ok\":").append(*document).append("}");
    } else {
      append_error(text, wanted, document.error());
    }
    text.append("]}");
  }
  text.append("]}");
  co_return text;
}

}  // namespace couchlet
