// The options of a replication, as PouchDB names them (its guide, "Replication").
#include <string>
#include <utility>

#include "json/json_reader.h"
#include "replicate/replicator.h"

namespace couchlet {

namespace {

using Type = JsonReader::Type;

Error bad_option(std::string_view name, std::string_view expected) {
  return errors::bad_request("The replication option \"" + std::string(name) + "\" must be " +
                             std::string(expected) + ".");
}

bool is_boolean(Type type) { return type == Type::kTrue || type == Type::kFalse; }

Result<void> read_boolean(JsonReader& reader, std::string_view name, bool& out) {
  if (!is_boolean(reader.peek())) return bad_option(name, "true or false");
  reader.read_bool(out);
  return {};
}

Result<void> read_positive(JsonReader& reader, std::string_view name, uint64_t& out) {
  if (reader.peek() != Type::kNumber || !reader.read_uint64(out) || out == 0) {
    return bad_option(name, "a whole number above 0");
  }
  return {};
}

// Milliseconds; false is 0, true what it is by itself.
Result<void> read_milliseconds(JsonReader& reader, std::string_view name, int64_t& out) {
  if (is_boolean(reader.peek())) {
    if (reader.peek() == Type::kFalse) out = 0;
    reader.skip();
    return {};
  }
  uint64_t value = 0;
  if (reader.peek() != Type::kNumber || !reader.read_uint64(value) || value > INT32_MAX) {
    return bad_option(name, "a number of milliseconds or false");
  }
  out = static_cast<int64_t>(value);
  return {};
}

Result<void> read_string(JsonReader& reader, std::string_view name, std::string& out) {
  if (reader.peek() != Type::kString) return bad_option(name, "a string");
  reader.read_string(out);
  return {};
}

// true, false, "source" or "target"
Result<void> read_checkpoint(JsonReader& reader, ReplicationOptions& options) {
  if (is_boolean(reader.peek())) {
    reader.read_bool(options.checkpoint_source);
    options.checkpoint_target = options.checkpoint_source;
    return {};
  }
  std::string side;
  if (reader.peek() == Type::kString) reader.read_string(side);
  if (side != "source" && side != "target") {
    return bad_option("checkpoint", "true, false, \"source\" or \"target\"");
  }
  options.checkpoint_source = side == "source";
  options.checkpoint_target = side == "target";
  return {};
}

Result<void> read_style(JsonReader& reader, ReplicationOptions& options) {
  std::string style;
  TRY(read_string(reader, "style", style));
  if (style != "all_docs" && style != "main_only") {
    return bad_option("style", "\"all_docs\" or \"main_only\"");
  }
  options.all_leaves = style == "all_docs";
  return {};
}

Result<void> read_feed(JsonReader& reader, ReplicationOptions& options) {
  std::string feed;
  if (reader.peek() == Type::kString) reader.read_string(feed);
  if (feed != "longpoll" && feed != "continuous") {
    return bad_option("feed", "\"longpoll\" or \"continuous\"");
  }
  options.live_feed = feed == "continuous" ? ChangesFeed::kContinuous : ChangesFeed::kLongpoll;
  return {};
}

Result<void> read_doc_ids(JsonReader& reader, ReplicationOptions& options) {
  static constexpr std::string_view kExpected = "an array of document ids";
  if (reader.peek() != Type::kArray) return bad_option("doc_ids", kExpected);
  auto& ids = options.doc_ids.emplace();
  reader.enter_array();
  while (reader.next_element()) {
    if (reader.peek() != Type::kString) return bad_option("doc_ids", kExpected);
    reader.read_string(ids.emplace_back());
  }
  return {};
}

// A string stands for itself, any other value for its JSON text, as in a URL of CouchDB's.
Result<void> read_query_params(JsonReader& reader, ReplicationOptions& options) {
  if (reader.peek() != Type::kObject) return bad_option("query_params", "an object");
  reader.enter_object();
  for (std::string name; reader.next_member(name);) {
    std::string value;
    if (reader.peek() == Type::kString) {
      reader.read_string(value);
    } else {
      std::string_view raw;
      reader.read_raw(raw);
      value = raw;
    }
    options.query_params.emplace_back(name, std::move(value));
  }
  return {};
}

// "_view" filters by a view, which is a query parameter of its own.
Result<void> read_view(JsonReader& reader, ReplicationOptions& options) {
  std::string view;
  TRY(read_string(reader, "view", view));
  options.query_params.emplace_back("view", std::move(view));
  if (options.filter.empty()) options.filter = "_view";
  return {};
}

Result<void> read_option(JsonReader& reader, const std::string& name, ReplicationOptions& options) {
  if (reader.peek() == Type::kNull) {
    reader.skip();
    return {};
  }
  if (name == "live" || name == "continuous") return read_boolean(reader, name, options.live);
  if (name == "retry") return read_boolean(reader, name, options.retry);
  if (name == "feed") return read_feed(reader, options);
  if (name == "batch_size") return read_positive(reader, name, options.batch_size);
  if (name == "batches_limit") return read_positive(reader, name, options.batches_limit);
  if (name == "heartbeat") return read_milliseconds(reader, name, options.heartbeat_ms);
  if (name == "timeout") return read_milliseconds(reader, name, options.timeout_ms);
  if (name == "checkpoint") return read_checkpoint(reader, options);
  if (name == "style") return read_style(reader, options);
  if (name == "doc_ids") return read_doc_ids(reader, options);
  if (name == "filter") return read_string(reader, name, options.filter);
  if (name == "filter_source") return read_string(reader, name, options.filter_source);
  if (name == "view") return read_view(reader, options);
  if (name == "query_params") return read_query_params(reader, options);
  if (name == "report_documents") return read_boolean(reader, name, options.report_documents);
  if (name == "since" || name == "selector") {
    std::string_view raw;
    reader.read_raw(raw);
    (name == "since" ? options.since.emplace() : options.selector) = raw;
    return {};
  }
  reader.skip();
  return {};
}

}  // namespace

Result<ReplicationOptions> parse_replication_options(std::string_view json) {
  ReplicationOptions options;
  if (json.empty()) return options;
  JsonReader reader(json);
  reader.enter_object();
  for (std::string name; reader.next_member(name);) TRY(read_option(reader, name, options));
  if (!reader.at_end()) return reader.error();
  if (!options.selector.empty() && !options.selector.starts_with('{')) {
    return bad_option("selector", "an object");
  }
  return options;
}

PeerChangesQuery changes_to_carry(const ReplicationOptions& options, std::string since) {
  PeerChangesQuery query;
  query.since = std::move(since);
  query.all_leaves = options.all_leaves;
  query.doc_ids = options.doc_ids;
  query.selector = options.selector;
  query.filter = options.filter;
  query.query_params = options.query_params;
  return query;
}

}  // namespace couchlet
