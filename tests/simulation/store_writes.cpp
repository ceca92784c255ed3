#include "store_writes.h"

#include <memory>
#include <string>
#include <utility>

#include "store_keys.h"

namespace couchlet {

struct StoreWrites::Commit {
  uint64_t plan = 0;  // what it does follows from this and from the state
  bool changes_nothing = false;
  bool declines = false;

  // Of the last decision.
  std::optional<StoreModel::Token> base;     // the state it was made on
  std::optional<StoreModel::Token> attempt;  // the state it makes
  StoreModel::Token newest_at_call = 0;
};

// The changes of one decision, beside those that the view takes. Each read is compared with what it
// must give: a change of the decision's own, or what the model has in the state it is made on.
class StoreWrites::Draft {
 public:
  Draft(SimulatedRun& run, const StoreModel& model, WriteView& view, StoreModel::Token base)
      : run_(run), model_(model), view_(view), base_(base) {}

  Task<Result<std::optional<std::string>>> get(std::string key) {
    CO_TRY_ASSIGN(auto value, co_await view_.get(key));
    if (value != expected(key)) {
      run_.fail("A decision on state " + std::to_string(base_) + " reads a wrong value under " +
                key);
    }
    co_return value;
  }

  // A few entries from a key on.
  Task<Result<void>> walk(std::string from) {
    StoreModel::Entries entries = model_.entries(base_);
    for (const auto& [key, value] : keys) {
      if (value) {
        entries[key] = *value;
      } else {
        entries.erase(key);
      }
    }
    const std::unique_ptr<Cursor> cursor = view_.cursor();
    CO_TRY(co_await cursor->seek(from));
    auto at = entries.lower_bound(from);
    for (int step = 0; step < 10; ++step, ++at) {
      const bool is_right = at == entries.end() ? !cursor->valid()
                                                : cursor->valid() && cursor->key() == at->first &&
                                                      cursor->value() == at->second;
      if (!is_right) {
        run_.fail("A decision on state " + std::to_string(base_) + " walks wrong from " + from);
      }
      if (!is_right || at == entries.end()) break;
      CO_TRY(co_await cursor->next());
    }
    co_return Result<void>();
  }

  void put(std::string key, std::string value) {
    view_.put(key, value);
    keys[std::move(key)] = std::move(value);
  }
  void erase(std::string key) {
    view_.erase(key);
    keys[std::move(key)] = std::nullopt;
  }
  void put_blob(std::string key, std::string bytes) {
    view_.put_blob({.key = key, .bytes = bytes});
    blobs[std::move(key)] = std::move(bytes);
  }
  void erase_blob(std::string key) {
    view_.erase_blob(key);
    blobs[std::move(key)] = std::nullopt;
  }

  StoreModel::Token attempt = 0;
  StoreModel::Changes keys;
  StoreModel::Changes blobs;

 private:
  std::optional<std::string> expected(const std::string& key) const {
    const auto change = keys.find(key);
    return change != keys.end() ? change->second : model_.value(base_, key);
  }

  SimulatedRun& run_;
  const StoreModel& model_;
  WriteView& view_;
  StoreModel::Token base_;
};

Task<Result<void>> StoreWrites::commit_something(StoreLife& life) {
  Commit commit;
  commit.plan = run_.random.next();
  commit.changes_nothing = run_.chance(80);
  commit.declines = run_.chance(80);
  commit.newest_at_call = model_.newest();
  const auto decision = [this, &life, &commit](WriteView& view) {
    return decide(life, view, commit);
  };
  const Result<void> answer = co_await life.store->commit(decision);
  if (life.has_crashed()) co_return answer;
  check_answer(life, commit, answer);
  if (has_declined(commit, answer)) co_return Result<void>();
  co_return answer;
}

Task<Result<void>> StoreWrites::decide(StoreLife& life, WriteView& view, Commit& commit) {
  if (life.has_crashed()) co_return Error{500, "cut_off", "This context has crashed"};
  if (commit.attempt) complain(life, model_.deny(*commit.attempt));
  commit.attempt.reset();
  commit.base.reset();
  CO_TRY_ASSIGN(const auto value, co_await view.get(StoreModel::kTokenKey));
  if (life.has_crashed()) co_return Error{500, "cut_off", "This context has crashed"};
  const StoreModel::Token base = reads_.state_of(life, value);
  commit.base = base;
  if (commit.changes_nothing) co_return Result<void>();

  SeededRandom random(commit.plan);
  Draft draft(run_, model_, view, base);
  draft.attempt = model_.begin_attempt(base);
  commit.attempt = draft.attempt;
  draft.put(std::string(StoreModel::kTokenKey), std::to_string(draft.attempt));
  for (size_t steps = 1 + random.below(6); steps > 0; --steps) {
    CO_TRY(co_await take_step(draft, random));
  }
  if (random.below(1000) < habits_.blobs) CO_TRY(co_await change_blob(draft, random));
  model_.set_changes(draft.attempt, std::move(draft.keys), std::move(draft.blobs));
  if (commit.declines) co_return errors::conflict();
  run_.note(life.name(), " decides on state ", base, ": ", draft.attempt);
  co_return Result<void>();
}

Task<Result<void>> StoreWrites::take_step(Draft& draft, SeededRandom& random) {
  const std::string key = draw_key(random, habits_.key_count);
  switch (random.below(10)) {
    case 0:
    case 1:
      if (auto got = co_await draft.get(key); !got.ok()) co_return got.error();
      co_return Result<void>();
    case 2:
      draft.erase(key);
      co_return Result<void>();
    case 3:
      co_return co_await erase_once(draft, random);
    case 4:
      if (random.below(4) > 0) co_return Result<void>();
      co_return co_await draft.walk(key);
    case 5:
    case 6:
    case 7:
      co_return co_await put_once(draft, random);
    default:
      draft.put(key, draw_value(draft, random));
      co_return Result<void>();
  }
}

Task<Result<void>> StoreWrites::put_once(Draft& draft, SeededRandom& random) {
  CO_TRY_ASSIGN(const auto counter, co_await draft.get(kWriteOnceCounter));
  uint64_t next = counter ? std::stoul(*counter) : 0;
  if (random.below(1000) < habits_.large_commits) {
    for (size_t values = 1 + random.below(5); values > 0; --values) {
      draft.put(write_once_key(next++), draw_value(draft, random) + std::string(90'000, 'L'));
    }
    run_.count("large commits");
  } else {
    for (size_t values = 1 + random.below(3); values > 0; --values) {
      draft.put(write_once_key(next++), draw_value(draft, random));
    }
  }
  draft.put(kWriteOnceCounter, std::to_string(next));
  co_return Result<void>();
}

// One that is there, or else never was or has been erased before: that must do no harm.
Task<Result<void>> StoreWrites::erase_once(Draft& draft, SeededRandom& random) {
  CO_TRY_ASSIGN(const auto counter, co_await draft.get(kWriteOnceCounter));
  if (!counter) co_return Result<void>();
  for (size_t values = 1 + random.below(8); values > 0; --values) {
    const std::string key = write_once_key(random.below(std::stoul(*counter)));
    CO_TRY_ASSIGN(const auto value, co_await draft.get(key));
    if (value || random.below(10) == 0) draft.erase(key);
  }
  co_return Result<void>();
}

Task<Result<void>> StoreWrites::change_blob(Draft& draft, SeededRandom& random) {
  const std::string key = draw_blob_key(random);
  if (random.below(3) == 0) {
    draft.erase_blob(key);
  } else {
    const std::string sign = std::to_string(draft.attempt) + " ";
    draft.put_blob(key, sign + std::string(random.below(4000), 'B'));
  }
  co_return Result<void>();
}

// It tells who wrote it.
std::string StoreWrites::draw_value(const Draft& draft, SeededRandom& random) const {
  std::string value = std::to_string(draft.attempt) + " ";
  const bool is_long = random.below(1000) < habits_.long_values;
  const size_t size = random.below(is_long ? 100'000 : habits_.usual_bytes);
  for (uint64_t noise = random.next(); value.size() < size;
       noise = noise * 6364136223846793005 + 1) {
    value.push_back(static_cast<char>(noise >> 56));
  }
  return value;
}

bool StoreWrites::has_declined(const Commit& commit, const Result<void>& answer) {
  return commit.declines && !answer.ok() && answer.error().name == "conflict";
}

void StoreWrites::check_answer(StoreLife& life, const Commit& commit, const Result<void>& answer) {
  const bool is_decision = answer.ok() || has_declined(commit, answer);
  run_.note(life.name(), " is answered ", answer.ok() ? "ok" : answer.error().name, " for ",
            commit.attempt.value_or(0));
  if (is_decision && (commit.changes_nothing || commit.declines)) {
    complain(life, model_.see(*commit.base));
    if (model_.version(*commit.base) < model_.version(commit.newest_at_call)) {
      complain(life, "a decision was made on state " + std::to_string(*commit.base) +
                         ", after others had seen " + std::to_string(commit.newest_at_call));
    }
  } else if (answer.ok()) {
    complain(life, model_.see(*commit.attempt));
    life.note_seen(model_, *commit.attempt);
    run_.count("commits");
  }
  const bool is_turned_away = !answer.ok() && answer.error().name != "outcome_unknown";
  if (is_turned_away && commit.attempt) complain(life, model_.deny(*commit.attempt));
}

void StoreWrites::complain(const StoreLife& life, const std::string& wrong) {
  if (!wrong.empty()) run_.fail(life.name() + ": " + wrong);
}

}  // namespace couchlet
