// Store: an ordered map from byte strings to byte strings, durable in a Medium, shared by many
// contexts.
//
// Writes. commit(decide) runs `decide` on a WriteView: it reads what it needs and says what to put
// and erase. The store then appends one log record to the medium. If another context committed
// first, the store reads what it missed and runs `decide` again, so decide() must depend on nothing
// but its view and must start afresh each time it is called. Commits that wait together share one
// log record (group commit): each sees the effects of those before it; one whose decide() returns
// an error writes nothing and gets that error, the others go on. A decide() that changes nothing
// costs no record. What a commit answers, an error of decide() too, was decided on the newest state
// of all contexts.
//
// An error of the medium fails the commits of that group and no others; they have changed nothing,
// unless the reason says that the outcome is unknown: then the commit is found there later, or not.
//
// Reads. A Snapshot is the state after some commit; it stays what it is while it is held, for some
// seconds at least: what other contexts have merged meanwhile is not kept for longer (renew()). A
// context sees its own commits at once and those of others as soon as it hears of them (Medium's
// hint) or when it next commits or calls catch_up().
//
// One Store per medium and context. All calls on one thread. The Store must outlive its cursors and
// unfinished tasks (and a task that is begun must be awaited to its end): destroy it after close().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/value_task.h"
#include "store/medium.h"

namespace couchlet {

// What an open cursor and a get() see: one state of the store.
class Snapshot;  // opaque, reference-counted: store/snapshot.h
using SnapshotRef = std::shared_ptr<const Snapshot>;

// Walks keys in byte order, both ways. Starts at no entry; seek first.
class Cursor {
 public:
  virtual ~Cursor() = default;

  // To the first entry with key >= `key`; to the last with key <= `key`. After either, and after
  // next() or previous(), valid() tells whether there is such an entry.
  virtual ValueTask<Result<void>> seek(std::string_view key) = 0;
  virtual ValueTask<Result<void>> seek_back(std::string_view key) = 0;
  virtual ValueTask<Result<void>> next() = 0;      // REQUIRES: valid()
  virtual ValueTask<Result<void>> previous() = 0;  // REQUIRES: valid()

  virtual bool valid() const = 0;
  virtual std::string_view key() const = 0;    // REQUIRES: valid(); good until the cursor moves
  virtual std::string_view value() const = 0;  // REQUIRES: valid(); good until the cursor moves
};

// What a commit looks at and changes. Reads see the commit's own changes.
class WriteView {
 public:
  virtual ~WriteView() = default;
  virtual ValueTask<Result<std::optional<std::string>>> get(std::string_view key) = 0;
  virtual std::unique_ptr<Cursor> cursor() = 0;  // not moved while the view is being changed
  virtual void put(std::string_view key, std::string_view value) = 0;
  virtual void erase(std::string_view key) = 0;

  // Blobs are stored and removed in the commit, but are no part of the map: see Store::read_blob().
  // One commit puts or erases a blob, not both, and changes something in the map as well.
  virtual void put_blob(BlobPut blob) = 0;
  virtual void erase_blob(std::string_view key) = 0;
};

struct StoreOptions {
  size_t memtable_bytes = 4 * 1024 * 1024;  // from here on it is flushed
  size_t cache_bytes = 8 * 1024 * 1024;     // of blocks

  // Keys that begin with this byte are put once and never again (they may be erased); large values
  // are best kept under such keys, as they are then not copied when runs are merged. '\0': none.
  char write_once_prefix = '\0';
};

// What the store takes in its medium, in bytes, without blobs.
struct StoreSizes {
  uint64_t file = 0;    // all records
  uint64_t active = 0;  // without what only waits to be removed
};

class Store {
 public:
  using Decide = std::function<Task<Result<void>>(WriteView&)>;

  virtual ~Store() = default;

  // Opens what `medium` holds (nothing, in a new one). `random` gives the number by which this
  // context recognises its own log records (log_format.h). Errors: 500 corrupt_data, 500
  // unsupported_format (written by a newer version) and the medium's own.
  static Task<Result<std::unique_ptr<Store>>> open(std::unique_ptr<Medium> medium, Clock& clock,
                                                   Random& random, StoreOptions options);

  virtual Task<Result<void>> commit(Decide decide) = 0;

  virtual SnapshotRef snapshot() = 0;
  virtual ValueTask<Result<std::optional<std::string>>> get(SnapshotRef snapshot,
                                                            std::string_view key) = 0;
  virtual std::unique_ptr<Cursor> cursor(SnapshotRef snapshot) = 0;

  // The values of write-once keys, which ascend, much quicker than by a get() for each: calls
  // take(i, value) for each key keys[i] that one is found for, in no particular order. Of the
  // others only get() tells why that is so.
  virtual Task<void> get_many(SnapshotRef snapshot, std::vector<std::string> keys,
                              std::function<void(size_t, std::string_view)> take) = 0;

  // Part of a blob, as it is now, whatever the snapshot; none if there is no such blob.
  virtual Task<Result<std::optional<std::string>>> read_blob(std::string key, uint64_t offset,
                                                             uint64_t length) = 0;

  // After an operation on `stale` got the error snapshot_gone (store/snapshot_gone.h), as another
  // context has removed what it needed: makes snapshot() give one on which it can be repeated.
  // Errors: 500 corrupt_data, if nobody removed it.
  virtual Task<Result<void>> renew(SnapshotRef stale) = 0;

  // Reads the commits of other contexts that this one has not seen.
  virtual Task<Result<void>> catch_up() = 0;
  // Whether it has heard of a commit that it has not read yet.
  virtual bool is_behind() const = 0;

  // `listener` is called after each change of the visible state: own commits and those of others.
  virtual void on_commit(std::function<void()> listener) = 0;

  // Gives back all space that nothing needs: flushes, merges all runs into one, and removes what
  // was erased. May take long; reads and commits go on meanwhile.
  virtual Task<Result<void>> compact() = 0;
  // After 500 corrupt_data: leaves out what can't be read, for good, so that everything else can be
  // used again (store/salvage.h). True: there was something. Of a key that is lost nothing is left,
  // and no older value comes back.
  virtual Task<Result<bool>> salvage() = 0;
  virtual StoreSizes sizes() const = 0;

  // Waits for running commits to end, then closes the medium. Calls that come later get
  // 412 precondition_failed "database is closed". destroy() removes the records as well.
  virtual Task<Result<void>> close() = 0;
  virtual Task<Result<void>> destroy() = 0;
};

}  // namespace couchlet
