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
  enum class Erased { kHidden, kShown };

  // `layers`: the newest first. `snapshot` is held while the cursor lives, as they look into it.
  LayeredCursor(std::vector<std::unique_ptr<EntryIterator>> layers, SnapshotRef snapshot,
                Erased erased = Erased::kHidden);

  ValueTask<Result<void>> seek(std::string_view key) override;
  ValueTask<Result<void>> seek_back(std::string_view key) override;
  ValueTask<Result<void>> next() override;
  ValueTask<Result<void>> previous() override;

  bool valid() const override { return current_ != nullptr; }
  std::string_view key() const override { return current_->key(); }
  std::string_view value() const override { return current_->value(); }
  bool is_erased() const { return current_->is_erased(); }  // REQUIRES: valid()

 private:
  ValueTask<Result<void>> finish();
  Task<Result<void>> load_and_finish();
  bool settle();
  bool are_layers_ready() const;
  void choose();
  void turn_round();
  void step();

  SnapshotRef snapshot_;
  std::vector<std::unique_ptr<EntryIterator>> layers_;
  const Erased erased_;
  EntryIterator* current_ = nullptr;
  bool is_going_forward_ = true;
  bool has_to_step_ = false;  // once the layers are ready
};

}  // namespace couchlet
