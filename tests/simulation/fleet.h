// Fleet: several contexts on one database. They live at once, work, are closed, crash and come
// back, in all weathers. In the end the weather clears, and all who then live, and one who opens
// the database anew, must see the same and be able to go on. What they have open, and what their
// work is, is for a subclass to say.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/completion.h"
#include "base/result.h"
#include "base/task.h"
#include "life.h"
#include "simulated_disk.h"
#include "simulated_run.h"
#include "store/store.h"
#include "weather.h"

namespace couchlet {

class Fleet {
 public:
  explicit Fleet(SimulatedRun& run);
  virtual ~Fleet() = default;
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  Task<void> sail();
  bool has_arrived() const { return has_arrived_; }
  std::string who_works() const;

 protected:
  using LifePtr = std::shared_ptr<Life>;

  // Opens the database on the connection's medium, in a tab: the first is 1, and 0 is for those who
  // come when the weather has cleared.
  virtual Task<Result<LifePtr>> open(std::shared_ptr<Connection> connection, size_t tab) = 0;
  // One operation, drawn from the seed. Its error is looked at here.
  virtual Task<Result<void>> work(Life& life) = 0;
  virtual Task<Result<void>> compact(Life& life) = 0;
  // In fair weather: sees all that there is, which must be right.
  virtual Task<Result<void>> see_all(Life& life) = 0;
  // When all have seen it.
  virtual void check_disk() = 0;
  // When one has compacted, and all were idle.
  virtual void check_compacted(Life& by) = 0;

  bool is_fair() const { return is_fair_; }  // the weather has cleared
  size_t tab_count() const { return tab_count_; }
  const StoreOptions& store_options() const { return store_options_; }

  SimulatedRun& run_;
  const std::shared_ptr<SimulatedDisk> disk_;

 private:
  Task<void> inhabit(size_t tab);
  Task<LifePtr> begin_life(size_t tab);
  Task<void> live(LifePtr life, bool is_last);
  Task<void> keep_working(LifePtr life);
  Task<void> end_life(LifePtr life);
  Task<void> bury(LifePtr life);
  Task<void> change_weather();
  void accept(const std::string& name, bool is_closing, const Error& error);

  Task<void> agree();
  void clear_weather();
  Task<void> meet();
  void expect(const Life& life, const char* what, const Result<void>& result);

  Weather weather_;
  size_t tab_count_;
  size_t lives_per_tab_;
  size_t workers_;    // of each life
  size_t most_work_;  // of each worker
  StoreOptions store_options_;

  size_t lives_ = 0;  // that have begun
  size_t tabs_living_ = 0;
  size_t ghosts_ = 0;  // crashed contexts whose tasks have not ended
  Event changed_;      // either of them
  std::vector<LifePtr> survivors_;
  std::vector<std::weak_ptr<Life>> all_;
  bool is_fair_ = false;
  bool has_arrived_ = false;
};

}  // namespace couchlet
