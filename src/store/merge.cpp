#include "store/merge.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "store/flush.h"
#include "store/layered_cursor.h"
#include "store/run_iterator.h"

namespace couchlet {
namespace {

constexpr size_t kLeastInputs = 4;

// Neighbours in the manifest's list of runs: the inputs are [first, last), the output, if it is
// there already, is at `last`.
struct Job {
  size_t first = 0;
  size_t last = 0;
  bool has_output = false;
};

std::optional<Job> job_under_way(const std::vector<Run>& runs) {
  const auto is_input = [](const Run& run) { return run.merging_into != 0; };
  const auto first = std::find_if(runs.begin(), runs.end(), is_input);
  if (first == runs.end()) return std::nullopt;
  const auto last = std::find_if_not(first, runs.end(), [first](const Run& run) {
    return run.merging_into == first->merging_into;
  });
  return Job{static_cast<size_t>(first - runs.begin()), static_cast<size_t>(last - runs.begin()),
             last != runs.end() && last->id == first->merging_into};
}

std::optional<Job> worthwhile_job(const std::vector<Run>& runs) {
  for (size_t first = 0; first + kLeastInputs <= runs.size(); ++first) {
    uint64_t bytes = runs[first].bytes();
    size_t last = first + 1;
    for (; last < runs.size() && runs[last].bytes() <= 2 * bytes; ++last) {
      bytes += runs[last].bytes();
    }
    if (last - first >= kLeastInputs) return Job{first, last};
  }
  return std::nullopt;
}

std::optional<Job> choose_job(const std::vector<Run>& runs, MergeStep::Choice choice) {
  if (auto job = job_under_way(runs)) return job;
  switch (choice) {
    case MergeStep::Choice::kUnderWay:
      return std::nullopt;
    case MergeStep::Choice::kWorthwhile:
      return worthwhile_job(runs);
    case MergeStep::Choice::kAll:
      break;
  }
  return runs.empty() ? std::nullopt : std::optional<Job>(Job{0, runs.size()});
}

// Whether what erases a key can go: it is in the oldest run, and if the key is write-once, its
// segment does not have it any more.
class Erasures {
 public:
  Erasures(const Manifest& manifest, const Job& job, WriteOnceKeys keys)
      : manifest_(manifest), keys_(keys) {
    is_oldest_ = job.last + (job.has_output ? 1 : 0) == manifest.runs.size();
    newest_log_ = manifest.runs[job.first].newest_log;
  }

  bool can_go(std::string_view key) const {
    if (!is_oldest_ || !keys_.contain(key)) return is_oldest_;
    const Segment* segment = manifest_.segment_of(key);
    return segment == nullptr || segment->collected_through >= newest_log_;
  }

 private:
  const Manifest& manifest_;
  const WriteOnceKeys keys_;
  bool is_oldest_ = false;
  uint64_t newest_log_ = 0;
};

std::unique_ptr<LayeredCursor> cursor_over(const Manifest& manifest, const Job& job,
                                           TableCache& cache) {
  std::vector<std::unique_ptr<EntryIterator>> layers;
  for (size_t i = job.first; i < job.last; ++i) {
    const Run& run = manifest.runs[i];
    layers.push_back(std::make_unique<RunIterator>(cache, run.tables, run.from_key));
  }
  return std::make_unique<LayeredCursor>(std::move(layers), nullptr, LayeredCursor::Erased::kShown);
}

}  // namespace

Task<Result<std::optional<MergeStep>>> MergeStep::prepare(ManifestRef manifest, TableCache& cache,
                                                          WriteOnceKeys keys, Choice choice) {
  const std::optional<Job> job = choose_job(manifest->runs, choice);
  if (!job) co_return std::nullopt;
  MergeStep step;
  for (size_t i = job->first; i < job->last; ++i) {
    step.input_ids_.push_back(manifest->runs[i].id);
  }
  step.output_id_ = manifest->runs[job->first].merging_into;
  step.from_key_ = manifest->runs[job->first].from_key;

  const Erasures erasures(*manifest, *job, keys);
  const auto at = cursor_over(*manifest, *job, cache);
  TableBuilder builder(TableBuilder::Filter::kOfAllKeys);
  CO_TRY(co_await at->seek(step.from_key_));
  while (at->valid() && builder.bytes() < kRunTableBytes) {
    if (!at->is_erased()) {
      builder.put(at->key(), at->value());
    } else if (!erasures.can_go(at->key())) {
      builder.erase(at->key());
    }
    CO_TRY(co_await at->next());
  }
  step.is_last_ = !at->valid();
  if (at->valid()) step.next_from_key_ = at->key();
  if (!builder.empty()) step.table_ = builder.finish();
  co_return std::optional<MergeStep>(std::move(step));
}

bool MergeStep::apply(ManifestChange& change, int64_t now_ms) {
  std::vector<Run>& runs = change.next().runs;
  const auto is_first = [this](const Run& run) { return run.id == input_ids_.front(); };
  const auto found = std::find_if(runs.begin(), runs.end(), is_first);
  const auto first = static_cast<size_t>(found - runs.begin());
  if (first + input_ids_.size() > runs.size()) return false;
  for (size_t i = 0; i < input_ids_.size(); ++i) {
    const Run& run = runs[first + i];
    if (run.id != input_ids_[i] || run.merging_into != output_id_ || run.from_key != from_key_) {
      return false;
    }
  }

  const size_t last = first + input_ids_.size();
  const uint64_t output_id = output_id_ != 0 ? output_id_ : change.next().number;
  if (table_) {
    if (last == runs.size() || runs[last].id != output_id) {
      Run output;
      output.id = output_id;
      output.newest_log = runs[first].newest_log;
      runs.insert(runs.begin() + static_cast<std::ptrdiff_t>(last), std::move(output));
    }
    Tables tables = *runs[last].tables;
    tables.push_back(change.place(*std::exchange(table_, std::nullopt)));
    runs[last].tables = std::make_shared<const Tables>(std::move(tables));
  }

  for (size_t i = first; i < last; ++i) {
    Run& input = runs[i];
    input.merging_into = output_id;
    input.from_key = next_from_key_;
    Tables kept;
    for (const TableRef& table : *input.tables) {
      if (is_last_ || table->last_key < next_from_key_) {
        change.next().retire(*table, now_ms);
      } else {
        kept.push_back(table);
      }
    }
    input.tables = std::make_shared<const Tables>(std::move(kept));
  }
  if (is_last_) {
    runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(first),
               runs.begin() + static_cast<std::ptrdiff_t>(last));
  }
  return true;
}

}  // namespace couchlet
