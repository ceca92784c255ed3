// Medium: where the store's records live. IndexedDB in a browser; memory; doubles with faults in
// tests.
//
// A medium holds areas of records. A record is a byte string of at most kMaxRecordBytes under a
// 64-bit number. The numbers of the log and the manifest are given by the medium itself: one after
// another, in one total order over all contexts (tabs, workers) that have the medium open, never
// used twice, also not after a record was deleted (IndexedDB's key generator). In the other areas
// the writer chooses them.
//
// A batch commits whole or not at all. It can carry one numbered record, with the number that the
// writer expects it to get; where another context was faster the batch is not committed and the
// outcome says so. To know its number before it is committed costs a record time; one that is void
// under any other number (Numbered::is_void_elsewhere) can be committed without.
#pragma once

#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"

namespace couchlet {

// Chromium's LevelDB backend wraps a value above 64 KiB as a blob: put and get then cost three
// times as much (docs/performance.md), so a larger value is cut into parts.
inline constexpr size_t kMaxRecordBytes = 60 * 1024;

// IndexedDB's keys are doubles, which hold whole numbers exactly up to here.
inline constexpr uint64_t kMaxRecordNumber = (uint64_t{1} << 53) - 1;

enum class Area : uint8_t {
  kLog = 0,       // numbered: one record a commit
  kParts = 1,     // what did not fit into a log record; see log_format.h
  kManifest = 2,  // numbered: the newest names all that is live; see manifest.h
  kBlocks = 3,    // the blocks of tables; see table_format.h
};
inline constexpr size_t kAreaCount = 4;

struct Record {
  uint64_t number = 0;
  std::string bytes;
};

struct RecordRange {
  uint64_t first = 0;
  uint64_t last = 0;  // inclusive
};

// A large value beside the records: an attachment. It is put and deleted by the same batches, but
// need not come through here to be stored: code above the engine may have handed the medium its
// bytes, in a form of its own, and names them by the number that it got for them.
struct BlobPut {
  std::string key;      // ASCII
  std::string bytes;    // if nothing was handed over
  uint32_t staged = 0;  // what was; 0: nothing
};

struct MediumBatch {
  struct Numbered {
    Area area = Area::kLog;  // kLog or kManifest
    uint64_t expected_number = 0;
    std::string bytes;
    // Under another number readers take the record for nothing. The medium need not look at its
    // number before it commits. REQUIRES: there is nothing else in the batch.
    bool is_void_elsewhere = false;
  };
  struct Put {
    Area area = Area::kParts;  // not a numbered area
    uint64_t number = 0;
    std::string bytes;
  };
  struct Delete {
    Area area = Area::kLog;
    uint64_t first = 0;
    uint64_t last = 0;  // inclusive
  };

  std::optional<Numbered> numbered;
  std::vector<Put> puts;
  std::vector<Delete> deletes;
  std::vector<BlobPut> blob_puts;
  std::vector<std::string> blob_deletes;
};

enum class CommitOutcome : uint8_t {
  kCommitted,
  // Another context was faster. Nothing of the batch was written; or its record was, under another
  // number, where it is void.
  kNumberTaken,
  // The connection broke before the answer came, and has been made again: the batch was written or
  // not, and can be tried again once a read has told that it was not.
  kUnknown,
};

class Medium {
 public:
  virtual ~Medium() = default;

  // Records of `area` with first <= number <= last in ascending order, in one consistent look; at
  // most `limit` of them (0: all).
  virtual Task<Result<std::vector<Record>>> read(Area area, uint64_t first, uint64_t last,
                                                 size_t limit) = 0;

  // All records of some ranges, range by range. REQUIRES: ranges ascend, there is at least one.
  virtual Task<Result<std::vector<Record>>> read_ranges(Area area,
                                                        std::vector<RecordRange> ranges) {
    std::vector<Record> all;
    for (const RecordRange& range : ranges) {
      CO_TRY_ASSIGN(std::vector<Record> records, co_await read(area, range.first, range.last, 0));
      all.insert(all.end(), std::make_move_iterator(records.begin()),
                 std::make_move_iterator(records.end()));
    }
    co_return all;
  }

  // When it resumes with kCommitted the batch is durable as far as the medium promises. On errors
  // 507 (insufficient_storage) and 4xx nothing was written; after any other error, as with
  // kUnknown, the batch may have been. In every case that is settled when commit() resumes: a read
  // that starts later tells.
  virtual Task<Result<CommitOutcome>> commit(MediumBatch batch) = 0;

  // `length` bytes of a blob from `offset` on, fewer where it ends before; none if there is no such
  // blob.
  virtual Task<Result<std::optional<std::string>>> read_blob(std::string key, uint64_t offset,
                                                             uint64_t length) = 0;

  // Whether this context is the one that merges (in a browser: by a Web Lock). True also where
  // nobody knows: two that merge cost time but do no harm, as the manifest's number decides. Each
  // begin that was granted is followed by an end.
  virtual Task<bool> begin_merging() = 0;
  virtual void end_merging() = 0;

  // `listener` is called with the log number when another context has committed. A hint: it can
  // come late, or not at all.
  virtual void on_foreign_commit(std::function<void(uint64_t)> listener) = 0;

  // No call may follow close(). destroy() removes every record and closes; other contexts get
  // errors.
  virtual void close() = 0;
  virtual Task<Result<void>> destroy() = 0;
};

}  // namespace couchlet
