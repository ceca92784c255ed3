// A database in memory for a test, and short ways to talk to it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/manual_clock.h"
#include "base/run_task.h"
#include "base/seeded_random.h"
#include "document/database.h"
#include "store/memory_medium.h"

namespace couchlet {

class MemoryDatabase {
 public:
  explicit MemoryDatabase(
      std::shared_ptr<MemoryMediumData> data = std::make_shared<MemoryMediumData>(),
      Retention retention = {})
      : data(std::move(data)) {
    auto medium = std::make_unique<MemoryMedium>(this->data);
    DatabaseSettings settings{.name = "test",
                              .revs_limit = retention.revs_limit,
                              .auto_compaction = retention.auto_compaction};
    database = *run_task(Database::open(std::move(medium), settings, clock, random));
  }

  explicit MemoryDatabase(Retention retention)
      : MemoryDatabase(std::make_shared<MemoryMediumData>(), retention) {}

  // Writes one document; its revision, or the name of its error.
  std::string put(std::string_view text) { return outcome(write(text, true)); }

  // Merges one document that has its _rev or _revisions.
  std::string merge(std::string_view text) { return outcome(write(text, false)); }

  WriteResult write(std::string_view text, bool new_edits) {
    return run_task(database->write({text}, {.new_edits = new_edits}))->front();
  }

  // A document's text, or an error's name and reason.
  std::string get(std::string_view id, GetOptions options = {}) {
    return text_of(run_task(database->get(id, std::move(options))));
  }

  std::string all_docs(AllDocsOptions options = {}) {
    return text_of(run_task(database->all_docs(std::move(options))));
  }

  std::string changes(ChangesOptions options = {}) {
    return text_of(run_task(database->changes(std::move(options), nullptr)));
  }

  DatabaseInfo info() { return *run_task(database->info()); }

  static std::string text_of(const Result<std::string>& result) {
    return result.ok() ? *result : result.error().name + ": " + result.error().reason;
  }

  std::shared_ptr<MemoryMediumData> data;
  ManualClock clock;
  SeededRandom random{1};
  std::unique_ptr<Database> database;

 private:
  static std::string outcome(const WriteResult& result) {
    return result.error ? result.error->name : result.rev;
  }
};

}  // namespace couchlet
