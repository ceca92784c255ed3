// What a database has in its store, read by a context of its own; and a way to change it behind the
// database's back.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/manual_clock.h"
#include "base/run_task.h"
#include "base/seeded_random.h"
#include "document/keys.h"
#include "store/memory_medium.h"
#include "store/store.h"

namespace couchlet {

class StoredEntries {
 public:
  explicit StoredEntries(std::shared_ptr<MemoryMediumData> data)
      : store_(*run_task(Store::open(std::make_unique<MemoryMedium>(std::move(data)), clock_,
                                     random_, {.write_once_prefix = keys::kBody}))) {}

  // "b1 b2 dx s2 mcounters …": the keys that begin with one of `kinds`, numbers in decimal.
  std::string keys(std::string_view kinds = "bdsalm") {
    std::string text;
    const auto cursor = store_->cursor(store_->snapshot());
    (void)run_task(cursor->seek(""));
    for (; cursor->valid(); (void)run_task(cursor->next())) {
      const std::string_view key = cursor->key();
      if (kinds.find(key.front()) == std::string_view::npos) continue;
      const bool is_numbered = key.front() == keys::kBody || key.front() == keys::kSequence;
      if (!text.empty()) text.push_back(' ');
      text.push_back(key.front());
      text.append(is_numbered ? std::to_string(keys::number_of(key)) : std::string(key.substr(1)));
    }
    return text;
  }

  void put(const std::string& key, const std::string& value) {
    change([&](WriteView& view) { view.put(key, value); });
  }
  void erase(const std::string& key) {
    change([&](WriteView& view) { view.erase(key); });
  }

  Store& store() { return *store_; }

 private:
  void change(const std::function<void(WriteView&)>& apply) {
    (void)run_task(store_->commit([&](WriteView& view) -> Task<Result<void>> {
      apply(view);
      co_return Result<void>();
    }));
  }

  ManualClock clock_;
  SeededRandom random_{2};
  std::unique_ptr<Store> store_;
};

inline std::string stored_keys(const std::shared_ptr<MemoryMediumData>& data,
                               std::string_view kinds = "bdsalm") {
  return StoredEntries(data).keys(kinds);
}

}  // namespace couchlet
