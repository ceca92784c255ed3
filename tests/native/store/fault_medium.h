// FaultMedium: stands between a store and its medium, and makes calls fail, crash, come late and
// overtake each other, as a test asks for. It fails the test that hands it a record the media in
// browsers would be slow with.
//
// With turns, a call waits for one before it has its effect and for another before it is answered,
// and so does the news of another context's commit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "store/medium.h"
#include "store/turns.h"

namespace couchlet {

enum class Fault {
  kNone,
  kFailBefore,   // an error, and no effect
  kFailAfter,    // an error, though it had its effect
  kRefuse,       // 507, and no effect
  kLoseBefore,   // the connection breaks: of a commit kUnknown is answered, and it had no effect
  kLoseAfter,    // the same, and it had its effect
  kCrashBefore,  // the context is cut off from here on: no call has an effect, each is an error
  kCrashAfter,
};

// What a test holds of a FaultMedium, which itself belongs to a store.
struct Faults {
  Turns* turns = nullptr;  // none: calls complete at once
  // Asked at the beginning of each call; the first is 0.
  std::function<Fault(size_t call)> choose = [](size_t) { return Fault::kNone; };
  bool is_news_lost = false;

  size_t calls = 0;
  bool is_crashed = false;
};

class FaultMedium final : public Medium {
 public:
  FaultMedium(std::unique_ptr<Medium> medium, std::shared_ptr<Faults> faults);

  Task<Result<std::vector<Record>>> read(Area area, uint64_t first, uint64_t last,
                                         size_t limit) override;
  Task<Result<CommitOutcome>> commit(MediumBatch batch) override;
  Task<Result<std::optional<std::string>>> read_blob(std::string key, uint64_t offset,
                                                     uint64_t length) override;
  Task<bool> begin_merging() override { return medium_->begin_merging(); }
  void end_merging() override { medium_->end_merging(); }
  void on_foreign_commit(std::function<void(uint64_t)> listener) override;
  void close() override;
  Task<Result<void>> destroy() override;

 private:
  Fault begin_call();
  Task<void> wait_for_turn();
  Task<void> deliver(uint64_t number);

  std::unique_ptr<Medium> medium_;
  std::shared_ptr<Faults> faults_;
  std::function<void(uint64_t)> listener_;
  bool is_closed_ = false;
  std::shared_ptr<const bool> is_alive_ = std::make_shared<const bool>(true);
};

}  // namespace couchlet
