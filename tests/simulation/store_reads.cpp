#include "store_reads.h"

#include <iterator>
#include <limits>
#include <utility>

#include "base/hex.h"
#include "store/snapshot_gone.h"
#include "store_keys.h"

namespace couchlet {

namespace {

std::string shown(const std::optional<std::string>& value) {
  if (!value) return "nothing";
  if (value->size() <= 40) return "\"" + *value + "\"";
  return "\"" + value->substr(0, 40) + "…\", " + std::to_string(value->size()) + " bytes";
}

std::string shown_key(std::string_view key) {
  if (!key.starts_with(kWriteOncePrefix)) return shown(std::string(key));
  return "b" + to_hex(key.substr(1));
}

}  // namespace

StoreModel::Token StoreReads::state_of(const StoreLife& life,
                                       const std::optional<std::string>& value) {
  const std::optional<StoreModel::Token> token = model_.token_of(value);
  if (!token) run_.fail(life.name() + " reads a state that nobody wrote: " + shown(value));
  return token.value_or(0);
}

Task<Result<void>> StoreReads::read_something(StoreLife& life) {
  const SnapshotRef snapshot = life.store->snapshot();
  co_return co_await renew_if_gone(life, snapshot, co_await read_from(life, snapshot));
}

Task<Result<void>> StoreReads::read_from(StoreLife& life, SnapshotRef snapshot) {
  CO_TRY_ASSIGN(const Look here, co_await look(life, snapshot));
  CO_TRY(co_await read_at(life, here));
  if (!run_.chance(200)) co_return Result<void>();
  for (size_t times = run_.between(1, 5); times > 0; --times) {
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(4'000'000)));
    CO_TRY(co_await read_at(life, here));
  }
  co_return Result<void>();
}

Task<Result<void>> StoreReads::read_all(StoreLife& life, StoreModel::Token least) {
  const SnapshotRef snapshot = life.store->snapshot();
  co_return co_await renew_if_gone(life, snapshot, co_await read_all_from(life, snapshot, least));
}

Task<Result<void>> StoreReads::read_all_from(StoreLife& life, SnapshotRef snapshot,
                                             StoreModel::Token least) {
  CO_TRY_ASSIGN(const Look here, co_await look(life, snapshot));
  if (model_.version(here.state) < model_.version(least)) {
    run_.fail(life.name() + " sees state " + std::to_string(here.state) + ", not yet " +
              std::to_string(least));
  }
  constexpr size_t kAllSteps = std::numeric_limits<size_t>::max();
  CO_TRY(co_await walk(life, here, {.from = "", .steps = kAllSteps}));
  co_return co_await walk(
      life, here, {.from = std::string(300, '\xff'), .is_forward = false, .steps = kAllSteps});
}

// Who is told that his snapshot is gone asks for another one.
Task<Result<void>> StoreReads::renew_if_gone(StoreLife& life, SnapshotRef snapshot,
                                             Result<void> result) {
  if (result.ok() || !is_snapshot_gone(result.error())) co_return result;
  run_.count("snapshots gone");
  CO_TRY(co_await life.store->renew(snapshot));
  co_return result;
}

Task<Result<StoreReads::Look>> StoreReads::look(StoreLife& life, SnapshotRef snapshot) {
  Look here{.snapshot = std::move(snapshot)};
  const StoreModel::Token least = life.seen;
  CO_TRY_ASSIGN(const auto value, co_await life.store->get(here.snapshot, StoreModel::kTokenKey));
  if (life.has_crashed()) co_return here;
  here.state = state_of(life, value);
  if (const std::string wrong = model_.see(here.state); !wrong.empty()) {
    run_.fail(life.name() + " reads: " + wrong);
  }
  if (model_.version(here.state) < model_.version(least)) {
    run_.fail(life.name() + " goes back from state " + std::to_string(least) + " to " +
              std::to_string(here.state));
  }
  life.note_seen(model_, here.state);
  co_return here;
}

Task<Result<void>> StoreReads::read_at(StoreLife& life, const Look& look) {
  if (run_.chance(500)) co_return co_await get_some(life, look);
  Walk way{.from = draw_any_key(look), .is_forward = run_.chance(500)};
  way.turning = run_.chance(300) ? run_.between(1, 500) : 0;
  way.steps = run_.chance(200) ? 1000 : run_.between(1, 30);
  co_return co_await walk(life, look, std::move(way));
}

Task<Result<void>> StoreReads::get_some(StoreLife& life, const Look& look) {
  for (size_t times = run_.between(1, 6); times > 0; --times) {
    const std::string key = draw_any_key(look);
    CO_TRY_ASSIGN(const auto value, co_await life.store->get(look.snapshot, key));
    if (life.has_crashed()) co_return Result<void>();
    const auto expected = model_.value(look.state, key);
    if (value != expected) {
      run_.fail(life.name() + " reads under " + shown_key(key) + " in state " +
                std::to_string(look.state) + " " + shown(value) + ", not " + shown(expected));
    }
  }
  run_.count("gets");
  co_return Result<void>();
}

Task<Result<void>> StoreReads::walk(StoreLife& life, const Look& look, Walk walk) {
  if (life.has_crashed()) co_return Result<void>();
  const StoreModel::Entries entries = model_.entries(look.state);
  const std::unique_ptr<Cursor> cursor = life.store->cursor(look.snapshot);
  auto at = entries.end();
  if (walk.is_forward) {
    at = entries.lower_bound(walk.from);
    CO_TRY(co_await cursor->seek(walk.from));
  } else {
    const auto after = entries.upper_bound(walk.from);
    if (after != entries.begin()) at = std::prev(after);
    CO_TRY(co_await cursor->seek_back(walk.from));
  }
  for (size_t step = 0; !run_.has_failed() && !life.has_crashed(); ++step) {
    const bool is_right = at == entries.end() ? !cursor->valid()
                                              : cursor->valid() && cursor->key() == at->first &&
                                                    cursor->value() == at->second;
    if (!is_right) {
      run_.fail(life.name() + " walks " + (walk.is_forward ? "forward" : "back") + " from " +
                shown_key(walk.from) + " in state " + std::to_string(look.state) + " to " +
                (cursor->valid() ? shown_key(cursor->key()) : "the end") + ", not to " +
                (at == entries.end() ? "the end" : shown_key(at->first)) + ", after " +
                std::to_string(step) + " steps");
    }
    if (!is_right || at == entries.end() || step == walk.steps) break;
    if (walk.is_forward) {
      ++at;
      CO_TRY(co_await cursor->next());
    } else {
      at = at == entries.begin() ? entries.end() : std::prev(at);
      CO_TRY(co_await cursor->previous());
    }
    if (run_.chance(walk.turning)) walk.is_forward = !walk.is_forward;
  }
  run_.count("walks");
  co_return Result<void>();
}

Task<Result<void>> StoreReads::read_blob(StoreLife& life) {
  const std::string key = draw_blob_key(run_.random);
  const StoreModel::Token since = model_.newest();
  const uint64_t offset = run_.chance(500) ? 0 : run_.random.below(3000);
  const uint64_t length = run_.chance(500) ? 100'000 : run_.random.below(3000);
  CO_TRY_ASSIGN(const auto bytes, co_await life.store->read_blob(key, offset, length));
  if (!life.has_crashed() && !model_.may_read_blob(since, key, offset, length, bytes)) {
    run_.fail(life.name() + " reads " + shown(bytes) + " from blob " + key);
  }
  run_.count("blob reads");
  co_return Result<void>();
}

std::string StoreReads::draw_any_key(const Look& look) {
  if (!run_.chance(300)) return draw_key(run_.random, key_count_);
  const auto counter = model_.value(look.state, kWriteOnceCounter);
  return write_once_key(run_.random.below(1 + (counter ? std::stoul(*counter) : 0)));
}

}  // namespace couchlet
