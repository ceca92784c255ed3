// The databases that this context has open, each under a number that JavaScript knows it by.
//
// One that is lost while it is open (removed by the browser, destroyed in another tab, …) is closed
// here, which ends what waits in it, and JavaScript is told why (couchlet_lost). So is one in
// memory that another of its name destroys.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "document/database.h"
#include "store/memory_medium.h"
#include "wasm/memory_shelf.h"
#include "wasm/open_options.h"

namespace couchlet {

class OpenDatabases {
 public:
  OpenDatabases(Clock& clock, Random& random) : clock_(clock), random_(random) {}

  // Resumes with the database's number.
  Task<Result<uint32_t>> open(OpenOptions options);

  // Null for a number that isn't open (any more). Whoever holds the pointer keeps the database
  // alive.
  std::shared_ptr<Database> find(uint32_t number) const;

  // The address of its medium, by which JavaScript finds its blobs; null for one that isn't open.
  void* medium_of(uint32_t number) const;

  Task<Result<void>> close(uint32_t number);
  Task<Result<void>> destroy(uint32_t number);

 private:
  struct Entry {
    std::shared_ptr<Database> database;
    std::string memory_name;  // "" where it isn't in memory
    void* medium = nullptr;   // what JavaScript knows it by
  };
  struct InMemory {
    std::shared_ptr<MemoryMediumData> data = std::make_shared<MemoryMediumData>();
    std::shared_ptr<MemoryShelf> shelf = std::make_shared<MemoryShelf>();
  };

  // What is known of a database before it has a number.
  struct Loss {
    uint32_t number = 0;
    std::optional<Error> error;
  };

  Task<Result<std::unique_ptr<Medium>>> open_medium(const OpenOptions& options,
                                                    std::shared_ptr<Loss> loss);
  Entry take(uint32_t number);
  void lose(uint32_t number, const Error& error);

  Clock& clock_;
  Random& random_;
  std::map<uint32_t, Entry> open_;
  // What databases in memory hold, by name: they outlive being closed, as long as the page does.
  std::map<std::string, InMemory> in_memory_;
  uint32_t last_number_ = 0;
};

}  // namespace couchlet
