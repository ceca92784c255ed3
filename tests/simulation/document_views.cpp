#include "document_views.h"

#include <utility>

#include "base/base64.h"

namespace couchlet {

namespace {

const Json kNone = Json::array();

const Json& list_at(const Json& object, const char* name) {
  if (!object.is_object()) return kNone;
  const auto found = object.find(name);
  return found != object.end() && found->is_array() ? *found : kNone;
}

}  // namespace

Task<Result<std::string>> DocumentViews::winning_rev(DatabaseLife& life, std::string id) {
  const Result<std::string> text =
      co_await life.database->get(id, {.attachments = run_.chance(100)});
  if (life.has_crashed()) co_return "";
  if (!text.ok() && text.error().status == 404) co_return "";
  if (!text.ok()) co_return text.error();
  const Json document = parse_json(*text);
  see_document(life, id, document);
  run_.count("gets");
  co_return text_at(document, "_rev");
}

Task<Result<void>> DocumentViews::read_back(DatabaseLife& life, DocumentModel::Number number) {
  const DocumentModel::Edit edit = model_.edit(number);
  const Result<std::string> text = co_await life.database->get(edit.id, {.rev = edit.rev});
  if (life.has_crashed()) co_return Result<void>();
  if (text.ok()) {
    see_document(life, edit.id, parse_json(*text));
  } else if (text.error().status != 404) {
    co_return text.error();
  } else if (!compacts_) {
    complain(life, "what it has just written is not there: " + edit.rev);
  }
  co_return Result<void>();
}

Task<Result<void>> DocumentViews::list_all(DatabaseLife& life) {
  AllDocsOptions options;
  options.include_docs = run_.chance(300);
  options.descending = run_.chance(300);
  CO_TRY_ASSIGN(const std::string text, co_await life.database->all_docs(options));
  if (life.has_crashed()) co_return Result<void>();
  const Json list = parse_json(text);
  const Json& rows = list_at(list, "rows");
  if (number_at(list, "total_rows") != rows.size()) complain(life, "rows are missing: " + text);
  std::map<std::string, size_t> bundles;
  std::string before;
  for (const Json& row : rows) {
    const std::string id = text_at(row, "id");
    if (!before.empty() && (options.descending ? id >= before : id <= before)) {
      complain(life, "rows out of order: " + before + ", " + id);
    }
    before = id;
    see_row(life, row, bundles);
  }
  for (const auto& [bundle, missing] : bundles) {
    if (missing > 0) complain(life, "only a part of a bundle is there: " + bundle);
  }
  run_.count("lists");
  co_return Result<void>();
}

// A row of all_docs. The members of a bundle are numbered down to 1.
void DocumentViews::see_row(const DatabaseLife& life, const Json& row,
                            std::map<std::string, size_t>& bundles) {
  const std::string id = text_at(row, "id");
  if (id.starts_with("bundle ")) {
    const size_t end = id.rfind(' ');
    const size_t number = std::stoul(id.substr(end + 1));
    const size_t size = model_.bundle_size(std::stoul(id.substr(7)));
    const auto [missing, is_first] = bundles.emplace(id.substr(0, end), size);
    --missing->second;
    if (number > size) complain(life, "too much in " + id);
  }
  const auto value = row.find("value");
  const std::string rev = value == row.end() ? "" : text_at(*value, "rev");
  if (const auto number = model_.maker(id, rev); number != 0) {
    complain(life, model_.see(number, id, rev));
  }
  if (const auto document = row.find("doc"); document != row.end()) {
    see_document(life, id, *document);
  }
}

Task<Result<void>> DocumentViews::read_changes(DatabaseLife& life) {
  std::map<std::string, FeedFollower::Row> rows;
  CO_TRY(co_await changes_since(life, 0, rows));
  run_.count("feeds");
  co_return Result<void>();
}

Task<Result<void>> DocumentViews::read_info(DatabaseLife& life) {
  const uint64_t least = life.update_sequence;
  CO_TRY_ASSIGN(const DatabaseInfo info, co_await life.database->info());
  if (life.has_crashed()) co_return Result<void>();
  if (info.update_sequence < least) complain(life, "its update sequence goes back");
  life.update_sequence = std::max(life.update_sequence, info.update_sequence);
  co_return Result<void>();
}

Task<Result<void>> DocumentViews::follow_feed(DatabaseLife& life, FeedFollower& tab) {
  if (std::exchange(life.is_following, true)) co_return Result<void>();
  ChangesOptions options;
  options.since = tab.since;
  options.longpoll = run_.chance(300);
  options.timeout_ms = options.longpoll ? static_cast<int64_t>(run_.between(1, 3000)) : 0;
  if (run_.chance(500)) options.limit = run_.between(1, 10);
  const auto page = co_await life.database->changes_page(options, nullptr);
  life.is_following = false;
  if (life.has_crashed()) co_return Result<void>();
  if (!page.ok()) co_return page.error();
  uint64_t before = tab.since;
  for (const ChangeRow& row : page->rows) {
    if (row.sequence <= before) complain(life, "the feed goes back");
    before = row.sequence;
    tab.rows[row.id] = {row.sequence, row.revisions.front().text(), row.is_deleted};
  }
  if (page->last_sequence < before) complain(life, "the feed ends before its last row");
  tab.since = page->last_sequence;
  co_return Result<void>();
}

// The rows by document, and all as a text.
Task<Result<std::string>> DocumentViews::changes_since(
    DatabaseLife& life, uint64_t since, std::map<std::string, FeedFollower::Row>& rows) {
  ChangesOptions options;
  options.since = since;
  options.all_leaves = true;
  CO_TRY_ASSIGN(const ChangesPage page, co_await life.database->changes_page(options, nullptr));
  std::string text;
  if (life.has_crashed()) co_return text;
  uint64_t before = since;
  for (const ChangeRow& row : page.rows) {
    if (row.sequence <= before) complain(life, "changes are out of order");
    before = row.sequence;
    const std::string rev = row.revisions.front().text();
    const bool is_new =
        rows.emplace(row.id, FeedFollower::Row{row.sequence, rev, row.is_deleted}).second;
    if (!is_new) complain(life, row.id + " is in the changes twice");
    text += std::to_string(row.sequence) + " " + row.id + (row.is_deleted ? " deleted" : "");
    for (const Revision& revision : row.revisions) {
      const auto number = model_.maker(row.id, revision.text());
      if (number != 0) complain(life, model_.see(number, row.id, revision.text()));
      text += " " + revision.text();
    }
    text += "\n";
  }
  co_return text;
}

Task<Result<std::string>> DocumentViews::read_all(DatabaseLife& life, FeedFollower& tab) {
  std::map<std::string, FeedFollower::Row> rows;
  CO_TRY_ASSIGN(std::string text, co_await changes_since(life, 0, rows));
  for (uint64_t since = tab.since + 1; since != tab.since && !run_.has_failed();) {
    since = tab.since;
    CO_TRY(co_await follow_feed(life, tab));
  }
  if (tab.rows != rows) complain(life, "who followed the feed has other rows than who reads all");

  size_t live = 0;
  digests_.clear();
  for (const auto& [id, row] : rows) {
    if (!row.is_deleted) ++live;
    CO_TRY(co_await see_tree(life, id));
  }
  for (const std::string& id : model_.ids()) {
    if (!rows.contains(id)) complain(life, model_.see_tree(id, {}));
  }
  CO_TRY(co_await list_all(life));
  CO_TRY_ASSIGN(const std::string list, co_await life.database->all_docs({}));
  if (list_at(parse_json(list), "rows").size() != live) {
    complain(life, "the list and the changes differ");
  }
  CO_TRY_ASSIGN(const DatabaseInfo info, co_await life.database->info());
  if (info.document_count != live || info.deleted_count != rows.size() - live) {
    complain(life, "info() counts wrong");
  }
  co_return text + list;
}

// All leaves with their histories.
Task<Result<void>> DocumentViews::see_tree(DatabaseLife& life, std::string id) {
  GetOptions options{.revs = true, .attachments = true, .open_revs_all = true};
  CO_TRY_ASSIGN(const std::string text, co_await life.database->get(id, std::move(options)));
  std::map<std::string, std::string> parents;
  for (const Json& leaf : parse_json(text)) {
    const auto document = leaf.find("ok");
    if (document == leaf.end()) {
      complain(life, "a leaf of " + id + " is missing: " + text);
      continue;
    }
    see_document(life, id, *document);
    const Json& history = (*document)["_revisions"];
    uint64_t generation = number_at(history, "start");
    std::string* parent = nullptr;
    for (const Json& hash : list_at(history, "ids")) {
      const std::string rev = std::to_string(generation--) + "-" + hash.get<std::string>();
      if (parent != nullptr) *parent = rev;
      parent = &parents[rev];
    }
  }
  if (!run_.has_failed()) complain(life, model_.see_tree(id, parents));
  co_return Result<void>();
}

void DocumentViews::see_document(const DatabaseLife& life, const std::string& id,
                                 const Json& document) {
  const DocumentModel::Number number = number_at(document, "edit");
  complain(life, model_.see(number, id, text_at(document, "_rev")));
  if (run_.has_failed()) return;
  const DocumentModel::Edit& edit = model_.edit(number);
  const bool is_right =
      text_at(document, "_id") == id && is_true_at(document, "_deleted") == edit.is_deletion;
  if (!is_right) complain(life, "a document is wrong: " + document.dump());
  see_attachment(life, document, edit);
}

void DocumentViews::see_attachment(const DatabaseLife& life, const Json& document,
                                   const DocumentModel::Edit& edit) {
  const auto attachments = document.find("_attachments");
  if ((attachments == document.end()) != edit.attachment.empty()) {
    complain(life, "a document has another attachment than was written: " + document.dump());
    return;
  }
  if (edit.attachment.empty()) return;
  const auto file = attachments->find("file");
  if (file == attachments->end()) return complain(life, "an attachment has lost its name");
  digests_[text_at(*file, "digest")] = edit.attachment;
  const std::string data = text_at(*file, "data");
  if (!data.empty() && decode_base64(data) != edit.attachment) {
    complain(life, "an attachment's bytes are not those that were written");
  }
}

void DocumentViews::complain(const DatabaseLife& life, const std::string& wrong) {
  if (!wrong.empty()) run_.fail(life.name() + ": " + wrong);
}

}  // namespace couchlet
