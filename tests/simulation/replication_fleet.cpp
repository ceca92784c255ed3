#include "replication_fleet.h"

#include <cstdint>
#include <utility>

namespace couchlet {

namespace {

constexpr size_t kSecondUs = 1'000'000;

bool is_of_storage(const Error& error, const Weather& weather) {
  if (error.name == "insufficient_storage") return weather.is_disk_small;
  if (error.name == "connection_lost") return weather.losing > 0;
  return weather.has_faults() && (error.name == "io_error" || error.name == "outcome_unknown");
}

Weather draw_weather_of_storage(SimulatedRun& run, const ReplicationPlan& plan) {
  Weather weather = draw_weather(run);
  // A live replication learns by these what another context has written.
  if (plan.recovers_alone) weather.lost_news = 0;
  return weather;
}

NetworkWeather draw_weather_of_network(SimulatedRun& run, const ReplicationPlan& plan) {
  NetworkWeather weather = draw_network_weather(run);
  // A side that refuses to keep a checkpoint leaves it to the other alone, which can't tell then
  // that the first one has been made anew (checkpointer.h).
  if (plan.recreations > 0) weather.unauthorized = 0;
  return weather;
}

}  // namespace

ReplicationFleet::ReplicationFleet(SimulatedRun& run)
    : run_(run),
      plan_(draw_replication_plan(run)),
      weather_(draw_weather_of_storage(run, plan_)),
      network_weather_(draw_weather_of_network(run, plan_)),
      network_(run, network_weather_),
      layout_(run, plan_, network_weather_, network_),
      edits_(run, plan_, ledger_),
      replications_(run, plan_),
      promoter_(run, plan_, layout_.inbox(), layout_.main()) {}

Task<void> ReplicationFleet::sail() {
  at_work_ = 1;
  for (const Station& station : layout_.stations()) at_work_ += station.tabs;
  for (const Station& station : layout_.stations()) {
    for (size_t tab = 0; tab < station.tabs; ++tab) spawn(inhabit(station));
  }
  spawn(edit_remotely());
  spawn(promote_now_and_then());
  spawn(recreate_databases());
  spawn(change_weather());
  while (at_work_ > 0) co_await changed_;
  co_await agree();
  has_arrived_ = true;
}

std::string ReplicationFleet::who_works() const {
  return std::to_string(at_work_) + " at work, " + std::to_string(ghosts_) + " ghosts";
}

Task<void> ReplicationFleet::inhabit(const Station& station) {
  for (size_t left = plan_.lives_per_tab; left > 0; --left) {
    if (const LifePtr life = co_await begin_life(station)) {
      co_await live(life, station, left == 1);
    }
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(kSecondUs)));
  }
  --at_work_;
  changed_.signal();
}

// None: it could not be opened, or crashed on the way.
Task<ReplicationFleet::LifePtr> ReplicationFleet::begin_life(const Station& station) {
  const std::string name = station.name + "." + std::to_string(++lives_);
  const auto disk = station.replicas.empty() ? std::make_shared<SimulatedDisk>(run_)
                                             : station.replicas.front()->disk;
  const auto connection = std::make_shared<Connection>(run_, weather_, disk, name);
  const Result<LifePtr> life = co_await open(station, connection);
  run_.note(name, life.ok() ? " is open" : " can't be opened: " + life.error().name);
  if (!life.ok()) {
    if (!connection->is_cut()) accept(name, life.error());
    co_return nullptr;
  }
  connection->on_cut([weak = std::weak_ptr<Life>(*life)] {
    if (const auto crashed = weak.lock()) crashed->changed.signal();
  });
  if (!connection->is_cut()) co_return *life;
  spawn(bury(*life));
  co_return nullptr;
}

Task<Result<ReplicationFleet::LifePtr>> ReplicationFleet::open(
    const Station& station, std::shared_ptr<Connection> connection) {
  std::vector<OpenReplica> opened;
  std::optional<Error> failure;
  for (const Replica* replica : station.replicas) {
    auto its = connection;
    if (!opened.empty()) {
      // Both go down together.
      its = std::make_shared<Connection>(run_, weather_, replica->disk,
                                         connection->name() + " at " + replica->name);
      its->on_cut([weak = std::weak_ptr<Connection>(connection)] {
        if (const auto first = weak.lock()) first->cut();
      });
      connection->add(its);
    }
    auto database = co_await open_database(its);
    if (!database.ok()) {
      failure = std::move(database).error();
      break;
    }
    opened.push_back({replica, *std::move(database)});
  }
  const auto life = std::make_shared<ReplicaLife>(connection, std::move(opened));
  if (!failure) co_return life;
  (void)co_await life->close();
  co_return *std::move(failure);
}

Task<Result<std::shared_ptr<Database>>> ReplicationFleet::open_database(
    std::shared_ptr<Connection> connection) {
  DatabaseSettings settings{.name = "replica"};
  settings.store = plan_.store;
  CO_TRY_ASSIGN(auto database,
                co_await Database::open(std::make_unique<SimulatedMedium>(std::move(connection)),
                                        settings, run_.time, run_.random));
  co_return std::shared_ptr<Database>(std::move(database));
}

// Ends some time after its last edit, or at any time, or by a crash. The last one stays, where live
// replications have to recover by themselves.
Task<void> ReplicationFleet::live(LifePtr life, const Station& station, bool is_last) {
  const auto editors = std::make_shared<size_t>(station.edits ? plan_.editors : 0);
  life->workers = *editors;
  for (size_t i = *editors; i > 0; --i) spawn(keep_editing(life, editors));
  start_replicating(life, station);
  const bool stays = is_last && plan_.recovers_alone;
  if (stays || run_.chance(700)) {
    while (*editors > 0 && !life->has_crashed()) co_await life->changed;
  }
  co_await run_.time.wait(static_cast<int64_t>(run_.random.below(30 * kSecondUs)));
  if (stays) {
    survivors_.push_back({&station, life});
  } else if (life->has_crashed()) {
    spawn(bury(life));
  } else {
    co_await end_life(life);
  }
}

void ReplicationFleet::start_replicating(const LifePtr& life, const Station& station) {
  life->workers += station.routes.size();
  for (const Route& route : station.routes) spawn(keep_replicating(life, route));
}

Task<void> ReplicationFleet::keep_editing(LifePtr life, std::shared_ptr<size_t> editors) {
  for (size_t left = run_.between(1, plan_.most_edits); left > 0; --left) {
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(kSecondUs)));
    if (life->is_over()) break;
    const Result<void> done = co_await edits_.edit(*life, edits_.draw_id());
    if (!done.ok() && !life->has_crashed()) accept(life->name(), done.error());
  }
  --*editors;
  --life->workers;
  life->changed.signal();
}

Task<void> ReplicationFleet::keep_replicating(LifePtr life, Route route) {
  while (!life->is_over()) {
    const auto done = co_await replications_.run(*life, route, plan_.is_live);
    if (!done.ok() && !life->has_crashed()) accept(life->name(), done.error());
    if (is_settled_ && !life->is_over()) {
      run_.fail(life->name() + " has a live replication that ends by itself");
      break;
    }
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(5 * kSecondUs)));
  }
  --life->workers;
  life->changed.signal();
}

Task<void> ReplicationFleet::end_life(LifePtr life) {
  life->is_closing = true;
  life->cancel_replications();
  while (life->workers > 0) co_await life->changed;
  const Result<void> closed = co_await life->close();
  if (!closed.ok() && !life->has_crashed()) accept(life->name(), closed.error());
}

// A ghost is laid to rest.
Task<void> ReplicationFleet::bury(LifePtr life) {
  ++ghosts_;
  co_await end_life(life);
  --ghosts_;
  changed_.signal();
}

bool ReplicationFleet::is_of_network(const Error& error) const {
  switch (error.status) {
    case 0:
    case 401:
    case 429:
    case 502:
    case 503:
      return true;
    case 404:
      return plan_.recreations > 0;  // there is no database
    default:
      // A checkpoint that is written twice: by another tab, or by a request that came again.
      return error.name == "conflict";
  }
}

void ReplicationFleet::accept(const std::string& name, const Error& error) {
  run_.count("errors: " + error.name);
  run_.note(name, " meets ", error.name, ": ", error.reason);
  if (is_of_storage(error, weather_)) return;
  const bool is_disturbed =
      network_weather_.has_faults() || tells_of_faults_ || plan_.tabs > 1 || plan_.recreations > 0;
  if (is_disturbed && is_of_network(error)) return;
  run_.fail(name + " meets an error that nothing explains: " + std::to_string(error.status) + " " +
            error.name + ": " + error.reason);
}

}  // namespace couchlet
