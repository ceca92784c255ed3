// Short ways for tests to open a store and to talk to it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/manual_clock.h"
#include "base/run_task.h"
#include "base/seeded_random.h"
#include "store/fault_medium.h"
#include "store/memory_medium.h"
#include "store/store.h"

namespace couchlet {

inline Random& test_random() {
  static SeededRandom random(1);
  return random;
}

inline ManualClock& test_clock() {
  static ManualClock clock;
  return clock;
}

inline Task<Result<std::unique_ptr<Store>>> open_store(std::shared_ptr<MemoryMediumData> data,
                                                       std::shared_ptr<Faults> faults = nullptr,
                                                       StoreOptions options = {}) {
  std::unique_ptr<Medium> medium = std::make_unique<MemoryMedium>(std::move(data));
  if (faults) medium = std::make_unique<FaultMedium>(std::move(medium), std::move(faults));
  co_return co_await Store::open(std::move(medium), test_clock(), test_random(), options);
}

// A decision that puts one value.
inline Store::Decide putting(std::string key, std::string value) {
  return [key = std::move(key), value = std::move(value)](WriteView& view) -> Task<Result<void>> {
    view.put(key, value);
    co_return Result<void>();
  };
}

// A decision that erases one key.
inline Store::Decide erasing(std::string key) {
  return [key = std::move(key)](WriteView& view) -> Task<Result<void>> {
    view.erase(key);
    co_return Result<void>();
  };
}

// A decision that changes something, thinks better of it and says so.
inline Store::Decide declining(std::string key) {
  return [key = std::move(key)](WriteView& view) -> Task<Result<void>> {
    view.put(key, "never");
    co_return errors::conflict();
  };
}

// A decision that puts the number of times that it has been made: reads, adds one, puts.
inline Store::Decide counting(std::string key) {
  return [key = std::move(key)](WriteView& view) -> Task<Result<void>> {
    CO_TRY_ASSIGN(const std::optional<std::string> count, co_await view.get(key));
    view.put(key, std::to_string(count ? std::stoi(*count) + 1 : 1));
    co_return Result<void>();
  };
}

// "" for success, or the error's name.
template <typename T>
std::string outcome(const Result<T>& result) {
  return result.ok() ? "" : result.error().name;
}

// The value, "(none)", or the error's name.
inline std::string get(Store& store, std::string_view key, SnapshotRef snapshot = nullptr) {
  if (!snapshot) snapshot = store.snapshot();
  const auto value = run_task(store.get(snapshot, key));
  return value.ok() ? value->value_or("(none)") : value.error().name;
}

// "a=1 b=2", walked forward; the walk back must see the same.
inline std::string scan(Store& store, SnapshotRef snapshot = nullptr) {
  if (!snapshot) snapshot = store.snapshot();
  const std::unique_ptr<Cursor> cursor = store.cursor(snapshot);
  std::vector<std::string> entries;
  const auto entry = [&] {
    return std::string(cursor->key()) + "=" + std::string(cursor->value());
  };
  if (auto sought = run_task(cursor->seek("")); !sought.ok()) return sought.error().name;
  while (cursor->valid()) {
    entries.push_back(entry());
    if (auto moved = run_task(cursor->next()); !moved.ok()) return moved.error().name;
  }
  if (auto sought = run_task(cursor->seek_back("\xff")); !sought.ok()) return sought.error().name;
  std::string text;
  for (; cursor->valid(); (void)run_task(cursor->previous())) {
    if (entries.empty() || entries.back() != entry()) return "the walk back differs";
    text = entries.back() + (text.empty() ? "" : " ") + text;
    entries.pop_back();
  }
  return entries.empty() ? text : "the walk back is shorter";
}

}  // namespace couchlet
