#include "store/collection.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "store/layered_cursor.h"
#include "store/run_iterator.h"

namespace couchlet {
namespace {

// Neighbours as small as this are put together, as many as make a segment.
constexpr uint64_t kSmallBytes = kSegmentBytes / 8;
constexpr size_t kLeastSmallNeighbours = 4;

bool is_worthwhile(const Segment& segment, CollectionStep::Choice choice) {
  if (choice == CollectionStep::Choice::kAll) return segment.erased_count > 0;
  return 2 * segment.erased_count > segment.table->entry_count;
}

// Behind the last of the small segments that begin at `first` and make no more than one together.
size_t end_of_small(const std::vector<Segment>& segments, size_t first) {
  uint64_t bytes = 0;
  size_t last = first;
  for (; last < segments.size(); ++last) {
    bytes += segments[last].table->bytes;
    if (segments[last].table->bytes > kSmallBytes || bytes > kSegmentBytes) break;
  }
  return last;
}

std::unique_ptr<LayeredCursor> erasures(const Manifest& manifest, TableCache& cache) {
  std::vector<std::unique_ptr<EntryIterator>> layers;
  layers.reserve(manifest.runs.size());
  for (const Run& run : manifest.runs) {
    layers.push_back(std::make_unique<RunIterator>(cache, run.tables, run.from_key));
  }
  return std::make_unique<LayeredCursor>(std::move(layers), nullptr, LayeredCursor::Erased::kShown);
}

}  // namespace

Task<Result<std::optional<CollectionStep>>> CollectionStep::prepare(ManifestRef manifest,
                                                                    TableCache& cache,
                                                                    Choice choice) {
  const std::vector<Segment>& segments = manifest->segments;
  CollectionStep step;
  for (size_t i = 0; i < segments.size() && step.last_ == 0; ++i) {
    const size_t end = end_of_small(segments, i);
    if (is_worthwhile(segments[i], choice)) {
      step.first_ = i;
      step.last_ = i + 1;
    } else if (end - i >= kLeastSmallNeighbours) {
      step.first_ = i;
      step.last_ = end;
    }
  }
  if (step.last_ == 0) co_return std::nullopt;
  step.manifest_ = std::move(manifest);
  CO_TRY(co_await step.rewrite(cache));
  co_return std::optional<CollectionStep>(std::move(step));
}

// Segments and what erases their keys, side by side.
Task<Result<void>> CollectionStep::rewrite(TableCache& cache) {
  auto inputs = std::make_shared<Tables>();
  for (size_t i = first_; i < last_; ++i) inputs->push_back(manifest_->segments[i].table);
  RunIterator at(cache, std::move(inputs), "");
  const auto erased = erasures(*manifest_, cache);
  CO_TRY(co_await erased->seek(manifest_->segments[first_].table->first_key));

  TableBuilder builder(TableBuilder::Filter::kNone);
  at.seek("");
  while (true) {
    if (!at.is_ready()) CO_TRY(co_await at.load());
    if (!at.valid()) break;
    while (erased->valid() && erased->key() < at.key()) CO_TRY(co_await erased->next());
    const bool is_erased = erased->valid() && erased->key() == at.key();
    if (!is_erased) builder.put(at.key(), at.value());
    if (builder.bytes() >= kSegmentBytes) tables_.push_back(builder.finish());
    at.next();
  }
  if (!builder.empty()) tables_.push_back(builder.finish());
  co_return Result<void>();
}

bool CollectionStep::apply(ManifestChange& change, int64_t now_ms) {
  std::vector<Segment>& segments = change.next().segments;
  const auto first = std::find_if(segments.begin(), segments.end(), [this](const Segment& segment) {
    return *segment.table == *manifest_->segments[first_].table;
  });
  const size_t count = last_ - first_;
  if (static_cast<size_t>(segments.end() - first) < count) return false;
  uint64_t erased_meanwhile = 0;
  for (size_t i = 0; i < count; ++i) {
    const Segment& before = manifest_->segments[first_ + i];
    const Segment& now = first[static_cast<std::ptrdiff_t>(i)];
    if (*now.table != *before.table) return false;
    erased_meanwhile += now.erased_count - before.erased_count;
  }

  for (size_t i = 0; i < count; ++i) {
    change.next().retire(*first[static_cast<std::ptrdiff_t>(i)].table, now_ms);
  }
  std::vector<Segment> written;
  for (BuiltTable& table : tables_) {
    Segment segment{change.place(std::move(table)), 0, manifest_->flushed_through};
    if (written.empty()) segment.erased_count = erased_meanwhile;
    written.push_back(std::move(segment));
  }
  const auto behind = segments.erase(first, first + static_cast<std::ptrdiff_t>(count));
  segments.insert(behind, std::make_move_iterator(written.begin()),
                  std::make_move_iterator(written.end()));
  return true;
}

}  // namespace couchlet
