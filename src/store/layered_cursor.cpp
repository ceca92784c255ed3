#include "store/layered_cursor.h"

#include <algorithm>
#include <string>
#include <utility>

namespace couchlet {

LayeredCursor::LayeredCursor(std::vector<std::unique_ptr<EntryIterator>> layers,
                             SnapshotRef snapshot, Erased erased)
    : snapshot_(std::move(snapshot)), layers_(std::move(layers)), erased_(erased) {}

ValueTask<Result<void>> LayeredCursor::seek(std::string_view key) {
  for (auto& layer : layers_) layer->seek(key);
  is_going_forward_ = true;
  has_to_step_ = false;
  return finish();
}

ValueTask<Result<void>> LayeredCursor::seek_back(std::string_view key) {
  for (auto& layer : layers_) layer->seek_back(key);
  is_going_forward_ = false;
  has_to_step_ = false;
  return finish();
}

ValueTask<Result<void>> LayeredCursor::next() {
  if (!is_going_forward_) turn_round();
  has_to_step_ = true;
  return finish();
}

ValueTask<Result<void>> LayeredCursor::previous() {
  if (is_going_forward_) turn_round();
  has_to_step_ = true;
  return finish();
}

ValueTask<Result<void>> LayeredCursor::finish() {
  if (settle()) return Result<void>();
  return load_and_finish();
}

Task<Result<void>> LayeredCursor::load_and_finish() {
  while (!settle()) {
    for (auto& layer : layers_) {
      if (layer->is_ready()) continue;
      if (Result<void> loaded = co_await layer->load(); !loaded.ok()) {
        current_ = nullptr;
        co_return loaded;
      }
    }
  }
  co_return Result<void>();
}

// To the nearest key that is not erased; false where layers have to be loaded on the way.
bool LayeredCursor::settle() {
  while (are_layers_ready()) {
    if (std::exchange(has_to_step_, false)) {
      step();
      continue;
    }
    choose();
    const bool is_hidden =
        current_ != nullptr && erased_ == Erased::kHidden && current_->is_erased();
    if (!is_hidden) return true;
    has_to_step_ = true;
  }
  return false;
}

bool LayeredCursor::are_layers_ready() const {
  return std::all_of(layers_.begin(), layers_.end(),
                     [](const auto& layer) { return layer->is_ready(); });
}

// The next key in the cursor's direction. On a tie the layer that comes first wins, as it is newer.
void LayeredCursor::choose() {
  current_ = nullptr;
  for (auto& layer : layers_) {
    if (!layer->valid()) continue;
    if (current_ == nullptr ||
        (is_going_forward_ ? layer->key() < current_->key() : layer->key() > current_->key())) {
      current_ = layer.get();
    }
  }
}

// Every layer to where it would be, had the walk come to the current key from the other side.
void LayeredCursor::turn_round() {
  const std::string here(key());
  is_going_forward_ = !is_going_forward_;
  for (auto& layer : layers_) is_going_forward_ ? layer->seek(here) : layer->seek_back(here);
}

// Every layer past the current key; the current one last, as the key is in its keeping.
void LayeredCursor::step() {
  const auto move = [this](EntryIterator& layer) {
    is_going_forward_ ? layer.next() : layer.previous();
  };
  for (auto& layer : layers_) {
    if (layer.get() != current_ && layer->valid() && layer->key() == current_->key()) move(*layer);
  }
  move(*current_);
}

}  // namespace couchlet
