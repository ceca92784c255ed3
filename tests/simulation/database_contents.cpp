#include "database_contents.h"

#include <algorithm>
#include <utility>

namespace couchlet {

namespace {

// Of attachments, what has to be the same everywhere.
Json essence_of(Json document) {
  if (!document.contains("_attachments")) return document;
  for (Json& attachment : document["_attachments"]) {
    const Json whole = attachment;
    attachment = {{"content_type", whole["content_type"]}, {"data", text_at(whole, "data")}};
  }
  return document;
}

}  // namespace

Task<Result<DatabaseContents>> contents_of(Database& database) {
  // What changes nothing is answered on the newest state.
  CO_TRY(co_await database.write({}, {}));
  CO_TRY_ASSIGN(const ChangesPage page,
                co_await database.changes_page({.all_leaves = true}, nullptr));
  DatabaseContents contents;
  for (const ChangeRow& row : page.rows) {
    GetOptions options{.revs = true, .attachments = true, .open_revs_all = true};
    CO_TRY_ASSIGN(const std::string text, co_await database.get(row.id, std::move(options)));
    DocumentContents& document = contents[row.id];
    document.winner = row.revisions.front().text();
    for (const Json& leaf : parse_json(text)) {
      const Json read = leaf.value("ok", Json());
      document.leaves[text_at(read, "_rev")] = essence_of(read);
    }
  }
  co_return contents;
}

DatabaseContents contents_of(const RemoteDocuments& documents) {
  DatabaseContents contents;
  for (const auto& [id, each] : documents.documents()) {
    const auto leaves = documents.leaves(id);
    DocumentContents& document = contents[id];
    document.winner = leaves.front().rev;
    for (const auto& leaf : leaves) {
      const RemoteDocuments::Shape whole{.with_history = true, .with_data = true};
      document.leaves[leaf.rev] = essence_of(documents.read(id, leaf.rev, whole));
    }
  }
  return contents;
}

bool has_revision(const DatabaseContents& contents, const std::string& id, const std::string& rev) {
  const auto document = contents.find(id);
  if (document == contents.end()) return false;
  return std::any_of(document->second.leaves.begin(), document->second.leaves.end(),
                     [&](const auto& leaf) {
                       const auto history = history_of(leaf.second);
                       return std::find(history.begin(), history.end(), rev) != history.end();
                     });
}

}  // namespace couchlet
