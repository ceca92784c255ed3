// SimulatedMedium: one context's connection to a SimulatedDisk, in the weather of the run.
//
// A call waits on its way to the disk, has its effect at one moment (or not), and waits on its way
// back; calls overtake each other. A context may crash on either way: it is then cut off. The
// engine's code can't be killed, so it goes on, as a ghost: no call of a context that is cut off
// has an effect, each is answered with an error, no news come, and nobody is to look at what the
// ghost thinks, until its tasks have come to their ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulated_disk.h"
#include "simulated_run.h"
#include "store/medium.h"
#include "weather.h"

namespace couchlet {

// Bytes of a context that have been handed over ahead of the commit that names them (BlobPut).
struct StagedPieces {
  std::map<uint32_t, std::string> by_number;
  uint32_t last_number = 0;
};

// What the fleet holds of a medium, which itself belongs to a store.
class Connection {
 public:
  Connection(SimulatedRun& run, Weather& weather, std::shared_ptr<SimulatedDisk> disk,
             std::string name);

  // The context crashes.
  void cut();
  bool is_cut() const { return is_cut_; }
  void on_cut(std::function<void()> listener) { on_cut_ = std::move(listener); }
  // As Medium::read_blob(), for those in this context that read beside its store. REQUIRES: the
  // connection outlives the call.
  Task<Result<std::optional<std::string>>> read_blob(std::string key, uint64_t offset,
                                                     uint64_t length);
  // Another connection of the same context, which goes down with this one.
  void add(std::shared_ptr<Connection> other) {
    other->staged = staged;
    other_ = std::move(other);
  }

  const std::string& name() const { return name_; }

  std::shared_ptr<StagedPieces> staged = std::make_shared<StagedPieces>();

 private:
  friend class SimulatedMedium;
  enum class Mishap { kNone, kFailsBefore, kFailsAfter, kLostBefore, kLostAfter };

  Mishap draw_mishap();
  Task<void> travel();

  SimulatedRun& run_;
  Weather& weather_;
  std::shared_ptr<SimulatedDisk> disk_;
  std::shared_ptr<SimulatedDisk::Inbox> inbox_;
  std::string name_;
  std::function<void()> on_cut_;
  std::shared_ptr<Connection> other_;
  bool is_cut_ = false;
};

class SimulatedMedium final : public Medium {
 public:
  explicit SimulatedMedium(std::shared_ptr<Connection> connection);
  ~SimulatedMedium() override;

  Task<Result<std::vector<Record>>> read(Area area, uint64_t first, uint64_t last,
                                         size_t limit) override;
  Task<Result<std::vector<Record>>> read_ranges(Area area,
                                                std::vector<RecordRange> ranges) override;
  Task<Result<CommitOutcome>> commit(MediumBatch batch) override;
  Task<Result<std::optional<std::string>>> read_blob(std::string key, uint64_t offset,
                                                     uint64_t length) override;
  Task<bool> begin_merging() override;
  void end_merging() override;
  void on_foreign_commit(std::function<void(uint64_t)> listener) override;
  void close() override;
  Task<Result<void>> destroy() override;

 private:
  using Mishap = Connection::Mishap;
  class Call;

  SimulatedRun& run() const { return connection_->run_; }
  SimulatedDisk& disk() const { return *connection_->disk_; }
  void take_staged(MediumBatch& batch);
  void tell_others(uint64_t log_number);

  std::shared_ptr<Connection> connection_;
  size_t calls_under_way_ = 0;
  bool has_merging_ = false;
  bool is_closed_ = false;
};

}  // namespace couchlet
