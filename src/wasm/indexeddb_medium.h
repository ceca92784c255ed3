// Medium on IndexedDB: a database "couchlet:" + name with one object store an area. The numbered
// areas have a key generator, whose numbers are a total order over all contexts that have the
// database open; a batch whose record gets another number than expected is aborted, which gives the
// number back. A record that is void elsewhere is committed without looking at its number first.
//
// Others hear of a commit by a BroadcastChannel, where there is one. A connection that the browser
// has closed (Safari does that to pages in the background) is opened again and the call repeated; a
// commit that was on its way is answered with kUnknown.
//
// The database itself can be lost while it is open: destroyed by another context (412
// precondition_failed), taken over by a newer couchlet (412 newer_version), or removed by the
// browser (410 storage_lost). From then on every call gets that error.
//
// docs/architecture.md tells what follows from IndexedDB's costs, indexeddb_medium.library.js does
// it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "store/medium.h"

namespace couchlet {

struct IndexedDbOptions {
  // A commit resumes only when the bytes are on the disk, and not already when the operating system
  // has them (IDBTransactionOptions.durability). Off as in browsers: twice as slow, and a crash of
  // the browser loses nothing either way.
  bool strict_durability = false;

  // Called once, as soon as it is known that the database is lost, but not after close(). May
  // close the medium.
  std::function<void(const Error&)> on_lost = {};
};

class IndexedDbMedium final : public Medium {
 public:
  // Makes the database if there is none. Errors: 500 indexeddb_unavailable where the realm has no
  // IndexedDB or doesn't let us use it, 500 unsupported_format where a newer couchlet made it.
  static Task<Result<std::unique_ptr<Medium>>> open(std::string name, IndexedDbOptions options);

  ~IndexedDbMedium() override;

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

  // Called from JavaScript.
  void hear_of(uint64_t log_number);
  void lose(const Error& error);

 private:
  explicit IndexedDbMedium(IndexedDbOptions options) : options_(std::move(options)) {}

  const IndexedDbOptions options_;
  std::function<void(uint64_t)> listener_;
};

}  // namespace couchlet
