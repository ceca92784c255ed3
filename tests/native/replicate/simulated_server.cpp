#include "replicate/simulated_server.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "base/hex.h"
#include "base/run_task.h"
#include "base/uuid.h"
#include "json/json_reader.h"
#include "json/json_writer.h"
#include "replicate/multipart_document.h"
#include "store/memory_medium.h"

namespace couchlet {

struct SimulatedServer::Request {
  std::string method;
  std::string path;  // below the database, not decoded: "/_changes"
  std::map<std::string, std::string> query;
  std::string content_type;
  std::string body;

  std::string parameter(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? "" : found->second;
  }
};

namespace {

SimulatedAnswer refuse(int status, std::string_view name, std::string_view reason) {
  return {.status = status,
          .body = "{\"error\":" + json_string(name) + ",\"reason\":" + json_string(reason) + "}\n"};
}

SimulatedAnswer refuse(const Error& error) {
  return refuse(error.status, error.name, error.reason);
}

SimulatedAnswer json(int status, Result<std::string> text) {
  if (!text.ok()) return refuse(text.error());
  return {.status = status, .body = std::move(*text)};
}

std::string percent_decode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
    } else {
      decoded += from_hex(text.substr(i + 1, 2)).value_or("?");
      i += 2;
    }
  }
  return decoded;
}

std::map<std::string, std::string> parse_query(std::string_view text) {
  std::map<std::string, std::string> query;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const size_t equals = pair.find('=');
    query[percent_decode(pair.substr(0, equals))] =
        equals == std::string_view::npos ? "" : percent_decode(pair.substr(equals + 1));
  }
  return query;
}

// The strings of a member that is an array of them.
std::vector<std::string> strings_of(std::string_view object, std::string_view member) {
  std::vector<std::string> strings;
  JsonReader reader(object);
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key != member) {
      reader.skip();
      continue;
    }
    reader.enter_array();
    while (reader.next_element()) reader.read_string(strings.emplace_back());
  }
  return strings;
}

std::vector<std::string_view> documents_of(std::string_view body, bool& new_edits) {
  std::vector<std::string_view> documents;
  JsonReader reader(body);
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == "docs") {
      reader.enter_array();
      while (reader.next_element()) reader.read_raw(documents.emplace_back());
    } else if (key == "new_edits") {
      reader.read_bool(new_edits);
    } else {
      reader.skip();
    }
  }
  return documents;
}

std::string member(std::string_view object, std::string_view name) {
  std::string value;
  JsonReader reader(object);
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == name) {
      reader.read_string(value);
    } else {
      reader.skip();
    }
  }
  return value;
}

}  // namespace

SimulatedServer::SimulatedServer(Clock& clock, Random& random) : clock_(clock), random_(random) {
  create_database();
}

SimulatedServer::~SimulatedServer() = default;

void SimulatedServer::create_database() {
  auto medium = std::make_unique<MemoryMedium>(std::make_shared<MemoryMediumData>());
  database_ = *run_task(
      Database::open(std::move(medium), {.name = "db", .revs_limit = 1000}, clock_, random_));
  incarnation_ = uuid_hex(random_).substr(0, 8);
}

void SimulatedServer::remove_database() {
  const auto removed = std::exchange(database_, nullptr);
  (void)run_task(removed->close());  // ends its longpolls
}

size_t SimulatedServer::count(std::string_view logged) const {
  return static_cast<size_t>(std::count(log.begin(), log.end(), logged));
}

std::string SimulatedServer::sequence_json(uint64_t sequence) const {
  return "\"" + std::to_string(sequence) + "-" + incarnation_ + "\"";
}

// What another database's sequence means is anybody's guess: CouchDB begins at 0.
uint64_t SimulatedServer::sequence_of(std::string_view text) const {
  uint64_t sequence = 0;
  std::from_chars(text.data(), text.data() + text.size(), sequence);
  return text.ends_with("-" + incarnation_) ? sequence : 0;
}

Task<SimulatedAnswer> SimulatedServer::answer(HttpRequest http,
                                              std::shared_ptr<Cancellation> cancellation) {
  const std::string_view below = std::string_view(http.url).substr(kUrl.size());
  const size_t question = std::min(below.find('?'), below.size());
  Request request;
  request.method = http.method;
  request.path = below.substr(0, question);
  if (question < below.size()) request.query = parse_query(below.substr(question + 1));
  for (const auto& [name, value] : http.headers) {
    if (name == "Content-Type") request.content_type = value;
  }
  request.body = std::move(http.body);
  log.push_back(request.method + " " + request.path);

  if (!http.url.starts_with(kUrl) || !database_) {
    co_return refuse(404, "not_found", "Database does not exist.");
  }
  if (max_request_bytes > 0 && request.body.size() > max_request_bytes) {
    co_return SimulatedAnswer{413, "<html>413 Request Entity Too Large</html>", "text/html"};
  }
  if (http.is_gzip_wanted && refusal_of_gzip != 0) {
    co_return refuse(refusal_of_gzip, "bad_request", "What is this?");
  }
  if (http.is_gzip_wanted) ++gzipped_requests;
  const auto database = database_;
  const std::string route = request.method + " " + request.path;
  if (route == "GET ") {
    const auto info = co_await database->info();
    co_return json(
        200, "{\"db_name\":\"db\",\"update_seq\":" + sequence_json(info->update_sequence) + "}");
  }
  if (request.path == "/_changes") co_return co_await changes(request, std::move(cancellation));
  if (route == "POST /_revs_diff") {
    documents_asked += static_cast<size_t>(
        std::count(request.body.begin(), request.body.end(), '['));  // one list of revisions each
    co_return json(200, co_await database->revs_diff(request.body));
  }
  if (route == "POST /_bulk_docs") co_return co_await bulk_docs(request);
  if (route == "POST /_bulk_get") {
    if (!has_bulk_get) co_return refuse(405, "method_not_allowed", "Only GET,HEAD allowed");
    GetOptions options;
    options.revs = request.parameter("revs") == "true";
    options.attachments = request.parameter("attachments") == "true";
    co_return json(200, co_await database->bulk_get(request.body, std::move(options)));
  }
  const std::string id = percent_decode(request.path.substr(1));
  if (id.starts_with("_local/")) co_return co_await local_document(request, id);
  if (request.method == "GET" && request.query.contains("open_revs")) {
    co_return co_await open_revisions(request, id);
  }
  const bool is_attachment = request.path.find('/', 1) != std::string::npos;
  if (request.method == "GET" && is_attachment) co_return co_await get_attachment(request);
  if (request.method == "GET") co_return co_await get_document(request, id);
  if (request.method == "PUT" && request.content_type.starts_with("multipart/related;")) {
    co_return co_await put_multipart(request, id);
  }
  co_return refuse(405, "method_not_allowed", "Not in this server");
}

Task<SimulatedAnswer> SimulatedServer::changes(const Request& request,
                                               std::shared_ptr<Cancellation> cancellation) {
  ChangesOptions options;
  options.since = sequence_of(request.parameter("since"));
  options.since_now = request.parameter("since") == "now";
  options.include_docs = request.parameter("include_docs") == "true";
  options.all_leaves = request.parameter("style") == "all_docs";
  options.longpoll = request.parameter("feed") == "longpoll" && waits_in_longpolls;
  if (request.query.contains("limit")) options.limit = std::stoull(request.parameter("limit"));
  if (request.parameter("filter") == "_doc_ids") {
    options.doc_ids = strings_of(request.body, "doc_ids");
  }
  const uint64_t interval =
      request.query.contains("seq_interval") ? std::stoull(request.parameter("seq_interval")) : 1;

  const bool is_continuous = request.parameter("feed") == "continuous" && has_continuous_feed;
  if (is_continuous) {
    options.longpoll = true;
    const auto state = std::make_shared<ChangesOptions>(std::move(options));
    co_return SimulatedAnswer{.more = [this, state](std::shared_ptr<Cancellation> of_answer) {
      return more_changes(state, std::move(of_answer));
    }};
  }
  auto page = co_await database_->changes_page(std::move(options), std::move(cancellation));
  if (!page.ok()) co_return refuse(page.error());
  std::string text = "{\"results\":[\n";
  for (size_t i = 0; i < page->rows.size(); ++i) {
    if (i > 0) text += ",\n";
    text += row_json(page->rows[i], (i + 1) % interval == 0);
  }
  text += "\n],\n\"last_seq\":" + sequence_json(page->last_sequence) +
          ",\"pending\":" + std::to_string(page->pending + pending_besides) + "}\n";
  co_return json(200, std::move(text));
}

// The lines that follow, once there is one; "" if there will be none.
Task<std::string> SimulatedServer::more_changes(std::shared_ptr<ChangesOptions> options,
                                                std::shared_ptr<Cancellation> cancellation) const {
  if (!database_) co_return "";
  const auto database = database_;
  const auto page = co_await database->changes_page(*options, std::move(cancellation));
  std::string lines;
  if (!page.ok()) co_return lines;
  options->since = page->last_sequence;
  for (const ChangeRow& row : page->rows) lines += row_json(row, true) + "\n";
  co_return lines;
}

std::string SimulatedServer::row_json(const ChangeRow& row, bool has_sequence) const {
  std::string text = "{\"seq\":" + (has_sequence ? sequence_json(row.sequence) : "null");
  text += ",\"id\":" + json_string(row.id) + ",\"changes\":[";
  for (const Revision& revision : row.revisions) {
    if (!text.ends_with('[')) text += ',';
    text += "{\"rev\":\"" + revision.text() + "\"}";
  }
  text += "]";
  if (row.is_deleted) text += ",\"deleted\":true";
  if (!row.document.empty()) text += ",\"doc\":" + row.document;
  return text + "}";
}

Task<SimulatedAnswer> SimulatedServer::bulk_docs(const Request& request) {
  bool new_edits = true;
  std::vector<std::string_view> documents = documents_of(request.body, new_edits);
  if (understands && !std::all_of(documents.begin(), documents.end(), understands)) {
    co_return refuse(400, misunderstanding, "Bad special document member: _strange");
  }
  std::string errors = "[";
  const auto add_error = [&](std::string_view id, std::string_view rev, std::string_view name,
                             std::string_view reason) {
    if (errors.size() > 1) errors += ',';
    errors += "{\"id\":" + json_string(id) + ",\"rev\":" + json_string(rev) +
              ",\"error\":" + json_string(name) + ",\"reason\":" + json_string(reason) + "}";
  };
  std::erase_if(documents, [&](std::string_view document) {
    if (!survives || survives(document)) return false;
    add_error(member(document, "_id"), member(document, "_rev"), "TypeError", "It is undefined.");
    return true;
  });
  std::erase_if(documents, [&](std::string_view document) {
    if (!validate || validate(document)) return false;
    add_error(member(document, "_id"), member(document, "_rev"), "forbidden", "No, thank you.");
    return true;
  });
  auto written = co_await database_->write(documents, {.new_edits = new_edits});
  if (!written.ok()) co_return refuse(written.error());
  for (const WriteResult& result : *written) {
    if (result.error) add_error(result.id, result.rev, result.error->name, result.error->reason);
  }
  co_return json(201, errors + "]");
}

Task<SimulatedAnswer> SimulatedServer::put_multipart(const Request& request, std::string id) {
  if (refusal_of_multipart != 0) {
    co_return refuse(refusal_of_multipart, "unknown_error", "What is this?");
  }
  auto document = document_of_multipart(request.content_type, request.body);
  if (!document.ok()) co_return refuse(document.error());
  if (validate && !validate(*document)) co_return refuse(403, "forbidden", "No, thank you.");
  if (spoils_multipart)
    document = R"({"_id":"a","_attachments":{"x":{"data":"aGVsbG8="}},"_rev":)" +
               json_string(member(*document, "_rev")) + "}";
  const bool new_edits = request.parameter("new_edits") != "false";
  const auto written = co_await database_->write({*document}, {.new_edits = new_edits});
  if (!written.ok()) co_return refuse(written.error());
  if (written->front().error) co_return refuse(*written->front().error);
  co_return json(201, "{\"ok\":true,\"id\":" + json_string(id) +
                          ",\"rev\":" + json_string(written->front().rev) + "}");
}

Task<SimulatedAnswer> SimulatedServer::get_document(const Request& request, std::string id) {
  GetOptions options;
  options.rev = request.parameter("rev");
  co_return json(200, co_await database_->get(id, std::move(options)));
}

Task<SimulatedAnswer> SimulatedServer::get_attachment(const Request& request) {
  const size_t slash = request.path.find('/', 1);
  GetOptions options;
  options.rev = request.parameter("rev");
  auto attachment = co_await database_->attachment(
      percent_decode(request.path.substr(1, slash - 1)),
      percent_decode(request.path.substr(slash + 1)), std::move(options));
  if (!attachment.ok()) co_return refuse(attachment.error());
  SimulatedAnswer answer{.content_type = attachment->content_type};
  const auto read = co_await database_->read_attachment(
      *std::move(attachment), [&answer](std::string_view piece) { answer.body.append(piece); });
  if (!read.ok()) co_return refuse(read.error());
  co_return answer;
}

Task<SimulatedAnswer> SimulatedServer::open_revisions(const Request& request, std::string id) {
  GetOptions options;
  options.revs = request.parameter("revs") == "true";
  options.attachments = request.parameter("attachments") == "true";
  if (request.query.contains("atts_since")) {
    options.atts_since = strings_of("{\"revs\":" + request.parameter("atts_since") + "}", "revs");
  }
  options.open_revs = strings_of("{\"revs\":" + request.parameter("open_revs") + "}", "revs");
  co_return json(200, co_await database_->get(id, std::move(options)));
}

Task<SimulatedAnswer> SimulatedServer::local_document(const Request& request, std::string id) {
  if (request.method == "GET") co_return json(200, co_await database_->get_local(id));
  if (!keeps_checkpoints) co_return refuse(403, "forbidden", "Readers may not write.");
  std::string body = request.body;
  if (writes_local_over && !(co_await database_->get_local(id)).ok()) {
    const size_t rev = body.find("\"_rev\":");
    if (rev != std::string::npos) body.erase(rev, body.find(',', rev) + 1 - rev);
  }
  auto result = co_await database_->put_local(body);
  if (!result.ok()) co_return refuse(result.error());
  if (result->error) co_return refuse(*result->error);
  co_return json(201,
                 "{\"ok\":true,\"id\":" + json_string(id) + ",\"rev\":\"" + result->rev + "\"}");
}

}  // namespace couchlet
