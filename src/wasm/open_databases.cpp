#include "wasm/open_databases.h"

#include <utility>
#include <vector>

#include "wasm/error_json.h"
#include "wasm/indexeddb_medium.h"

extern "C" {
void couchlet_changed(uint32_t database);
void couchlet_lost(uint32_t database, const char* error, size_t length);
}

namespace couchlet {
namespace {

Error not_open() { return {412, "precondition_failed", "Database not open"}; }

Error destroyed() {
  return {412, "precondition_failed", "The database was destroyed, here or in another tab."};
}

// Holds on to the database until what runs in it has come to its end.
Task<void> close_lost(std::shared_ptr<Database> database) { (void)co_await database->close(); }

}  // namespace

Task<Result<std::unique_ptr<Medium>>> OpenDatabases::open_medium(const OpenOptions& options,
                                                                 std::shared_ptr<Loss> loss) {
  const std::string& name = options.settings.name;
  if (!options.in_memory) {
    IndexedDbOptions medium_options{.strict_durability = options.strict_durability};
    medium_options.on_lost = [this, loss](const Error& error) {
      loss->error = error;
      if (loss->number != 0) lose(loss->number, error);
    };
    co_return co_await IndexedDbMedium::open(name, std::move(medium_options));
  }
  const InMemory& held = in_memory_[name];
  co_return std::unique_ptr<Medium>(std::make_unique<ShelfMedium>(held.data, held.shelf));
}

Task<Result<uint32_t>> OpenDatabases::open(OpenOptions options) {
  const auto loss = std::make_shared<Loss>();
  CO_TRY_ASSIGN(auto medium, co_await open_medium(options, loss));
  void* const medium_address = medium.get();
  const std::string memory_name = options.in_memory ? options.settings.name : "";
  CO_TRY_ASSIGN(auto opened, co_await Database::open(std::move(medium), std::move(options.settings),
                                                     clock_, random_));
  const std::shared_ptr<Database> database = std::move(opened);
  if (loss->error) {
    co_await close_lost(database);
    co_return *loss->error;
  }
  const uint32_t number = loss->number = ++last_number_;
  database->on_change([number] { couchlet_changed(number); });
  open_[number] = {database, memory_name, medium_address};
  co_return number;
}

std::shared_ptr<Database> OpenDatabases::find(uint32_t number) const {
  const auto found = open_.find(number);
  return found == open_.end() ? nullptr : found->second.database;
}

void* OpenDatabases::medium_of(uint32_t number) const {
  const auto found = open_.find(number);
  return found == open_.end() ? nullptr : found->second.medium;
}

OpenDatabases::Entry OpenDatabases::take(uint32_t number) {
  auto node = open_.extract(number);
  return node.empty() ? Entry{} : std::move(node.mapped());
}

void OpenDatabases::lose(uint32_t number, const Error& error) {
  const Entry entry = take(number);
  if (!entry.database) return;
  const std::string text = error_json(error);
  couchlet_lost(number, text.data(), text.size());
  spawn(close_lost(entry.database));
}

Task<Result<void>> OpenDatabases::close(uint32_t number) {
  const Entry entry = take(number);
  if (!entry.database) co_return not_open();
  co_return co_await entry.database->close();
}

Task<Result<void>> OpenDatabases::destroy(uint32_t number) {
  const Entry entry = take(number);
  if (!entry.database) co_return not_open();
  if (!entry.memory_name.empty()) {
    in_memory_.erase(entry.memory_name);
    std::vector<uint32_t> others;
    for (const auto& [other, open] : open_) {
      if (open.memory_name == entry.memory_name) others.push_back(other);
    }
    for (const uint32_t other : others) lose(other, destroyed());
  }
  co_return co_await entry.database->destroy();
}

}  // namespace couchlet
