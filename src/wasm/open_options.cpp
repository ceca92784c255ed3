#include "wasm/open_options.h"

#include <utility>

#include "json/json_reader.h"

namespace couchlet {
namespace {

bool read_is(JsonReader& reader, std::string_view word, bool& is_it) {
  std::string value;
  if (!reader.read_string(value)) return false;
  is_it = value == word;
  return true;
}

bool read_opposite(JsonReader& reader, bool& value) {
  if (!reader.read_bool(value)) return false;
  value = !value;
  return true;
}

bool read_size(JsonReader& reader, size_t& size) {
  uint64_t value = 0;
  if (!reader.read_uint64(value)) return false;
  size = static_cast<size_t>(value);
  return true;
}

bool read_option(JsonReader& reader, std::string_view name, OpenOptions& options) {
  DatabaseSettings& settings = options.settings;
  if (name == "adapter") return read_is(reader, "memory", options.in_memory);
  if (name == "durability") return read_is(reader, "strict", options.strict_durability);
  if (name == "revs_limit") return reader.read_uint64(settings.revs_limit);
  if (name == "auto_compaction") return reader.read_bool(settings.auto_compaction);
  if (name == "deterministic_revs") {
    return read_opposite(reader, settings.random_revisions);
  }
  if (name == "cacheSize") return read_size(reader, settings.store.cache_bytes);
  if (name == "memtableSize") return read_size(reader, settings.store.memtable_bytes);
  return reader.skip();
}

}  // namespace

Result<OpenOptions> parse_open_options(std::string name, const std::string& json) {
  OpenOptions options;
  options.settings.name = std::move(name);
  JsonReader reader(json);
  reader.enter_object();
  for (std::string member; reader.next_member(member);) {
    if (!read_option(reader, member, options)) break;
  }
  if (!reader.at_end()) return reader.error();
  return options;
}

}  // namespace couchlet
