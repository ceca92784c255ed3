#include "wasm/request.h"

#include <utility>
#include <vector>

#include "document/options.h"
#include "json/document_scanner.h"
#include "json/json_reader.h"
#include "json/json_writer.h"
#include "wasm/error_json.h"
#include "wasm/row_pieces.h"
#include "wasm/script_filter.h"

namespace couchlet {
namespace {

using Answer = Task<Result<std::string>>;

// The string member `name` of an options object; "" if it isn't there.
std::string string_option(const std::string& options, std::string_view name) {
  std::string value;
  JsonReader reader(options);
  reader.enter_object();
  for (std::string member; reader.next_member(member);) {
    if (member == name && reader.peek() == JsonReader::Type::kString) {
      reader.read_string(value);
    } else {
      reader.skip();
    }
  }
  return value;
}

Answer write(Database& database, const Request& request) {
  CO_TRY_ASSIGN(WriteOptions options, parse_write_options(request.options));
  std::vector<std::string_view> documents;
  CO_TRY(split_json_array(request.payload, documents));
  CO_TRY_ASSIGN(auto results, co_await database.write(std::move(documents), options));
  co_return write_results_json(results, !options.new_edits);
}

// One attachment to put (with bytes that were staged) or to remove.
Answer edit_attachment(Database& database, const Request& request) {
  CO_TRY_ASSIGN(WriteOptions options, parse_write_options(request.options));
  CO_TRY_ASSIGN(const GetOptions revision, parse_get_options(request.options));
  AttachmentEdit edit;
  edit.id = string_option(request.options, "id");
  edit.rev = revision.rev;
  edit.name = string_option(request.options, "name");
  edit.content_type = string_option(request.options, "content_type");
  if (!options.staged.empty()) edit.staged = options.staged.front().number;
  CO_TRY_ASSIGN(const WriteResult result,
                co_await database.edit_attachment(std::move(edit), std::move(options.staged)));
  if (result.error) co_return *result.error;
  co_return write_result_json(result);
}

// What JavaScript needs to know to take an attachment's bytes from the medium by itself.
Answer attachment(Database& database, const Request& request) {
  CO_TRY_ASSIGN(GetOptions options, parse_get_options(request.options));
  const std::string id = string_option(request.options, "id");
  const std::string name = string_option(request.options, "name");
  CO_TRY_ASSIGN(const Attachment found, co_await database.attachment(id, name, std::move(options)));
  co_return "{\"digest\":" + json_string(found.digest) +
      ",\"content_type\":" + json_string(found.content_type) + "}";
}

// One document, without an array around it: the quick way for put.
Answer put(Database& database, const Request& request) {
  CO_TRY_ASSIGN(WriteOptions options, parse_write_options(request.options));
  CO_TRY_ASSIGN(auto results, co_await database.write({request.payload}, options));
  if (results.front().error) co_return std::move(*results.front().error);
  co_return write_result_json(results.front());
}

Answer get(Database& database, const Request& request) {
  CO_TRY_ASSIGN(GetOptions options, parse_get_options(request.options));
  const std::string id = string_option(request.options, "id");
  co_return co_await database.get(id, std::move(options));
}

Answer all_docs(Database& database, const Request& request) {
  CO_TRY_ASSIGN(AllDocsOptions options, parse_all_docs_options(request.options));
  RowPieces rows(request.number);
  CO_TRY_ASSIGN(std::string others, co_await database.all_docs(std::move(options), rows));
  rows.finish();
  co_return others;
}

Answer changes(Database& database, const Request& request) {
  CO_TRY_ASSIGN(ChangesOptions options, parse_changes_options(request.options));
  CO_TRY_ASSIGN(options.filter, filter_of(request.options));
  RowPieces rows(request.number);
  CO_TRY_ASSIGN(std::string others,
                co_await database.changes(std::move(options), request.cancellation, rows));
  rows.finish();
  co_return others;
}

Answer conflicts(Database& database, const Request& request) {
  CO_TRY_ASSIGN(ConflictListOptions options, parse_conflict_list_options(request.options));
  co_return co_await database.conflicts(options);
}

Answer revs_diff(Database& database, const Request& request) {
  co_return co_await database.revs_diff(request.payload);
}

Answer bulk_get(Database& database, const Request& request) {
  CO_TRY_ASSIGN(GetOptions options, parse_get_options(request.options));
  co_return co_await database.bulk_get(request.payload, std::move(options));
}

Answer get_local(Database& database, const Request& request) {
  const std::string id = string_option(request.options, "id");
  co_return co_await database.get_local(id);
}

Answer put_local(Database& database, const Request& request) {
  CO_TRY_ASSIGN(WriteResult result, co_await database.put_local(request.payload));
  if (result.error) co_return std::move(*result.error);
  co_return write_result_json(result);
}

Answer compact(Database& database, const Request&) {
  CO_TRY(co_await database.compact());
  co_return "{\"ok\":true}";
}

Answer purge(Database& database, const Request& request) {
  const std::string id = string_option(request.options, "id");
  const std::string rev = string_option(request.options, "rev");
  CO_TRY_ASSIGN(const PurgeResult result, co_await database.purge(id, rev));
  co_return purge_result_json(result);
}

Answer repair(Database& database, const Request&) {
  CO_TRY_ASSIGN(const RepairReport report, co_await database.repair());
  co_return repair_report_json(report);
}

Answer info(Database& database, const Request&) { co_return co_await database.info_json(); }

struct Method {
  std::string_view name;
  Answer (*answer)(Database&, const Request&);
};

constexpr Method kMethods[] = {
    {"put", put},
    {"get", get},
    {"attachment", attachment},
    {"edit_attachment", edit_attachment},
    {"write", write},
    {"all_docs", all_docs},
    {"changes", changes},
    {"conflicts", conflicts},
    {"revs_diff", revs_diff},
    {"bulk_get", bulk_get},
    {"get_local", get_local},
    {"put_local", put_local},
    {"compact", compact},
    {"purge", purge},
    {"repair", repair},
    {"info", info},
};

Answer unknown_method(std::string method) {
  co_return errors::bad_request("There is no method '" + method + "'.");
}

}  // namespace

Task<Result<std::string>> answer(Database& database, const Request& request) {
  for (const Method& method : kMethods) {
    if (method.name == request.method) return method.answer(database, request);
  }
  return unknown_method(request.method);
}

}  // namespace couchlet
