#include "store/value_scan.h"

#include <memory>
#include <optional>
#include <utility>

#include "base/completion.h"

namespace couchlet {
namespace {

// Read at once: two of these are under way, and what is made of one holds the thread for a few
// milliseconds.
constexpr uint64_t kRequestBytes = 256 * 1024;

using Blocks = std::vector<BlockRef>;
using Take = std::function<void(size_t, std::string_view)>;

// Blocks that are read together, and the keys that are looked for in them.
struct Request {
  struct Place {
    size_t key;
    size_t block;  // of `blocks`
  };
  std::vector<TableCache::Wanted> blocks;
  std::vector<Place> places;
  Completion<Blocks> answer;
};
using RequestRef = std::shared_ptr<Request>;

Task<void> send(TableCache& cache, RequestRef request, bool keep) {
  auto blocks = co_await cache.load_together(std::move(request->blocks), keep);
  request->answer.complete(std::move(blocks));
}

class ValueScan {
 public:
  ValueScan(const Snapshot& snapshot, const std::vector<std::string>& keys, const Take& take)
      : snapshot_(snapshot), cache_(snapshot.cache()), keys_(keys), take_(take) {}

  Task<void> run() {
    RequestRef next = co_await begin_next();
    while (next) {
      const RequestRef request = std::exchange(next, nullptr);
      next = co_await begin_next();
      take_values(*request, co_await request->answer);
    }
  }

 private:
  // The block that the keys at hand are in.
  struct Spot {
    TableRef table;
    IndexRef index;
    size_t number = 0;

    bool may_have(std::string_view key) const {
      return index && key <= index->last_key(number) &&
             key > (number == 0 ? std::string_view() : index->last_key(number - 1)) &&
             key >= table->first_key;
    }
  };

  // Asks for the blocks of the next keys, as many as make a request; null if no more are needed.
  Task<RequestRef> begin_next() {
    auto request = std::make_shared<Request>();
    uint64_t bytes = 0;
    for (; next_key_ < keys_.size(); ++next_key_) {
      const std::string& key = keys_[next_key_];
      if (const auto entry = snapshot_.find_in_memtable(key)) {
        if (!entry->is_erased) take_(next_key_, entry->value);
        continue;
      }
      if (may_be_in_a_run(key) && !co_await is_in_no_run(key)) continue;
      if (!at_.may_have(key) && !co_await locate(key)) continue;
      const bool is_new = request->blocks.empty() || !is_last(*request);
      if (is_new && !fits(*request, bytes)) break;
      if (is_new) {
        request->blocks.push_back({at_.table, at_.index, at_.number});
        bytes += request->blocks.back().bytes();
      }
      request->places.push_back({next_key_, request->blocks.size() - 1});
    }
    if (request->blocks.empty()) co_return nullptr;
    spawn(send(cache_, request, snapshot_.fits_into_cache()));
    co_return request;
  }

  bool is_last(const Request& request) const {
    return request.blocks.back().table == at_.table && request.blocks.back().block == at_.number;
  }

  // Whether the block at hand may be added: one request has ascending records of one area.
  bool fits(const Request& request, uint64_t bytes) const {
    if (request.blocks.empty()) return true;
    const TableCache::Wanted& last = request.blocks.back();
    const TableCache::Wanted added{at_.table, at_.index, at_.number};
    return bytes + added.bytes() <= kRequestBytes && added.table->area == last.table->area &&
           added.first_record() > last.first_record();
  }

  bool may_be_in_a_run(std::string_view key) const {
    for (const Run& run : snapshot_.manifest().runs) {
      if (find_table(*run.tables, key)) return true;
    }
    return false;
  }

  // In a run it would be erased, most likely.
  Task<bool> is_in_no_run(std::string_view key) {
    for (const Run& run : snapshot_.manifest().runs) {
      const TableRef table = find_table(*run.tables, key);
      if (!table) continue;
      const Result<IndexRef> index = co_await cache_.load_index(*table);
      if (!index.ok() || (*index)->may_have(key)) co_return false;
    }
    co_return true;
  }

  // Goes to the block that the key would be in; false if there is none, or its table's index can't
  // be read.
  Task<bool> locate(std::string_view key) {
    TableRef table = find_table(snapshot_.segments(), key);
    if (!table) co_return false;
    if (at_.table != table) {
      Result<IndexRef> index = co_await cache_.load_index(*table);
      if (!index.ok()) co_return false;
      at_ = {std::move(table), *std::move(index)};
    }
    at_.number = at_.index->find_block(key);
    co_return true;
  }

  void take_values(const Request& request, const Blocks& blocks) {
    size_t number = blocks.size();
    std::optional<Block::Iterator> at;
    for (const Request::Place& place : request.places) {
      if (!blocks[place.block]) continue;
      const std::string& key = keys_[place.key];
      if (place.block != number) {
        at.emplace(*blocks[place.block]);
        number = place.block;
        at->seek(key);
      } else {
        // Mostly all of a block are wanted.
        if (at->valid() && at->key() < key) at->next();
        if (!at->valid() || at->key() != key) at->seek(key);
      }
      if (at->valid() && at->key() == key && !at->is_erased()) take_(place.key, at->value());
    }
  }

  const Snapshot& snapshot_;
  TableCache& cache_;
  const std::vector<std::string>& keys_;
  const Take& take_;
  size_t next_key_ = 0;
  Spot at_;
};

}  // namespace

Task<void> read_values(SnapshotRef snapshot, std::vector<std::string> keys, Take take) {
  ValueScan scan(*snapshot, keys, take);
  co_await scan.run();
}

}  // namespace couchlet
