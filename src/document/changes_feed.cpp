#include "document/changes_feed.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <unordered_set>

#include "document/changes_entry.h"
#include "document/counters.h"
#include "document/damage.h"
#include "document/keys.h"
#include "json/json_writer.h"

namespace couchlet {
namespace {

class FeedScan {
 public:
  FeedScan(const DocumentReader& reader, const ChangesOptions& options, uint64_t update_sequence)
      : reader_(reader), options_(options), update_sequence_(update_sequence) {
    if (options.doc_ids) wanted_.insert(options.doc_ids->begin(), options.doc_ids->end());
    // CouchDB takes a limit of 0 for 1.
    limit_ = std::max<uint64_t>(options.limit.value_or(std::numeric_limits<uint64_t>::max()), 1);
  }

  Task<Result<ChangesPage>> run() {
    std::unique_ptr<Cursor> cursor = reader_.cursor();
    if (options_.descending) {
      CO_TRY(co_await cursor->seek_back(keys::sequence(std::numeric_limits<uint64_t>::max())));
    } else {
      CO_TRY(co_await cursor->seek(keys::sequence(options_.since + 1)));
    }
    while (page_.rows.size() < limit_ && is_in_feed(*cursor)) {
      CO_TRY(co_await take(keys::number_of(cursor->key()), cursor->value()));
      if (options_.descending) {
        CO_TRY(co_await cursor->previous());
      } else {
        CO_TRY(co_await cursor->next());
      }
    }
    finish(is_in_feed(*cursor));
    co_return std::move(page_);
  }

 private:
  bool is_in_feed(const Cursor& cursor) const {
    return cursor.valid() && cursor.key().front() == keys::kSequence &&
           keys::number_of(cursor.key()) > options_.since;
  }

  Task<Result<void>> take(uint64_t sequence, std::string_view bytes) {
    const auto decoded = ChangesEntry::decode(bytes);
    if (!decoded.ok()) co_return Result<void>();  // damaged; repair() writes it anew
    const ChangesEntry& entry = *decoded;
    if (options_.doc_ids && !wanted_.contains(std::string(entry.id))) co_return Result<void>();
    ChangeRow row;
    row.sequence = sequence;
    row.id = std::string(entry.id);
    row.is_deleted = entry.winner.info.is_deleted;
    const bool needs_tree =
        entry.has_conflicting_leaves && (options_.all_leaves || options_.conflicts);
    DocumentExtras extras;
    row.revisions.push_back(entry.winner.revision);
    if (needs_tree) CO_TRY(co_await add_other_leaves(row, extras));
    if (options_.include_docs) {
      auto appended = co_await reader_.append_revision(row.document, row.id, entry.winner, extras);
      if (!appended.ok() && !is_lost(appended.error())) co_return appended;
      if (!appended.ok()) {
        row.document = "null";
        row.error = std::move(appended).error();
      }
    }
    page_.rows.push_back(std::move(row));
    co_return Result<void>();
  }

  Task<Result<void>> add_other_leaves(ChangeRow& row, DocumentExtras& extras) {
    auto found = co_await reader_.record(row.id);
    if (!found.ok() && !is_damage(found.error())) co_return std::move(found).error();
    if (!found.ok() || !*found) co_return Result<void>();  // damaged: the winner is in the entry
    const DocumentRecord* record = &**found;
    if (options_.conflicts) extras.conflicts = conflicts_of(record->tree);
    if (options_.all_leaves) {
      row.revisions.clear();
      for (RevisionNode& leaf : record->tree.leaves()) {
        row.revisions.push_back(std::move(leaf.revision));
      }
    }
    co_return Result<void>();
  }

  void finish(bool has_more) {
    // Rows left out by doc_ids count as seen, so that the next look doesn't pass them again.
    const bool reached_end = !has_more || options_.descending;
    page_.last_sequence = reached_end ? update_sequence_ : page_.rows.back().sequence;
    page_.pending = update_sequence_ - page_.last_sequence;
  }

  const DocumentReader& reader_;
  const ChangesOptions& options_;
  const uint64_t update_sequence_;
  uint64_t limit_ = 0;
  std::unordered_set<std::string> wanted_;
  ChangesPage page_;
};

void append_row(std::string& text, const ChangeRow& row, bool include_docs) {
  text.append("{\"seq\":").append(std::to_string(row.sequence)).append(",\"id\":");
  append_json_string(text, row.id);
  text.append(",\"changes\":[");
  for (size_t i = 0; i < row.revisions.size(); ++i) {
    text.append(i > 0 ? ",{\"rev\":\"" : "{\"rev\":\"");
    row.revisions[i].append_text(text);
    text.append("\"}");
  }
  text.push_back(']');
  if (row.is_deleted) text.append(",\"deleted\":true");
  if (include_docs) text.append(",\"doc\":").append(row.document);
  if (row.error) append_error_members(text, *row.error);
  text.push_back('}');
}

}  // namespace

Task<Result<ChangesPage>> read_changes(const DocumentReader& reader,
                                       const ChangesOptions& options) {
  CO_TRY_ASSIGN(auto bytes, co_await reader.value(keys::kCounters));
  CO_TRY_ASSIGN(Counters counters, Counters::decode(bytes));
  if (options.since_now || options.since >= counters.update_sequence) {
    co_return ChangesPage{{}, counters.update_sequence, 0};
  }
  FeedScan scan(reader, options, counters.update_sequence);
  co_return co_await scan.run();
}

std::string changes_json(const ChangesPage& page, bool include_docs) {
  std::string text = "{\"results\":[";
  for (size_t i = 0; i < page.rows.size(); ++i) {
    if (i > 0) text.push_back(',');
    append_row(text, page.rows[i], include_docs);
  }
  text.append("],\"last_seq\":").append(std::to_string(page.last_sequence));
  text.append(",\"pending\":").append(std::to_string(page.pending)).append("}");
  return text;
}

}  // namespace couchlet
