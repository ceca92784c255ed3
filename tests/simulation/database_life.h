// DatabaseLife: a context that has a database open.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "document/database.h"
#include "life.h"

namespace couchlet {

// What a tab keeps while its contexts come and go: where it is in the changes feed, and what it
// makes of it.
struct FeedFollower {
  struct Row {
    uint64_t sequence = 0;
    std::string rev;
    bool is_deleted = false;
    bool operator==(const Row&) const = default;
  };
  uint64_t since = 0;
  std::map<std::string, Row> rows;  // by document

  // Of the tab's local document: as far as it is acknowledged, and whether more may have come.
  uint64_t local_count = 0;
  bool is_local_unknown = false;

  // What an edit was made on: to be used again, which is a conflict.
  std::string last_parent;
  std::string last_id;
};

class DatabaseLife final : public Life {
 public:
  DatabaseLife(std::shared_ptr<Connection> its_connection, std::unique_ptr<Database> its_database,
               size_t its_tab)
      : Life(std::move(its_connection)), database(std::move(its_database)), tab(its_tab) {}

  Task<Result<void>> close() override { return database->close(); }

  const std::unique_ptr<Database> database;
  const size_t tab;
  bool is_following = false;     // the feed; one at a time
  bool is_counting = false;      // in the tab's local document
  uint64_t update_sequence = 0;  // the highest that it has been told
};

}  // namespace couchlet
