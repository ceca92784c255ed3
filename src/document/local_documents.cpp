#include "document/local_documents.h"

#include "base/varint.h"
#include "document/keys.h"
#include "json/json_writer.h"

namespace couchlet {
namespace {

std::string local_revision(uint64_t number) { return "0-" + std::to_string(number); }

Result<uint64_t> take_number(std::string_view& stored) {
  uint64_t number = 0;
  if (!get_varint(stored, number)) return errors::corrupt("A local document can't be read.");
  return number;
}

}  // namespace

Task<Result<std::string>> read_local_document(const DocumentReader& reader, std::string_view id) {
  CO_TRY_ASSIGN(auto bytes, co_await reader.value(keys::local(id)));
  if (!bytes) co_return errors::not_found("missing");
  std::string_view members = *bytes;
  CO_TRY_ASSIGN(const uint64_t number, take_number(members));
  std::string text = "{\"_id\":";
  append_json_string(text, id);
  text.append(",\"_rev\":\"").append(local_revision(number)).append("\"");
  if (!members.empty()) text.append(",").append(members);
  text.push_back('}');
  co_return text;
}

Task<Result<WriteResult>> write_local_document(WriteView& view, const IncomingDocument& document) {
  const std::string key = keys::local(document.id);
  CO_TRY_ASSIGN(auto present, co_await view.get(key));
  uint64_t number = 0;
  if (present) {
    std::string_view stored = *present;
    CO_TRY_ASSIGN(number, take_number(stored));
  }
  if (document.is_deleted && !present) {
    co_return WriteResult{document.id, document.rev, errors::not_found("missing")};
  }
  const std::string expected = present ? local_revision(number) : "";
  // A first write may say "0-0", which is what CouchDB calls a local document that isn't there.
  const bool is_first = !present && (document.rev == "0-0" || document.rev.empty());
  if (!is_first && document.rev != expected) {
    co_return WriteResult{document.id, document.rev, errors::conflict()};
  }
  if (document.is_deleted) {
    view.erase(key);
    co_return WriteResult{document.id, "0-0", {}};
  }
  std::string stored;
  put_varint(stored, number + 1);
  stored.append(document.members);
  view.put(key, stored);
  co_return WriteResult{document.id, local_revision(number + 1), {}};
}

}  // namespace couchlet
