#include "replicate/replication_id.h"

#include <algorithm>
#include <vector>

#include "base/hex.h"
#include "base/md5.h"

namespace couchlet {

namespace {

// Strings with their lengths before them, so that no two lists of strings become the same bytes.
class Fields {
 public:
  void add(std::string_view field) {
    bytes_.append(std::to_string(field.size())).append(":").append(field);
  }
  void add_count(size_t count) { bytes_.append(std::to_string(count)).append(";"); }
  std::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

template <typename T>
std::vector<T> sorted(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

}  // namespace

std::string replication_id(std::string_view source_identity, std::string_view target_identity,
                           const ReplicationOptions& options) {
  Fields fields;
  fields.add("couchlet 1");
  fields.add(source_identity);
  fields.add(target_identity);
  fields.add(options.all_leaves ? "all_docs" : "main_only");
  fields.add(options.filter);
  fields.add(options.selector);
  if (!options.filter_source.empty()) fields.add(options.filter_source);
  const auto ids = sorted(options.doc_ids.value_or(std::vector<std::string>()));
  fields.add_count(ids.size());
  if (options.doc_ids && ids.empty()) fields.add("no documents");
  for (const auto& id : ids) fields.add(id);
  const auto params = sorted(options.query_params);
  fields.add_count(params.size());
  for (const auto& [name, value] : params) {
    fields.add(name);
    fields.add(value);
  }
  const Md5Digest digest = md5(fields.bytes());
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace couchlet
