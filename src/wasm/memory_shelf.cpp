#include "wasm/memory_shelf.h"

#include <emscripten/em_macros.h>

#include <utility>

#include "base/completion.h"

extern "C" {
// blobs.library.js. A shelf and a medium are named by their addresses.
void couchlet_shelf_make(void* shelf);
void couchlet_shelf_remove(void* shelf);
void couchlet_shelf_serve(void* shelf, void* medium);
void couchlet_shelf_end_service(void* medium);
int couchlet_shelf_has(void* shelf, const char* key);
void couchlet_shelf_put(void* shelf, const char* key, const char* bytes, size_t length);
void couchlet_shelf_put_staged(void* shelf, const char* key, uint32_t staged);
void couchlet_shelf_delete(void* shelf, const char* key);
// Answered once, by couchlet_shelf_answer; before it by couchlet_shelf_room if there is the blob.
void couchlet_shelf_read(void* shelf, const char* key, double offset, double length, void* answer);
}

namespace couchlet {
namespace {

struct ShelfAnswer {
  std::optional<std::string> bytes;
  Completion<bool> arrived;
};

}  // namespace

MemoryShelf::MemoryShelf() { couchlet_shelf_make(this); }

MemoryShelf::~MemoryShelf() { couchlet_shelf_remove(this); }

bool MemoryShelf::put(const BlobPut& blob) {
  const bool is_new = couchlet_shelf_has(this, blob.key.c_str()) == 0;
  if (blob.staged != 0) {
    couchlet_shelf_put_staged(this, blob.key.c_str(), blob.staged);
  } else {
    couchlet_shelf_put(this, blob.key.c_str(), blob.bytes.data(), blob.bytes.size());
  }
  return is_new;
}

void MemoryShelf::erase(const std::string& key) { couchlet_shelf_delete(this, key.c_str()); }

Task<Result<std::optional<std::string>>> MemoryShelf::read(std::string key, uint64_t offset,
                                                           uint64_t length) {
  ShelfAnswer answer;
  couchlet_shelf_read(this, key.c_str(), static_cast<double>(offset), static_cast<double>(length),
                      &answer);
  if (!co_await answer.arrived) {
    co_return Error{500, "storage_failed", "An attachment in memory can't be read."};
  }
  co_return std::move(answer.bytes);
}

ShelfMedium::ShelfMedium(std::shared_ptr<MemoryMediumData> data, std::shared_ptr<MemoryShelf> shelf)
    : medium_(std::move(data)), shelf_(std::move(shelf)) {
  couchlet_shelf_serve(shelf_.get(), this);
}

ShelfMedium::~ShelfMedium() { couchlet_shelf_end_service(this); }

// Other contexts hear of the commit from inside it, and may ask for its blobs at once.
Task<Result<CommitOutcome>> ShelfMedium::commit(MediumBatch batch) {
  const auto puts = std::exchange(batch.blob_puts, {});
  const auto deletes = std::exchange(batch.blob_deletes, {});
  std::vector<std::string> added;
  for (const BlobPut& blob : puts) {
    if (shelf_->put(blob)) added.push_back(blob.key);
  }
  const auto outcome = co_await medium_.commit(std::move(batch));
  const bool is_committed = outcome.ok() && *outcome == CommitOutcome::kCommitted;
  for (const std::string& key : is_committed ? deletes : added) shelf_->erase(key);
  co_return outcome;
}

}  // namespace couchlet

extern "C" {

EMSCRIPTEN_KEEPALIVE char* couchlet_shelf_room(void* answer, size_t length) {
  return static_cast<couchlet::ShelfAnswer*>(answer)->bytes.emplace(length, '\0').data();
}

EMSCRIPTEN_KEEPALIVE void couchlet_shelf_answer(void* answer, int is_read) {
  static_cast<couchlet::ShelfAnswer*>(answer)->arrived.complete(is_read != 0);
}
}
