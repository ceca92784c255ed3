#include "wasm/error_json.h"

#include "json/json_writer.h"

namespace couchlet {
namespace {

std::string error_fields(const Error& error) {
  const std::string reason = json_string(error.reason);
  std::string text = "{\"error\":true,\"status\":" + std::to_string(error.status);
  text.append(",\"name\":").append(json_string(error.name));
  text.append(",\"message\":").append(reason);
  text.append(",\"reason\":").append(reason);
  return text;
}

std::string error_of_document(const WriteResult& result) {
  std::string text = error_fields(*result.error);
  if (!result.id.empty()) text.append(",\"id\":").append(json_string(result.id));
  return text;
}

}  // namespace

std::string error_json(const Error& error) { return error_fields(error) + "}"; }

std::string write_result_json(const WriteResult& result) {
  if (result.error) return error_of_document(result) + "}";
  const std::string id = json_string(result.id);
  return "{\"ok\":true,\"id\":" + id + ",\"rev\":" + json_string(result.rev) + "}";
}

std::string refusal_json(const WriteResult& result) {
  std::string text = error_of_document(result);
  if (!result.rev.empty()) text.append(",\"rev\":").append(json_string(result.rev));
  return text + "}";
}

std::string write_results_json(const std::vector<WriteResult>& results, bool errors_only) {
  std::string text = "[";
  for (const WriteResult& result : results) {
    if (errors_only && !result.error) continue;
    if (text.size() > 1) text.push_back(',');
    text.append(write_result_json(result));
  }
  return text + "]";
}

}  // namespace couchlet
