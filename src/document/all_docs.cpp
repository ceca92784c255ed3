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
#include "store/arena.h"

namespace couchlet {
namespace {

// Writes rows into their places.
class RowWriter {
 public:
  RowWriter(const DocumentReader& reader, const AllDocsOptions& options, RowSink& sink)
      : reader_(reader), options_(options), sink_(sink) {}

  bool has_documents() const { return options_.include_docs; }

  Task<Result<void>> append(size_t place, std::string_view id, std::string_view record_bytes) {
    const auto winner = decode_winning_leaf(record_bytes);
    std::string& text = sink_.begin_row(place);
    if (winner.ok()) {
      append_head(text, id, *winner);
      // As PouchDB, a deleted document (with keys) has a doc in any case.
      if (options_.include_docs || winner->info.is_deleted) {
        CO_TRY(co_await append_document(text, id, *winner, record_bytes));
      }
    } else {
      append_id(text, id);
      text.append(",\"value\":{}");
      append_error_members(text, winner.error());
    }
    text.push_back('}');
    sink_.end_row();
    co_return Result<void>();
  }

  // The same, where the document has the winner's body and both are sound; else nothing is done.
  bool append_sound(size_t place, std::string_view id, std::string_view record_bytes,
                    std::string_view body_bytes) {
    const auto winner = decode_winning_leaf(record_bytes);
    const auto body = StoredBody::decode(body_bytes);
    if (!winner.ok() || winner->info.is_deleted || !body.ok()) return false;
    const auto extras = extras_of(record_bytes);
    if (!extras.ok()) return false;
    const bool is_alone = sink_.takes_documents();
    std::string& text = is_alone ? sink_.begin_document(place, 0) : sink_.begin_row(place);
    if (!is_alone) {
      append_head(text, id, *winner);
      text.append(",\"doc\":");
    }
    couchlet::append_document(text, id, *winner, *body, *extras);
    if (!is_alone) text.push_back('}');
    sink_.end_row();
    return true;
  }

  void append_missing(size_t place, std::string_view id) {
    std::string& text = sink_.begin_row(place);
    text.append("{\"key\":");
    append_json_string(text, id);
    text.append(",\"error\":\"not_found\"}");
    sink_.end_row();
  }

  void expect(size_t rows) { sink_.expect(rows); }

 private:
  static void append_id(std::string& text, std::string_view id) {
    text.append("{\"id\":");
    append_json_string(text, id);
    text.append(",\"key\":");
    append_json_string(text, id);
  }

  static void append_head(std::string& text, std::string_view id, const RevisionNode& winner) {
    append_id(text, id);
    text.append(",\"value\":{\"rev\":\"");
    winner.revision.append_text(text);
    text.append(winner.info.is_deleted ? "\",\"deleted\":true}" : "\"}");
  }

  Result<DocumentExtras> extras_of(std::string_view record_bytes) const {
    DocumentExtras extras;
    if (!options_.conflicts) return extras;
    TRY_ASSIGN(const DocumentRecord record, DocumentRecord::decode(record_bytes));
    extras.conflicts = conflicts_of(record.tree);
    return extras;
  }

  Task<Result<void>> append_document(std::string& text, std::string_view id,
                                     const RevisionNode& winner, std::string_view record_bytes) {
    if (winner.info.is_deleted) {
      text.append(",\"doc\":null");
      co_return Result<void>();
    }
    CO_TRY_ASSIGN(const DocumentExtras extras, extras_of(record_bytes));
    text.append(",\"doc\":");
    auto appended = co_await reader_.append_revision(text, id, winner, extras);
    if (appended.ok() || !is_lost(appended.error())) co_return appended;
    text.append("null");
    append_error_members(text, appended.error());
    co_return Result<void>();
  }

  const DocumentReader& reader_;
  const AllDocsOptions& options_;
  RowSink& sink_;
};

// Rows on their way to the writer, some at a time, so that the bodies that they need can be read
// together: they lie in the order in which they were written, and not in that of the ids.
class Batch {
 public:
  Batch(const DocumentReader& reader, RowWriter& rows) : reader_(reader), rows_(rows) {}

  // In the next place.
  void add(std::string_view id, std::string_view record_bytes, const Result<RevisionNode>& winner) {
    const uint64_t body = winner.ok() && rows_.has_documents() ? winner->info.body : 0;
    batch_.push_back({place_++, keep(id), keep(record_bytes), body});
    answer_bytes_ += kRowBytes + 2 * id.size() + (body != 0 ? winner->info.size : 0);
  }

  bool is_full() const { return texts_->allocated_bytes() >= kBytes; }

  // About what the rows take that have been added.
  uint64_t answer_bytes() const { return answer_bytes_; }

  void add_missing(std::string_view id) { rows_.append_missing(place_++, id); }

  Task<Result<void>> finish() {
    rows_.expect(place_);
    std::vector<bool> is_done(batch_.size());
    if (batch_.size() > 1) co_await append_sound(is_done);
    for (size_t i = 0; i < batch_.size(); ++i) {
      if (is_done[i]) continue;
      CO_TRY(co_await rows_.append(batch_[i].place, batch_[i].id, batch_[i].record));
    }
    batch_.clear();
    texts_ = std::make_unique<Arena>();
    co_return Result<void>();
  }

 private:
  // All bodies are read anew for each batch, if ids and bodies are in different orders: a hundred
  // thousand documents with ids of 32 characters.
  static constexpr size_t kBytes = 8 * 1024 * 1024;

  // A row has so many beside its id, which it has twice, and its document.
  static constexpr size_t kRowBytes = 80;

  struct Row {
    size_t place;
    std::string_view id;
    std::string_view record;
    uint64_t body;  // that is wanted; 0: none
  };

  std::string_view keep(std::string_view text) {
    char* const kept = texts_->allocate(text.size());
    std::copy(text.begin(), text.end(), kept);
    return {kept, text.size()};
  }

  Task<void> append_sound(std::vector<bool>& is_done) {
    std::vector<std::pair<uint64_t, size_t>> wanted;  // bodies, and the rows that they are for
    for (size_t i = 0; i < batch_.size(); ++i) {
      if (batch_[i].body != 0) wanted.emplace_back(batch_[i].body, i);
    }
    if (wanted.empty()) co_return;
    std::sort(wanted.begin(), wanted.end());
    std::vector<uint64_t> numbers;
    numbers.reserve(wanted.size());
    for (const auto& [number, row] : wanted) numbers.push_back(number);
    co_await reader_.bodies(numbers, [&](size_t i, std::string_view body) {
      const Row& row = batch_[wanted[i].second];
      is_done[wanted[i].second] = rows_.append_sound(row.place, row.id, row.record, body);
    });
  }

  const DocumentReader& reader_;
  RowWriter& rows_;
  size_t place_ = 0;
  uint64_t answer_bytes_ = 0;
  std::vector<Row> batch_;
  std::unique_ptr<Arena> texts_ = std::make_unique<Arena>();
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

ValueTask<Result<void>> move_on(Cursor& cursor, bool descending) {
  return descending ? cursor.previous() : cursor.next();
}

// Says whether the answer was cut off, as it is long enough.
Task<Result<bool>> append_range(const DocumentReader& reader, const AllDocsOptions& options,
                                Batch& batch) {
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
  const uint64_t max_bytes = options.max_bytes.value_or(std::numeric_limits<uint64_t>::max());
  const auto is_cut = [&] { return taken > 0 && batch.answer_bytes() >= max_bytes; };
  const auto is_in_range = [&] {
    return cursor->valid() && !is_past(cursor->key(), range, options.descending);
  };
  while (taken < limit_of(options) && is_in_range() && !is_cut()) {
    const auto winner = decode_winning_leaf(cursor->value());
    const bool is_deleted = winner.ok() && winner->info.is_deleted;
    if (!is_deleted && skipped++ >= options.skip) {
      batch.add(keys::id_of(cursor->key()), cursor->value(), winner);
      if (batch.is_full()) CO_TRY(co_await batch.finish());
      ++taken;
    }
    CO_TRY(co_await move_on(*cursor, options.descending));
  }
  co_return taken < limit_of(options) && is_in_range();
}

Task<Result<bool>> append_keys(const DocumentReader& reader, const AllDocsOptions& options,
                               Batch& batch) {
  const auto& ids = *options.keys;
  uint64_t taken = 0;
  for (uint64_t i = options.skip; i < ids.size() && taken < limit_of(options); ++i, ++taken) {
    const auto position = static_cast<size_t>(options.descending ? ids.size() - 1 - i : i);
    const std::string& id = ids[position];
    CO_TRY_ASSIGN(auto record, co_await reader.value(keys::document(id)));
    if (!record) {
      batch.add_missing(id);
    } else {
      batch.add(id, *record, decode_winning_leaf(*record));
      if (batch.is_full()) CO_TRY(co_await batch.finish());
    }
  }
  co_return false;
}

}  // namespace

Task<Result<std::string>> read_all_docs(const DocumentReader& reader, const AllDocsOptions& options,
                                        RowSink& sink) {
  CO_TRY_ASSIGN(auto counters_bytes, co_await reader.value(keys::kCounters));
  CO_TRY_ASSIGN(Counters counters, Counters::decode(counters_bytes));
  sink.begin();
  RowWriter rows(reader, options, sink);
  Batch batch(reader, rows);
  CO_TRY_ASSIGN(const bool was_cut, options.keys ? co_await append_keys(reader, options, batch)
                                                 : co_await append_range(reader, options, batch));
  CO_TRY(co_await batch.finish());
  std::string text = "{\"total_rows\":" + std::to_string(counters.live_documents);
  text.append(",\"offset\":").append(std::to_string(options.skip));
  if (options.update_seq) {
    text.append(",\"update_seq\":").append(std::to_string(counters.update_sequence));
  }
  text.append(was_cut ? ",\"is_cut\":true}" : "}");
  co_return text;
}

}  // namespace couchlet
