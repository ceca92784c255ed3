#include "simulated_medium.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace couchlet {

namespace {

Error failure() { return {500, "io_error", "The simulated storage failed"}; }
Error cut_off() { return {500, "cut_off", "This context has crashed"}; }

constexpr const char* kAreaNames[] = {"log", "parts", "manifest", "blocks"};

std::string text_of(const MediumBatch& batch) {
  std::string text;
  if (batch.numbered) {
    text += batch.numbered->area == Area::kLog ? " log " : " manifest ";
    text += std::to_string(batch.numbered->expected_number);
  }
  for (const auto& put : batch.puts) {
    text.append(" ").append(kAreaNames[static_cast<size_t>(put.area)]).append(" ");
    text += std::to_string(put.number);
  }
  for (const auto& range : batch.deletes) {
    text.append(" without ").append(kAreaNames[static_cast<size_t>(range.area)]).append(" ");
    text += std::to_string(range.first) + ".." + std::to_string(range.last);
  }
  for (const auto& blob : batch.blob_puts) text += " blob " + blob.key;
  for (const auto& key : batch.blob_deletes) text += " without blob " + key;
  return text;
}

}  // namespace

Connection::Connection(SimulatedRun& run, Weather& weather, std::shared_ptr<SimulatedDisk> disk,
                       std::string name)
    : run_(run),
      weather_(weather),
      disk_(std::move(disk)),
      inbox_(std::make_shared<SimulatedDisk::Inbox>()),
      name_(std::move(name)) {
  disk_->inboxes.push_back(inbox_);
}

void Connection::cut() {
  if (is_cut_) return;
  is_cut_ = true;
  run_.note(name_, " crashes");
  run_.count("crashes");
  inbox_.reset();
  if (disk_->merger == this) disk_->merger = nullptr;
  if (other_) other_->cut();
  if (const auto listener = on_cut_) listener();
}

Task<Result<std::optional<std::string>>> Connection::read_blob(std::string key, uint64_t offset,
                                                               uint64_t length) {
  const Mishap mishap = draw_mishap();
  co_await travel();
  if (is_cut_) co_return cut_off();
  std::optional<std::string> bytes = disk_->read_blob(key, offset, length);
  co_await travel();
  if (is_cut_) co_return cut_off();
  if (mishap == Mishap::kFailsBefore || mishap == Mishap::kFailsAfter) co_return failure();
  co_return bytes;
}

Connection::Mishap Connection::draw_mishap() {
  if (run_.chance(weather_.failing)) {
    return run_.chance(500) ? Mishap::kFailsBefore : Mishap::kFailsAfter;
  }
  if (run_.chance(weather_.losing)) {
    return run_.chance(500) ? Mishap::kLostBefore : Mishap::kLostAfter;
  }
  return Mishap::kNone;
}

// One way. A crash can come before, on, or at the end of it.
Task<void> Connection::travel() {
  if (!run_.chance(weather_.immediate)) {
    const int64_t most = run_.chance(weather_.slow) ? weather_.slow_us : weather_.usual_us;
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(static_cast<size_t>(most + 1))));
  }
  if (run_.random.below(10'000) < weather_.crashing) cut();
}

// A call that is under way. After close() none may begin, and the medium must outlive them all.
class SimulatedMedium::Call {
 public:
  explicit Call(SimulatedMedium& medium) : medium_(medium) {
    if (medium.is_closed_) medium.run().fail(medium.connection_->name() + ": a call after close()");
    ++medium_.calls_under_way_;
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() { --medium_.calls_under_way_; }

 private:
  SimulatedMedium& medium_;
};

SimulatedMedium::SimulatedMedium(std::shared_ptr<Connection> connection)
    : connection_(std::move(connection)) {}

SimulatedMedium::~SimulatedMedium() {
  if (calls_under_way_ > 0) run().fail(connection_->name() + ": is gone before its calls ended");
  connection_->inbox_.reset();
}

Task<Result<std::vector<Record>>> SimulatedMedium::read(Area area, uint64_t first, uint64_t last,
                                                        size_t limit) {
  const Call call(*this);
  const Mishap mishap = connection_->draw_mishap();
  co_await connection_->travel();
  if (connection_->is_cut()) co_return cut_off();
  std::vector<Record> records = disk().read(area, first, last, limit);
  co_await connection_->travel();
  if (connection_->is_cut()) co_return cut_off();
  // A connection that breaks is made again, and the read repeated.
  const bool fails = mishap == Mishap::kFailsBefore || mishap == Mishap::kFailsAfter;
  run().note(connection_->name(), fails ? " fails to read " : " reads ",
             kAreaNames[static_cast<size_t>(area)], " ", first, "..", last, ": ", records.size());
  if (fails) co_return failure();
  co_return records;
}

// One look at the disk for all of them, as in IndexedDB.
Task<Result<std::vector<Record>>> SimulatedMedium::read_ranges(Area area,
                                                               std::vector<RecordRange> ranges) {
  const Call call(*this);
  const Mishap mishap = connection_->draw_mishap();
  co_await connection_->travel();
  if (connection_->is_cut()) co_return cut_off();
  std::vector<Record> all;
  for (const RecordRange& range : ranges) {
    std::vector<Record> records = disk().read(area, range.first, range.last, 0);
    std::move(records.begin(), records.end(), std::back_inserter(all));
  }
  co_await connection_->travel();
  if (connection_->is_cut()) co_return cut_off();
  const bool fails = mishap == Mishap::kFailsBefore || mishap == Mishap::kFailsAfter;
  run().note(connection_->name(), fails ? " fails to read " : " reads ",
             kAreaNames[static_cast<size_t>(area)], " ", ranges.size(), " ranges: ", all.size());
  if (fails) co_return failure();
  co_return all;
}

Task<Result<CommitOutcome>> SimulatedMedium::commit(MediumBatch batch) {
  const Call call(*this);
  const Mishap mishap = connection_->draw_mishap();
  take_staged(batch);
  co_await connection_->travel();
  if (connection_->is_cut()) co_return cut_off();
  Result<CommitOutcome> outcome = CommitOutcome::kUnknown;
  if (mishap != Mishap::kFailsBefore && mishap != Mishap::kLostBefore) {
    outcome = disk().apply(batch);
    const bool is_written = outcome.ok() && *outcome == CommitOutcome::kCommitted;
    run().note(connection_->name(), is_written ? " writes" : " fails to write", text_of(batch));
    if (is_written && batch.numbered && batch.numbered->area == Area::kLog) {
      tell_others(batch.numbered->expected_number);
    }
  }
  co_await connection_->travel();
  if (connection_->is_cut()) co_return cut_off();
  switch (mishap) {
    case Mishap::kNone:
      co_return outcome;
    case Mishap::kFailsBefore:
    case Mishap::kFailsAfter:
      run().note(connection_->name(), " is told that it failed to write", text_of(batch));
      co_return failure();
    case Mishap::kLostBefore:
    case Mishap::kLostAfter:
      run().note(connection_->name(), " does not hear whether it wrote", text_of(batch));
      co_return CommitOutcome::kUnknown;
  }
}

Task<Result<std::optional<std::string>>> SimulatedMedium::read_blob(std::string key,
                                                                    uint64_t offset,
                                                                    uint64_t length) {
  const Call call(*this);
  co_return co_await connection_->read_blob(std::move(key), offset, length);
}

Task<bool> SimulatedMedium::begin_merging() {
  const Call call(*this);
  co_await connection_->travel();
  if (connection_->is_cut()) co_return false;
  if (has_merging_) run().fail(connection_->name() + ": begins to merge twice");
  if (connection_->weather_.has_locks) {
    if (disk().merger != nullptr) co_return false;
    disk().merger = connection_.get();
  }
  run().note(connection_->name(), " may merge");
  run().count("merges granted");
  has_merging_ = true;
  co_await connection_->travel();
  co_return true;
}

void SimulatedMedium::end_merging() {
  if (!has_merging_) run().fail(connection_->name() + ": ends a merging that was not granted");
  has_merging_ = false;
  if (disk().merger == connection_.get()) disk().merger = nullptr;
}

void SimulatedMedium::on_foreign_commit(std::function<void(uint64_t)> listener) {
  if (connection_->inbox_) connection_->inbox_->listener = std::move(listener);
}

void SimulatedMedium::close() {
  run().note(connection_->name(), " is closed");
  if (has_merging_) run().fail(connection_->name() + ": is closed while it may merge");
  is_closed_ = true;
  connection_->inbox_.reset();
}

Task<Result<void>> SimulatedMedium::destroy() {
  {
    const Call call(*this);
    co_await connection_->travel();
    if (connection_->is_cut()) co_return cut_off();
    disk().clear();
    co_await connection_->travel();
  }
  close();
  co_return Result<void>();
}

void SimulatedMedium::take_staged(MediumBatch& batch) {
  for (BlobPut& blob : batch.blob_puts) {
    if (blob.staged == 0) continue;
    const auto found = connection_->staged->by_number.find(blob.staged);
    if (found == connection_->staged->by_number.end()) {
      run().fail(connection_->name() + ": bytes that are to be committed are staged no more");
    } else {
      blob.bytes = found->second;
    }
  }
}

namespace {

Task<void> deliver(SimulatedRun& run, std::weak_ptr<SimulatedDisk::Inbox> to, int64_t after_us,
                   uint64_t log_number) {
  co_await run.time.wait(after_us);
  const std::shared_ptr<SimulatedDisk::Inbox> inbox = to.lock();
  if (inbox && inbox->listener) inbox->listener(log_number);
}

}  // namespace

void SimulatedMedium::tell_others(uint64_t log_number) {
  const Weather& weather = connection_->weather_;
  std::erase_if(disk().inboxes, [](const auto& inbox) { return inbox.expired(); });
  for (const auto& inbox : disk().inboxes) {
    if (inbox.lock() == connection_->inbox_ || run().chance(weather.lost_news)) continue;
    const size_t most_us = run().chance(weather.late_news) ? 10'000'000 : 2000;
    const auto after_us = static_cast<int64_t>(run().random.below(most_us));
    spawn(deliver(run(), inbox, after_us, log_number));
  }
}

}  // namespace couchlet
