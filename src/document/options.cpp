#include "document/options.h"

#include <functional>
#include <utility>

#include "document/revision.h"
#include "json/json_reader.h"

namespace couchlet {
namespace {

using ReadMember = std::function<bool(JsonReader&, const std::string& name)>;

Error bad_option(const std::string& name, std::string_view expected) {
  return errors::bad_request("Option '" + name + "' must be " + std::string(expected) + ".");
}

// Calls `read` for each member of the object; `read` answers false where the text is malformed, or
// where it has met an error of its own and has said so in `problem`.
Result<void> for_each_option(std::string_view json, std::optional<Error>& problem,
                             const ReadMember& read) {
  if (json.empty()) return {};
  JsonReader reader(json);
  reader.enter_object();
  for (std::string name; reader.next_member(name);) {
    if (!read(reader, name)) return problem ? *problem : reader.error();
  }
  if (!reader.at_end()) return reader.error();
  return {};
}

// Reads options of one type each; the first of a wrong type is the answer.
class OptionReader {
 public:
  bool boolean(JsonReader& reader, const std::string& name, bool& out) {
    switch (reader.peek()) {
      case JsonReader::Type::kTrue:
      case JsonReader::Type::kFalse:
        return reader.read_bool(out) || fail(name, "a boolean");
      case JsonReader::Type::kNull:
        return reader.read_null();
      default:
        return fail(name, "a boolean");
    }
  }

  bool number(JsonReader& reader, const std::string& name, uint64_t& out) {
    if (reader.peek() == JsonReader::Type::kNull) return reader.read_null();
    if (reader.peek() != JsonReader::Type::kNumber || !reader.read_uint64(out)) {
      return fail(name, "a whole number, not negative");
    }
    return true;
  }

  bool number(JsonReader& reader, const std::string& name, std::optional<uint64_t>& out) {
    if (reader.peek() == JsonReader::Type::kNull) return reader.read_null();
    uint64_t value = 0;
    if (!number(reader, name, value)) return false;
    out = value;
    return true;
  }

  bool string(JsonReader& reader, const std::string& name, std::optional<std::string>& out) {
    if (reader.peek() == JsonReader::Type::kNull) return reader.read_null();
    std::string value;
    if (reader.peek() != JsonReader::Type::kString || !reader.read_string(value)) {
      return fail(name, "a string");
    }
    out = std::move(value);
    return true;
  }

  bool strings(JsonReader& reader, const std::string& name,
               std::optional<std::vector<std::string>>& out) {
    if (reader.peek() == JsonReader::Type::kNull) return reader.read_null();
    return read_strings(reader, out) || fail(name, "an array of strings");
  }

  bool revisions(JsonReader& reader, const std::string& name,
                 std::optional<std::vector<std::string>>& out) {
    if (reader.peek() != JsonReader::Type::kArray) return strings(reader, name, out);
    if (read_strings(reader, out)) return true;
    problem_ = invalid_revision();
    return false;
  }

  bool fail(const std::string& name, std::string_view expected) {
    problem_ = bad_option(name, expected);
    return false;
  }

  std::optional<Error>& problem() { return problem_; }

 private:
  static bool read_strings(JsonReader& reader, std::optional<std::vector<std::string>>& out) {
    if (reader.peek() != JsonReader::Type::kArray) return false;
    std::vector<std::string> values;
    reader.enter_array();
    while (reader.next_element()) {
      std::string value;
      if (reader.peek() != JsonReader::Type::kString || !reader.read_string(value)) return false;
      values.push_back(std::move(value));
    }
    out = std::move(values);
    return true;
  }

  std::optional<Error> problem_;
};

bool read_open_revs(OptionReader& read, JsonReader& reader, GetOptions& options) {
  if (reader.peek() != JsonReader::Type::kString) {
    return read.revisions(reader, "open_revs", options.open_revs);
  }
  std::string value;
  if (!reader.read_string(value) || value != "all") {
    return read.fail("open_revs", "\"all\" or an array of revisions");
  }
  options.open_revs_all = true;
  return true;
}

bool read_since(OptionReader& read, JsonReader& reader, ChangesOptions& options) {
  if (reader.peek() != JsonReader::Type::kString) {
    return read.number(reader, "since", options.since);
  }
  std::string value;
  if (!reader.read_string(value) || value != "now") {
    return read.fail("since", "a sequence of this database or \"now\"");
  }
  options.since_now = true;
  return true;
}

bool read_timeout(OptionReader& read, JsonReader& reader, ChangesOptions& options) {
  // `false` is PouchDB's way to say "no limit".
  if (reader.peek() == JsonReader::Type::kFalse) return reader.skip();
  uint64_t value = 0;
  if (!read.number(reader, "timeout", value)) return false;
  options.timeout_ms = static_cast<int64_t>(value);
  return true;
}

bool read_choice(OptionReader& read, JsonReader& reader, const std::string& name,
                 std::string_view chosen, bool& out) {
  std::optional<std::string> value;
  if (!read.string(reader, name, value)) return false;
  out = value == chosen;
  return true;
}

// "staged": [{"number": 7, "digest": "md5-…", "length": 5}, …]
bool read_staged(JsonReader& reader, std::vector<StagedBytes>& all) {
  reader.enter_array();
  while (reader.next_element()) {
    StagedBytes& staged = all.emplace_back();
    reader.enter_object();
    for (std::string name; reader.next_member(name);) {
      uint64_t number = 0;
      if (name == "number") {
        reader.read_uint64(number);
        staged.number = static_cast<uint32_t>(number);
      } else if (name == "digest") {
        reader.read_string(staged.digest);
      } else if (name == "length") {
        reader.read_uint64(staged.length);
      } else {
        reader.skip();
      }
    }
  }
  return !reader.failed();
}

}  // namespace

Result<WriteOptions> parse_write_options(std::string_view json) {
  WriteOptions options;
  OptionReader read;
  TRY(for_each_option(json, read.problem(), [&](JsonReader& reader, const std::string& name) {
    if (name == "new_edits") return read.boolean(reader, name, options.new_edits);
    if (name == "all_or_nothing") return read.boolean(reader, name, options.all_or_nothing);
    if (name == "force") return read.boolean(reader, name, options.force);
    if (name == "all_well_formed") return read.boolean(reader, name, options.all_well_formed);
    if (name == "must_exist") return read.boolean(reader, name, options.must_exist);
    if (name == "staged") return read_staged(reader, options.staged);
    return reader.skip();
  }));
  return options;
}

Result<GetOptions> parse_get_options(std::string_view json) {
  GetOptions options;
  OptionReader read;
  TRY(for_each_option(json, read.problem(), [&](JsonReader& reader, const std::string& name) {
    if (name == "rev") return read.string(reader, name, options.rev);
    if (name == "revs") return read.boolean(reader, name, options.revs);
    if (name == "revs_info") return read.boolean(reader, name, options.revs_info);
    if (name == "conflicts") return read.boolean(reader, name, options.conflicts);
    if (name == "deleted_conflicts") return read.boolean(reader, name, options.deleted_conflicts);
    if (name == "local_seq") return read.boolean(reader, name, options.local_seq);
    if (name == "latest") return read.boolean(reader, name, options.latest);
    if (name == "attachments") return read.boolean(reader, name, options.attachments);
    if (name == "open_revs") return read_open_revs(read, reader, options);
    return reader.skip();
  }));
  return options;
}

Result<AllDocsOptions> parse_all_docs_options(std::string_view json) {
  AllDocsOptions options;
  OptionReader read;
  TRY(for_each_option(json, read.problem(), [&](JsonReader& reader, const std::string& name) {
    if (name == "keys") return read.strings(reader, name, options.keys);
    if (name == "key") return read.string(reader, name, options.key);
    if (name == "startkey" || name == "start_key") {
      return read.string(reader, name, options.startkey);
    }
    if (name == "endkey" || name == "end_key") return read.string(reader, name, options.endkey);
    if (name == "inclusive_start") return read.boolean(reader, name, options.inclusive_start);
    if (name == "inclusive_end") return read.boolean(reader, name, options.inclusive_end);
    if (name == "descending") return read.boolean(reader, name, options.descending);
    if (name == "include_docs") return read.boolean(reader, name, options.include_docs);
    if (name == "conflicts") return read.boolean(reader, name, options.conflicts);
    if (name == "update_seq") return read.boolean(reader, name, options.update_seq);
    if (name == "limit") return read.number(reader, name, options.limit);
    if (name == "skip") return read.number(reader, name, options.skip);
    if (name == "max_bytes") return read.number(reader, name, options.max_bytes);
    return reader.skip();
  }));
  return options;
}

Result<ChangesOptions> parse_changes_options(std::string_view json) {
  ChangesOptions options;
  OptionReader read;
  TRY(for_each_option(json, read.problem(), [&](JsonReader& reader, const std::string& name) {
    if (name == "since") return read_since(read, reader, options);
    if (name == "limit") return read.number(reader, name, options.limit);
    if (name == "descending") return read.boolean(reader, name, options.descending);
    if (name == "include_docs") return read.boolean(reader, name, options.include_docs);
    if (name == "conflicts") return read.boolean(reader, name, options.conflicts);
    if (name == "doc_ids") return read.strings(reader, name, options.doc_ids);
    if (name == "timeout") return read_timeout(read, reader, options);
    if (name == "style") {
      return read_choice(read, reader, name, "all_docs", options.all_leaves);
    }
    if (name == "feed") return read_choice(read, reader, name, "longpoll", options.longpoll);
    return reader.skip();
  }));
  return options;
}

Result<ConflictListOptions> parse_conflict_list_options(std::string_view json) {
  ConflictListOptions options;
  OptionReader read;
  TRY(for_each_option(json, read.problem(), [&](JsonReader& reader, const std::string& name) {
    if (name == "since") return read.number(reader, name, options.since);
    if (name == "limit") return read.number(reader, name, options.limit);
    return reader.skip();
  }));
  return options;
}

}  // namespace couchlet
