#include "document/all_docs.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "document/counters.h"
#include "document/damage.h"
#include "document/keys.h"
#include "json/json_writer.h"

namespace couchlet {
namespace {

// The rows of one answer, appended to a text.
class RowWriter {
 public:
  RowWriter(const DocumentReader& reader, const AllDocsOptions& options, std::string& text)
      : reader_(reader), options_(options), text_(text) {}

  Task<Result<void>> append(std::string_view id, std::string_view record_bytes,
                            std::optional<std::string> body = std::nullopt) {
    auto winner = decode_winning_leaf(record_bytes);
    if (!winner.ok()) {
      append_damaged(id, winner.error());
      co_return Result<void>();
    }
    begin(id);
    text_.append(",\"value\":{\"rev\":\"");
    winner->revision.append_text(text_);
    text_.append(winner->info.is_deleted ? "\",\"deleted\":true}" : "\"}");
    if (options_.include_docs) {
      CO_TRY(co_await append_document(id, *winner, record_bytes, std::move(body)));
    }
    text_.push_back('}');
    co_return Result<void>();
  }

  // A document whose record can't be read: nothing is known but that there is one.
  void append_damaged(std::string_view id, const Error& error) {
    begin(id);
    text_.append(",\"value\":{}");
    append_error_members(text_, error);
    text_.push_back('}');
  }

  bool has_documents() const { return options_.include_docs; }
  size_t bytes() const { return text_.size(); }

  void append_missing(std::string_view id) {
    begin_row();
    text_.append("\"key\":");
    append_json_string(text_, id);
    text_.append(",\"error\":\"not_found\"}");
  }

 private:
  void begin_row() { text_.append(std::exchange(is_first_, false) ? "{" : ",{"); }

  void begin(std::string_view id) {
    begin_row();
    text_.append("\"id\":");
    const size_t start = text_.size();
    append_json_string(text_, id);
    const size_t length = text_.size() - start;
    text_.append(",\"key\":");
    text_.append(text_.substr(start, length));
  }

  Task<Result<void>> append_document(std::string_view id, const RevisionNode& winner,
                                     std::string_view record_bytes,
                                     std::optional<std::string> body) {
    if (winner.info.is_deleted) {
      text_.append(",\"doc\":null");
      co_return Result<void>();
    }
    DocumentExtras extras;
    if (options_.conflicts) {
      CO_TRY_ASSIGN(DocumentRecord record, DocumentRecord::decode(record_bytes));
      extras.conflicts = conflicts_of(record.tree);
    }
    text_.append(",\"doc\":");
    auto appended = co_await reader_.append_revision(text_, id, winner, extras, std::move(body));
    if (appended.ok() || !is_lost(appended.error())) co_return appended;
    text_.append("null");
    append_error_members(text_, appended.error());
    co_return Result<void>();
  }

  const DocumentReader& reader_;
  const AllDocsOptions& options_;
  std::string& text_;
  bool is_first_ = true;
};

// Rows on their way to the writer, some at a time, so that the bodies that they need can be read
// together: they lie in the order in which they were written, and not in that of the ids.
class Batch {
 public:
  Batch(const DocumentReader& reader, RowWriter& rows) : reader_(reader), rows_(rows) {}

  Task<Result<void>> add(std::string_view id, std::string_view record_bytes,
                         const Result<RevisionNode>& winner) {
    batch_.emplace_back(id, record_bytes);
    body_numbers_.push_back(winner.ok() ? winner->info.body : 0);
    bytes_ += winner.ok() ? winner->info.size : 0;
    const uint64_t limit = std::max<uint64_t>(kBytes, rows_.bytes());
    if (bytes_ >= limit || batch_.size() == kRows) CO_TRY(co_await finish());
    co_return Result<void>();
  }

  Task<Result<void>> finish() {
    std::vector<std::optional<std::string>> bodies(batch_.size());
    if (rows_.has_documents() && batch_.size() > 1) {
      bodies = co_await reader_.bodies(body_numbers_);
    }
    for (size_t i = 0; i < batch_.size(); ++i) {
      const auto& [id, record_bytes] = batch_[i];
      CO_TRY(co_await rows_.append(id, record_bytes, std::move(bodies[i])));
      bodies[i].reset();
    }
    batch_.clear();
    body_numbers_.clear();
    bytes_ = 0;
    co_return Result<void>();
  }

  // Of the bodies that wait here, where bodies are wanted.
  uint64_t bytes() const { return rows_.has_documents() ? bytes_ : 0; }

 private:
  // The more at once, the less often everything is read: as much as the answer has taken already,
  // which is in memory as well.
  static constexpr uint64_t kBytes = 8 * 1024 * 1024;
  static constexpr size_t kRows = 100'000;

  const DocumentReader& reader_;
  RowWriter& rows_;
  std::vector<std::pair<std::string, std::string>> batch_;  // ids and records
  std::vector<uint64_t> body_numbers_;                      // 0: none
  uint64_t bytes_ = 0;                                      // of the bodies
};

uint64_t limit_of(const AllDocsOptions& options) {
  return options.limit.value_or(std::numeric_limits<uint64_t>::max());
}

// Where a scan begins and where it ends, in its own direction.
struct Range {
  std::string first;
  std::string last;
  bool includes_last = true;
};

Range range_of(const AllDocsOptions& options) {
  const std::string lowest(1, keys::kDocument);
  const std::string highest(1, keys::kDocument + 1);
  if (options.key) return {keys::document(*options.key), keys::document(*options.key)};
  Range range;
  const std::string& default_first = options.descending ? highest : lowest;
  const std::string& default_last = options.descending ? lowest : highest;
  range.first = options.startkey ? keys::document(*options.startkey) : default_first;
  range.last = options.endkey ? keys::document(*options.endkey) : default_last;
  range.includes_last = options.endkey ? options.inclusive_end : true;
  return range;
}

bool is_past(std::string_view key, const Range& range, bool descending) {
  if (key.empty() || key.front() != keys::kDocument) return true;
  const auto order = key <=> std::string_view(range.last);
  if (order == 0) return !range.includes_last;
  return descending ? order < 0 : order > 0;
}

Task<Result<void>> move_on(Cursor& cursor, bool descending) {
  co_return descending ? co_await cursor.previous() : co_await cursor.next();
}

// Says whether the answer was cut off, as it is long enough.
Task<Result<bool>> append_range(const DocumentReader& reader, const AllDocsOptions& options,
                                RowWriter& rows) {
  const Range range = range_of(options);
  std::unique_ptr<Cursor> cursor = reader.cursor();
  if (options.descending) {
    CO_TRY(co_await cursor->seek_back(range.first));
    // Only the end of the key space, which is no document, can be met here.
    if (cursor->valid() && cursor->key().front() != keys::kDocument) {
      CO_TRY(co_await cursor->previous());
    }
  } else {
    CO_TRY(co_await cursor->seek(range.first));
  }
  if (!options.inclusive_start && cursor->valid() && cursor->key() == range.first) {
    CO_TRY(co_await move_on(*cursor, options.descending));
  }
  uint64_t skipped = 0;
  uint64_t taken = 0;
  Batch batch(reader, rows);
  const uint64_t max_bytes = options.max_bytes.value_or(std::numeric_limits<uint64_t>::max());
  const auto is_cut = [&] { return taken > 0 && rows.bytes() + batch.bytes() >= max_bytes; };
  const auto is_in_range = [&] {
    return cursor->valid() && !is_past(cursor->key(), range, options.descending);
  };
  while (taken < limit_of(options) && is_in_range() && !is_cut()) {
    const auto winner = decode_winning_leaf(cursor->value());
    const bool is_deleted = winner.ok() && winner->info.is_deleted;
    if (!is_deleted && skipped++ >= options.skip) {
      CO_TRY(co_await batch.add(keys::id_of(cursor->key()), cursor->value(), winner));
      ++taken;
    }
    CO_TRY(co_await move_on(*cursor, options.descending));
  }
  const bool was_cut = taken < limit_of(options) && is_in_range();
  CO_TRY(co_await batch.finish());
  co_return was_cut;
}

Task<Result<bool>> append_keys(const DocumentReader& reader, const AllDocsOptions& options,
                               RowWriter& rows) {
  const auto& ids = *options.keys;
  uint64_t taken = 0;
  for (uint64_t i = options.skip; i < ids.size() && taken < limit_of(options); ++i, ++taken) {
    const auto position = static_cast<size_t>(options.descending ? ids.size() - 1 - i : i);
    const std::string& id = ids[position];
    CO_TRY_ASSIGN(auto record, co_await reader.value(keys::document(id)));
    if (!record) {
      rows.append_missing(id);
    } else {
      CO_TRY(co_await rows.append(id, *record));
    }
  }
  co_return false;
}

}  // namespace

Task<Result<std::string>> read_all_docs(const DocumentReader& reader,
                                        const AllDocsOptions& options) {
  CO_TRY_ASSIGN(auto counters_bytes, co_await reader.value(keys::kCounters));
  CO_TRY_ASSIGN(Counters counters, Counters::decode(counters_bytes));
  std::string text = "{\"total_rows\":" + std::to_string(counters.live_documents);
  text.append(",\"offset\":").append(std::to_string(options.skip));
  if (options.update_seq) {
    text.append(",\"update_seq\":").append(std::to_string(counters.update_sequence));
  }
  text.append(",\"rows\":[");
  RowWriter rows(reader, options, text);
  CO_TRY_ASSIGN(const bool was_cut, options.keys ? co_await append_keys(reader, options, rows)
                                                 : co_await append_range(reader, options, rows));
  text.append(was_cut ? "],\"is_cut\":true}" : "]}");
  co_return text;
}

}  // namespace couchlet
