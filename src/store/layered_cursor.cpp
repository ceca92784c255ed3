#include "store/layered_cursor.h"

#include <utility>

namespace couchlet {

LayeredCursor::LayeredCursor(std::vector<std::unique_ptr<EntryIterator>> layers,
                             SnapshotRef snapshot)
    : snapshot_(std::move(snapshot)), layers_(std::move(layers)) {}

Task<Result<void>> LayeredCursor::seek(std::string_view key) {
  for (auto& layer : layers_) layer->seek(key);
  is_going_forward_ = true;
  choose_first();
  co_return Result<void>();
}

Task<Result<void>> LayeredCursor::seek_back(std::string_view key) {
  for (auto& layer : layers_) layer->seek_back(key);
  is_going_forward_ = false;
  choose_last();
  co_return Result<void>();
}

Task<Result<void>> LayeredCursor::next() {
  if (!is_going_forward_) {
    const std::string here(key());
    for (auto& layer : layers_) layer->seek(here);
    is_going_forward_ = true;
  }
  step_forward();
  choose_first();
  co_return Result<void>();
}

Task<Result<void>> LayeredCursor::previous() {
  if (is_going_forward_) {
    const std::string here(key());
    for (auto& layer : layers_) layer->seek_back(here);
    is_going_forward_ = false;
  }
  step_backward();
  choose_last();
  co_return Result<void>();
}

// To the smallest key that is not erased. On a tie the layer that comes first wins, as it is newer.
void LayeredCursor::choose_first() {
  while (true) {
    current_ = nullptr;
    for (auto& layer : layers_) {
      if (layer->valid() && (current_ == nullptr || layer->key() < current_->key())) {
        current_ = layer.get();
      }
    }
    if (current_ == nullptr || !current_->is_erased()) return;
    step_forward();
  }
}

void LayeredCursor::choose_last() {
  while (true) {
    current_ = nullptr;
    for (auto& layer : layers_) {
      if (layer->valid() && (current_ == nullptr || layer->key() > current_->key())) {
        current_ = layer.get();
      }
    }
    if (current_ == nullptr || !current_->is_erased()) return;
    step_backward();
  }
}

// Every layer past the current key; the current one last, as the key is in its keeping.
void LayeredCursor::step_forward() {
  for (auto& layer : layers_) {
    if (layer.get() != current_ && layer->valid() && layer->key() == current_->key()) layer->next();
  }
  current_->next();
}

void LayeredCursor::step_backward() {
  for (auto& layer : layers_) {
    if (layer.get() != current_ && layer->valid() && layer->key() == current_->key()) {
      layer->previous();
    }
  }
  current_->previous();
}

}  // namespace couchlet
