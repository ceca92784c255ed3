#include "wasm/open_databases.h"

#include <utility>

#include "wasm/indexeddb_medium.h"

extern "C" void couchlet_changed(uint32_t database);

namespace couchlet {
namespace {

Error not_open() { return {412, "precondition_failed", "Database not open"}; }

}  // namespace

Task<Result<std::unique_ptr<Medium>>> OpenDatabases::open_medium(
    const OpenOptions& options) {
  const std::string& name = options.settings.name;
  if (!options.in_memory) {
    const IndexedDbOptions medium_options{.strict_durability = options.strict_durability};
    co_return co_await IndexedDbMedium::open(name, medium_options);
  }
  auto& data = in_memory_[name];
  if (!data) data = std::make_shared<MemoryMediumData>();
  co_return std::unique_ptr<Medium>(std::make_unique<MemoryMedium>(data));
}

Task<Result<uint32_t>> OpenDatabases::open(OpenOptions options) {
  CO_TRY_ASSIGN(auto medium, co_await open_medium(options));
  const std::string memory_name = options.in_memory ? options.settings.name : "";
  CO_TRY_ASSIGN(auto database, co_await Database::open(std::move(medium),
                                                       std::move(options.settings), clock_,
                                                       random_));
  const uint32_t number = ++last_number_;
  database->on_change([number] { couchlet_changed(number); });
  open_[number] = {std::move(database), memory_name};
  co_return number;
}

std::shared_ptr<Database> OpenDatabases::find(uint32_t number) const {
  const auto found = open_.find(number);
  return found == open_.end() ? nullptr : found->second.database;
}

OpenDatabases::Entry OpenDatabases::take(uint32_t number) {
  auto node = open_.extract(number);
  return node.empty() ? Entry{} : std::move(node.mapped());
}

Task<Result<void>> OpenDatabases::close(uint32_t number) {
  const Entry entry = take(number);
  if (!entry.database) co_return not_open();
  co_return co_await entry.database->close();
}

Task<Result<void>> OpenDatabases::destroy(uint32_t number) {
  const Entry entry = take(number);
  if (!entry.database) co_return not_open();
  in_memory_.erase(entry.memory_name);
  co_return co_await entry.database->destroy();
}

}  // namespace couchlet
