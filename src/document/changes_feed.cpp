#include "document/changes_feed.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <unordered_set>

#include "document/changes_entry.h"
#include "document/counters.h"
#include "document/damage.h"
#include "document/filtered_rows.h"
#include "document/keys.h"
#include "json/json_writer.h"

namespace couchlet {
namespace {

// Where rows are not kept, so many are read before their documents are. These lie in the feed's
// order, so that nothing is gained by more.
constexpr size_t kBatchRows = 5'000;

// How much a filter is asked about at once: a way to JavaScript and back is a small part of what
// these cost, and they are a small part of the memory.
constexpr size_t kFilteredRows = 500;
constexpr size_t kFilteredBytes = size_t{1} << 20;

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

class FeedScan {
 public:
  FeedScan(const DocumentReader& reader, const ChangesOptions& options, uint64_t update_sequence,
           RowSink* sink)
      : reader_(reader), options_(options), update_sequence_(update_sequence), sink_(sink) {
    if (options.doc_ids) wanted_ids_.insert(options.doc_ids->begin(), options.doc_ids->end());
    if (options.filter) filtered_.emplace(reader, *options.filter);
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
    while (page_.row_count < limit_ && !is_cut_ && !has_looked_enough() && is_in_feed(*cursor)) {
      looked_at_ = keys::number_of(cursor->key());
      ++look_count_;
      CO_TRY(co_await take(looked_at_, cursor->value()));
      if (filtered_ && is_filter_due()) CO_TRY(ask_filter());
      if (sink_ != nullptr && wanted_.size() >= kBatchRows) CO_TRY(co_await finish_batch());
      if (options_.descending) {
        CO_TRY(co_await cursor->previous());
      } else {
        CO_TRY(co_await cursor->next());
      }
    }
    if (filtered_ && !is_cut_) CO_TRY(ask_filter());
    CO_TRY(co_await finish_batch());
    const bool has_more = is_cut_ || is_in_feed(*cursor);
    page_.is_partial = has_more && has_looked_enough();
    if (page_.is_partial && !is_cut_) last_sequence_ = looked_at_;
    finish(has_more);
    co_return std::move(page_);
  }

 private:
  struct Wanted {
    size_t row;  // of the page's
    RevisionNode winner;
    DocumentExtras extras;
  };

  bool is_in_feed(const Cursor& cursor) const {
    return cursor.valid() && cursor.key().front() == keys::kSequence &&
           keys::number_of(cursor.key()) > options_.since;
  }

  bool has_looked_enough() const {
    return options_.most_looked_at > 0 && look_count_ >= options_.most_looked_at;
  }

  Task<Result<void>> take(uint64_t sequence, std::string_view bytes) {
    const auto decoded = ChangesEntry::decode(bytes);
    if (!decoded.ok()) co_return Result<void>();  // damaged; repair() writes it anew
    const ChangesEntry& entry = *decoded;
    if (options_.doc_ids && !wanted_ids_.contains(std::string(entry.id))) co_return Result<void>();
    FeedRow found{{}, entry.winner, {}};
    found.row.sequence = sequence;
    found.row.id = std::string(entry.id);
    found.row.is_deleted = entry.winner.info.is_deleted;
    found.row.is_plain_edit = entry.is_plain_edit;
    found.row.lineage = entry.lineage;
    std::vector<RevisionNode> leaves{entry.winner};
    const bool needs_tree =
        entry.has_conflicting_leaves && (options_.all_leaves || options_.conflicts);
    if (needs_tree) CO_TRY(co_await read_tree(found, leaves));
    for (const RevisionNode& leaf : leaves) found.row.revisions.push_back(leaf.revision);
    if (filtered_) co_return co_await filtered_->add(std::move(found), leaves);
    last_sequence_ = sequence;
    accept(std::move(found));
    co_return Result<void>();
  }

  void accept(FeedRow found) {
    wanted_.push_back({page_.rows.size(), std::move(found.winner), std::move(found.extras)});
    page_.rows.push_back(std::move(found.row));
    ++page_.row_count;
  }

  bool is_filter_due() const {
    // Of a few rows that are wanted not many more may have to be looked at.
    const uint64_t wanted = limit_ - page_.row_count;
    const uint64_t rows = std::min<uint64_t>(kFilteredRows, std::max<uint64_t>(wanted, 32));
    return filtered_->size() >= rows || filtered_->bytes() >= kFilteredBytes;
  }

  Result<void> ask_filter() {
    if (filtered_->size() == 0) return {};
    TRY_ASSIGN(FilteredRows::Answer answer, filtered_->ask(limit_ - page_.row_count));
    for (FeedRow& row : answer.passing) accept(std::move(row));
    last_sequence_ = answer.last_decided;
    is_cut_ = answer.is_cut;
    return {};
  }

  // The documents of the rows that have come since the last time, and the rows into the sink.
  Task<Result<void>> finish_batch() {
    if (sink_ != nullptr) sink_->expect(page_.row_count);
    std::vector<bool> is_done(wanted_.size());
    if (options_.include_docs && wanted_.size() > 1) co_await take_sound_documents(is_done);
    for (size_t i = 0; i < wanted_.size(); ++i) {
      if (is_done[i]) continue;
      if (options_.include_docs) CO_TRY(co_await read_document(wanted_[i]));
      if (sink_ != nullptr) give_row(wanted_[i]);
    }
    wanted_.clear();
    if (sink_ != nullptr) page_.rows.clear();
    co_return Result<void>();
  }

  Task<void> take_sound_documents(std::vector<bool>& is_done) {
    std::vector<std::pair<uint64_t, size_t>> bodies;  // and whose they are
    for (size_t i = 0; i < wanted_.size(); ++i) {
      const uint64_t body = wanted_[i].winner.info.body;
      if (body != 0) bodies.emplace_back(body, i);
    }
    std::sort(bodies.begin(), bodies.end());
    std::vector<uint64_t> numbers;
    numbers.reserve(bodies.size());
    for (const auto& [number, i] : bodies) numbers.push_back(number);
    co_await reader_.bodies(numbers, [&](size_t k, std::string_view bytes) {
      const size_t i = bodies[k].second;
      const auto body = StoredBody::decode(bytes);
      is_done[i] = body.ok();
      if (body.ok()) take_document(wanted_[i], *body);
    });
  }

  void take_document(const Wanted& wanted, const StoredBody& body) {
    ChangeRow& row = page_.rows[wanted.row];
    if (sink_ != nullptr && sink_->takes_documents() && is_plain(row)) {
      std::string& text = sink_->begin_document(place_of(wanted), row.sequence);
      append_document(text, row.id, wanted.winner, body, wanted.extras);
      sink_->end_row();
      return;
    }
    append_document(row.document, row.id, wanted.winner, body, wanted.extras);
    if (sink_ != nullptr) give_row(wanted);
  }

  Task<Result<void>> read_document(const Wanted& wanted) {
    ChangeRow& row = page_.rows[wanted.row];
    auto appended =
        co_await reader_.append_revision(row.document, row.id, wanted.winner, wanted.extras);
    if (!appended.ok() && !is_lost(appended.error())) co_return appended;
    if (!appended.ok()) {
      row.document = "null";
      row.error = std::move(appended).error();
    }
    co_return Result<void>();
  }

  void give_row(const Wanted& wanted) {
    ChangeRow& row = page_.rows[wanted.row];
    append_row(sink_->begin_row(place_of(wanted)), row, options_.include_docs);
    sink_->end_row();
    row = {};
  }

  // Whether all that a row says follows from its sequence and its document.
  static bool is_plain(const ChangeRow& row) {
    return !row.is_deleted && row.revisions.size() == 1;
  }

  // Rows that have gone into the sink are not among the page's.
  size_t place_of(const Wanted& wanted) const {
    return page_.row_count - page_.rows.size() + wanted.row;
  }

  // `leaves` are those that the row names.
  Task<Result<void>> read_tree(FeedRow& row, std::vector<RevisionNode>& leaves) {
    auto found = co_await reader_.record(row.row.id);
    if (!found.ok() && !is_damage(found.error())) co_return std::move(found).error();
    if (!found.ok() || !*found) co_return Result<void>();  // damaged: the winner is in the entry
    const RevisionTree& tree = (*found)->tree;
    if (options_.conflicts) row.extras.conflicts = conflicts_of(tree);
    if (options_.all_leaves) leaves = tree.leaves();
    co_return Result<void>();
  }

  void finish(bool has_more) {
    // Rows left out count as seen, so that the next look doesn't pass them again.
    const bool reached_end = !has_more || options_.descending;
    if (options_.descending && page_.row_count > 0) {
      page_.last_sequence = last_sequence_;
      return;
    }
    page_.last_sequence = reached_end ? update_sequence_ : last_sequence_;
    page_.pending = update_sequence_ - page_.last_sequence;
  }

  const DocumentReader& reader_;
  const ChangesOptions& options_;
  const uint64_t update_sequence_;
  uint64_t limit_ = 0;
  RowSink* const sink_;
  std::unordered_set<std::string> wanted_ids_;
  ChangesPage page_;
  uint64_t last_sequence_ = 0;  // of the last row, or of one after it that doesn't pass
  uint64_t looked_at_ = 0;      // the sequence of the change that was looked at last
  uint64_t look_count_ = 0;
  bool is_cut_ = false;  // more rows pass than there may be
  std::optional<FilteredRows> filtered_;
  std::vector<Wanted> wanted_;  // rows whose documents have still to come
};

}  // namespace

Task<Result<ChangesPage>> read_changes(const DocumentReader& reader, const ChangesOptions& options,
                                       RowSink* sink) {
  CO_TRY_ASSIGN(auto bytes, co_await reader.value(keys::kCounters));
  CO_TRY_ASSIGN(Counters counters, Counters::decode(bytes));
  if (sink != nullptr) sink->begin();
  if (options.since_now || options.since >= counters.update_sequence) {
    co_return ChangesPage{{}, 0, counters.update_sequence, false};
  }
  FeedScan scan(reader, options, counters.update_sequence, sink);
  co_return co_await scan.run();
}

std::string changes_tail_json(const ChangesPage& page) {
  std::string text = "{\"last_seq\":" + std::to_string(page.last_sequence);
  text.append(",\"pending\":").append(std::to_string(page.pending)).append("}");
  return text;
}

}  // namespace couchlet
