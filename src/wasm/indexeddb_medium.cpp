#include "wasm/indexeddb_medium.h"

#include <emscripten/em_macros.h>

#include <string>
#include <utility>

#include "base/completion.h"

extern "C" {
// indexeddb_medium.library.js and merge_lock.library.js. A medium is named by its address, and what
// waits for an answer by its own. Each call with an answer is answered once, by couchlet_idb_done
// or couchlet_idb_failed.
void couchlet_idb_open(void* medium, const char* name, int is_strict, void* answer);
void couchlet_idb_read(void* medium, uint32_t area, const double* numbers, size_t range_count,
                       double limit, void* answer);
void couchlet_idb_read_blob(void* medium, const char* key, double offset, double length,
                            void* answer);
// A batch is handed over piece by piece (the bytes are copied out at once), then committed.
void couchlet_idb_add(void* medium, uint32_t area, double expected_number, int is_void_elsewhere,
                      const char* bytes, size_t length);
void couchlet_idb_put(void* medium, uint32_t area, double number, const char* bytes, size_t length);
void couchlet_idb_delete(void* medium, uint32_t area, double first, double last);
void couchlet_idb_put_blob(void* medium, const char* key, const char* bytes, size_t length);
void couchlet_idb_put_staged(void* medium, const char* key, uint32_t staged);
void couchlet_idb_delete_blob(void* medium, const char* key);
void couchlet_idb_commit(void* medium, void* answer);
void couchlet_idb_begin_merging(void* medium, void* answer);
void couchlet_idb_end_merging(void* medium);
void couchlet_idb_close(void* medium);
void couchlet_idb_destroy(void* medium, void* answer);
}

namespace couchlet {
namespace {

// What a call waits for.
struct IdbAnswer {
  std::vector<Record> records;  // of a read; of a blob one, or none if there is no such blob
  int outcome = 0;  // of a commit: CommitOutcome; of begin_merging: whether it is granted
  Completion<Result<void>> arrived;
};

double to_double(uint64_t number) { return static_cast<double>(number); }

}  // namespace

Task<Result<std::unique_ptr<Medium>>> IndexedDbMedium::open(std::string name,
                                                            IndexedDbOptions options) {
  const int is_strict = options.strict_durability ? 1 : 0;
  std::unique_ptr<IndexedDbMedium> medium(new IndexedDbMedium(std::move(options)));
  IdbAnswer answer;
  couchlet_idb_open(medium.get(), name.c_str(), is_strict, &answer);
  CO_TRY(co_await answer.arrived);
  co_return std::unique_ptr<Medium>(std::move(medium));
}

IndexedDbMedium::~IndexedDbMedium() { couchlet_idb_close(this); }

Task<Result<std::vector<Record>>> IndexedDbMedium::read(Area area, uint64_t first, uint64_t last,
                                                        size_t limit) {
  const double numbers[] = {to_double(first), to_double(last)};
  IdbAnswer answer;
  couchlet_idb_read(this, static_cast<uint32_t>(area), numbers, 1, to_double(limit), &answer);
  CO_TRY(co_await answer.arrived);
  co_return std::move(answer.records);
}

Task<Result<std::vector<Record>>> IndexedDbMedium::read_ranges(Area area,
                                                               std::vector<RecordRange> ranges) {
  std::vector<double> numbers;
  for (const RecordRange& range : ranges) {
    numbers.push_back(to_double(range.first));
    numbers.push_back(to_double(range.last));
  }
  IdbAnswer answer;
  couchlet_idb_read(this, static_cast<uint32_t>(area), numbers.data(), ranges.size(), 0, &answer);
  CO_TRY(co_await answer.arrived);
  co_return std::move(answer.records);
}

Task<Result<CommitOutcome>> IndexedDbMedium::commit(MediumBatch batch) {
  if (const auto& numbered = batch.numbered) {
    couchlet_idb_add(this, static_cast<uint32_t>(numbered->area),
                     to_double(numbered->expected_number), numbered->is_void_elsewhere ? 1 : 0,
                     numbered->bytes.data(), numbered->bytes.size());
  }
  for (const MediumBatch::Put& put : batch.puts) {
    couchlet_idb_put(this, static_cast<uint32_t>(put.area), to_double(put.number), put.bytes.data(),
                     put.bytes.size());
  }
  for (const MediumBatch::Delete& range : batch.deletes) {
    couchlet_idb_delete(this, static_cast<uint32_t>(range.area), to_double(range.first),
                        to_double(range.last));
  }
  for (const BlobPut& blob : batch.blob_puts) {
    if (blob.staged != 0) {
      couchlet_idb_put_staged(this, blob.key.c_str(), blob.staged);
    } else {
      couchlet_idb_put_blob(this, blob.key.c_str(), blob.bytes.data(), blob.bytes.size());
    }
  }
  for (const std::string& key : batch.blob_deletes) couchlet_idb_delete_blob(this, key.c_str());
  batch = {};  // JavaScript has copies: no need to hold the bytes twice
  IdbAnswer answer;
  couchlet_idb_commit(this, &answer);
  CO_TRY(co_await answer.arrived);
  co_return static_cast<CommitOutcome>(answer.outcome);
}

Task<Result<std::optional<std::string>>> IndexedDbMedium::read_blob(std::string key,
                                                                    uint64_t offset,
                                                                    uint64_t length) {
  IdbAnswer answer;
  couchlet_idb_read_blob(this, key.c_str(), to_double(offset), to_double(length), &answer);
  CO_TRY(co_await answer.arrived);
  if (answer.records.empty()) co_return std::nullopt;
  co_return std::move(answer.records.front().bytes);
}

Task<bool> IndexedDbMedium::begin_merging() {
  IdbAnswer answer;
  couchlet_idb_begin_merging(this, &answer);
  const Result<void> arrived = co_await answer.arrived;
  co_return arrived.ok() && answer.outcome == 1;
}

void IndexedDbMedium::end_merging() { couchlet_idb_end_merging(this); }

void IndexedDbMedium::on_foreign_commit(std::function<void(uint64_t)> listener) {
  listener_ = std::move(listener);
}

void IndexedDbMedium::hear_of(uint64_t log_number) {
  if (listener_) listener_(log_number);
}

void IndexedDbMedium::lose(const Error& error) {
  if (options_.on_lost) options_.on_lost(error);
}

void IndexedDbMedium::close() { couchlet_idb_close(this); }

Task<Result<void>> IndexedDbMedium::destroy() {
  IdbAnswer answer;
  couchlet_idb_destroy(this, &answer);
  co_return co_await answer.arrived;
}

}  // namespace couchlet

extern "C" {

// Room for a record that was read.
EMSCRIPTEN_KEEPALIVE char* couchlet_idb_room(void* answer, double number, size_t length) {
  auto& records = static_cast<couchlet::IdbAnswer*>(answer)->records;
  records.push_back({static_cast<uint64_t>(number), std::string(length, '\0')});
  return records.back().bytes.data();
}

EMSCRIPTEN_KEEPALIVE void couchlet_idb_done(void* answer, int outcome) {
  auto& waiting = *static_cast<couchlet::IdbAnswer*>(answer);
  waiting.outcome = outcome;
  waiting.arrived.complete({});
}

EMSCRIPTEN_KEEPALIVE void couchlet_idb_failed(void* answer, int status, const char* name,
                                              const char* reason) {
  static_cast<couchlet::IdbAnswer*>(answer)->arrived.complete(
      couchlet::Error{status, name, reason});
}

EMSCRIPTEN_KEEPALIVE void couchlet_idb_lost(void* medium, int status, const char* name,
                                            const char* reason) {
  static_cast<couchlet::IndexedDbMedium*>(medium)->lose({status, name, reason});
}

EMSCRIPTEN_KEEPALIVE void couchlet_idb_foreign_commit(void* medium, double number) {
  static_cast<couchlet::IndexedDbMedium*>(medium)->hear_of(static_cast<uint64_t>(number));
}
}
