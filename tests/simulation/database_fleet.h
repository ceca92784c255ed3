// DatabaseFleet: a fleet at the level of the Database, checked against a DocumentModel.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "database_life.h"
#include "document_edits.h"
#include "document_model.h"
#include "document_views.h"
#include "fleet.h"

namespace couchlet {

class DatabaseFleet final : public Fleet {
 public:
  explicit DatabaseFleet(SimulatedRun& run);

 protected:
  Task<Result<LifePtr>> open(std::shared_ptr<Connection> connection, size_t tab) override;
  Task<Result<void>> work(Life& life) override;
  Task<Result<void>> compact(Life& life) override;
  Task<Result<void>> see_all(Life& life) override;
  void check_disk() override;
  void check_compacted(Life& by) override;

 private:
  DocumentModel model_;
  bool compacts_automatically_;
  size_t compactions_;  // in a thousand operations
  DocumentViews views_;
  DocumentEdits edits_;

  std::map<size_t, FeedFollower> tabs_;
  std::string last_seen_;      // by see_all(), since the last work
  bool is_compacted_ = false;  // and nobody has worked since
};

}  // namespace couchlet
