// LayeredCursor: one ordered view of several layers. Of a key that more than one layer has, the
// entry of the newest counts; where that says erased, the key is not there.
//
// Going forward every layer stands at its first entry with a key at or after the cursor's, going
// back at its last at or before it; turning round takes a seek in each layer.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/entry_iterator.h"
#include "store/store.h"

namespace couchlet {

class LayeredCursor final : public Cursor {
 public:
  // `layers`: the newest first. `snapshot` is held while the cursor lives, as they look into it.
  LayeredCursor(std::vector<std::unique_ptr<EntryIterator>> layers, SnapshotRef snapshot);

  Task<Result<void>> seek(std::string_view key) override;
  Task<Result<void>> seek_back(std::string_view key) override;
  Task<Result<void>> next() override;
  Task<Result<void>> previous() override;

  bool valid() const override { return current_ != nullptr; }
  std::string_view key() const override { return current_->key(); }
  std::string_view value() const override { return current_->value(); }

 private:
  void choose_first();
  void choose_last();
  void step_forward();
  void step_backward();

  SnapshotRef snapshot_;
  std::vector<std::unique_ptr<EntryIterator>> layers_;
  EntryIterator* current_ = nullptr;
  bool is_going_forward_ = true;
};

}  // namespace couchlet
