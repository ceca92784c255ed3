#include "replication_fleet.h"

#include <cstdint>
#include <limits>
#include <map>
#include <utility>

#include "replicate/http_peer.h"
#include "replicate/local_peer.h"

namespace couchlet {

namespace {

constexpr size_t kSecondUs = 1'000'000;
constexpr int64_t kTimeoutMs = 60'000;

// Push, pull, and what the others have pushed; a server that keeps no edit of its own back needs no
// more.
constexpr size_t kMostRounds = 4;

StoreOptions draw_options(SimulatedRun& run) {
  StoreOptions options;
  options.memtable_bytes = run.between(2, 16) * 1024;
  options.cache_bytes = run.between(2, 16) * 1024;
  return options;
}

bool is_of_network(const Error& error) {
  if (error.status == 0 || error.status == 502 || error.status == 503) return true;
  // A checkpoint that is written twice: by another tab, or by a request that came again.
  return error.name == "conflict";
}

bool is_of_storage(const Error& error, const Weather& weather) {
  if (error.name == "insufficient_storage") return weather.is_disk_small;
  if (error.name == "connection_lost") return weather.losing > 0;
  return weather.has_faults() && (error.name == "io_error" || error.name == "outcome_unknown");
}

std::string text_of(const Error& error) {
  return std::to_string(error.status) + " " + error.name + ": " + error.reason;
}

// What of a document has to be the same everywhere.
Json essence_of(Json document) {
  if (!document.contains("_attachments")) return document;
  for (Json& attachment : document["_attachments"]) {
    const Json whole = attachment;
    attachment = {{"content_type", whole["content_type"]}, {"data", text_at(whole, "data")}};
  }
  return document;
}

}  // namespace

ReplicationFleet::ReplicationFleet(SimulatedRun& run)
    : run_(run),
      weather_(draw_weather(run)),
      network_weather_(draw_network_weather(run)),
      tabs_(run.chance(200) ? 2 : 1),
      lives_per_tab_(run.between(1, 4)),
      editors_(run.between(1, 2)),
      most_edits_(run.chance(100) ? 60 : 12),
      most_remote_edits_(run.between(0, 30)),
      is_live_(run.chance(500)),
      batch_size_(run.chance(300) ? 0 : run.between(1, 10)),
      store_options_(draw_options(run)),
      server_(run, network_weather_, remote_),
      network_(run, network_weather_, server_),
      edits_(run, ledger_, remote_),
      watch_(run, remote_) {
  for (size_t count = run.between(1, 3); count > 0; --count) {
    replicas_.push_back({"replica " + std::to_string(count), std::make_shared<SimulatedDisk>(run)});
  }
}

Task<void> ReplicationFleet::sail() {
  at_work_ = 1 + replicas_.size() * tabs_;
  for (const Replica& replica : replicas_) {
    for (size_t tab = 0; tab < tabs_; ++tab) spawn(inhabit(replica));
  }
  spawn(edit_remotely());
  spawn(change_weather());
  while (at_work_ > 0) co_await changed_;
  co_await agree();
  has_arrived_ = true;
}

std::string ReplicationFleet::who_works() const {
  return std::to_string(at_work_) + " at work, " + std::to_string(ghosts_) + " ghosts";
}

Task<void> ReplicationFleet::inhabit(const Replica& replica) {
  for (size_t left = lives_per_tab_; left > 0; --left) {
    if (const LifePtr life = co_await begin_life(replica)) co_await live(life);
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(kSecondUs)));
  }
  --at_work_;
  changed_.signal();
}

// None: it could not be opened, or crashed on the way.
Task<ReplicationFleet::LifePtr> ReplicationFleet::begin_life(const Replica& replica) {
  const std::string name = replica.name + "." + std::to_string(++lives_);
  const auto connection = std::make_shared<Connection>(run_, weather_, replica.disk, name);
  const Result<LifePtr> life = co_await open(connection, replica);
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
    std::shared_ptr<Connection> connection, const Replica& replica) {
  DatabaseSettings settings{.name = "replica"};
  settings.store = store_options_;
  CO_TRY_ASSIGN(auto database,
                co_await Database::open(std::make_unique<SimulatedMedium>(connection), settings,
                                        run_.time, run_.random));
  co_return std::make_shared<ReplicaLife>(std::move(connection), std::move(database), replica);
}

// Ends some time after its last edit, or at any time, or by a crash.
Task<void> ReplicationFleet::live(LifePtr life) {
  life->workers = editors_ + 2;
  const auto editors = std::make_shared<size_t>(editors_);
  for (size_t i = 0; i < editors_; ++i) spawn(keep_editing(life, editors));
  spawn(keep_replicating(life, Direction::kPush));
  spawn(keep_replicating(life, Direction::kPull));
  if (run_.chance(700)) {
    while (*editors > 0 && !life->has_crashed()) co_await life->changed;
  }
  co_await run_.time.wait(static_cast<int64_t>(run_.random.below(30 * kSecondUs)));
  if (life->has_crashed()) {
    spawn(bury(life));
  } else {
    co_await end_life(life);
  }
}

Task<void> ReplicationFleet::keep_editing(LifePtr life, std::shared_ptr<size_t> editors) {
  for (size_t left = run_.between(1, most_edits_); left > 0; --left) {
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(kSecondUs)));
    if (life->is_over()) break;
    const Result<void> done = co_await edits_.edit(*life);
    if (!done.ok() && !life->has_crashed()) accept(life->name(), done.error());
  }
  --*editors;
  --life->workers;
  life->changed.signal();
}

Task<void> ReplicationFleet::keep_replicating(LifePtr life, Direction direction) {
  while (!life->is_over()) {
    const auto done = co_await replicate(*life, direction, is_live_);
    if (!done.ok() && !life->has_crashed()) accept(life->name(), done.error());
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(5 * kSecondUs)));
  }
  --life->workers;
  life->changed.signal();
}

Task<Result<ReplicationResult>> ReplicationFleet::replicate(ReplicaLife& life, Direction direction,
                                                            bool is_live) {
  const auto look = [this, &life, direction](std::string checkpoint) {
    return watch_.look(life, direction, std::move(checkpoint));
  };
  std::unique_ptr<Peer> local = std::make_unique<WatchedPeer<LocalPeer>>(look, life.database);
  std::unique_ptr<Peer> remote = std::make_unique<WatchedPeer<HttpPeer>>(
      look, std::make_unique<SimulatedRequests>(network_, life.connection), RemoteServer::kUrl,
      kTimeoutMs);
  if (direction == Direction::kPull) std::swap(local, remote);
  ReplicationOptions options;
  options.live = options.retry = is_live;
  options.batch_size = batch_size_;
  options.batches_limit = run_.between(1, 10);
  ReplicationEvents events;
  events.denied = [this](const WriteResult& refused) {
    run_.fail("A document is denied: " + refused.id + " " + text_of(*refused.error));
  };
  Replicator replicator(std::move(local), std::move(remote), std::move(options), std::move(events),
                        run_.time, run_.random);
  life.running.insert(&replicator);
  run_.count("replications");
  auto result = co_await replicator.run();
  life.running.erase(&replicator);
  co_return result;
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

Task<void> ReplicationFleet::edit_remotely() {
  for (size_t left = most_remote_edits_; left > 0; --left) {
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(3 * kSecondUs)));
    edits_.edit_remotely();
  }
  --at_work_;
  changed_.signal();
}

Task<void> ReplicationFleet::change_weather() {
  while (true) {
    co_await run_.time.wait(static_cast<int64_t>(run_.random.below(5 * kSecondUs)));
    if (at_work_ == 0) co_return;
    if (weather_.do_clocks_jump && run_.chance(500)) {
      const int64_t by_ms = static_cast<int64_t>(run_.random.below(200'000)) - 100'000;
      run_.note("the wall clock jumps by ", by_ms, " ms");
      run_.time.move_wall_clock(by_ms);
    }
    if (!weather_.is_disk_small) continue;
    for (const Replica& replica : replicas_) {
      const uint64_t room = run_.chance(400) ? run_.random.below(50'000) : 100'000'000;
      replica.disk->set_capacity(replica.disk->used() + room);
    }
  }
}

void ReplicationFleet::accept(const std::string& name, const Error& error) {
  run_.count("errors: " + error.name);
  run_.note(name, " meets ", error.name, ": ", error.reason);
  if (is_of_storage(error, weather_)) return;
  if (is_of_network(error) && (network_weather_.has_faults() || tabs_ > 1)) return;
  run_.fail(name + " meets an error that nothing explains: " + text_of(error));
}

Task<void> ReplicationFleet::agree() {
  run_.note("the weather clears");
  weather_ = fair_weather();
  network_weather_ = NetworkWeather();
  for (const Replica& replica : replicas_) {
    replica.disk->set_capacity(std::numeric_limits<uint64_t>::max());
  }
  while (ghosts_ > 0) co_await changed_;
  co_await run_.time.wait(120 * kSecondUs);  // what is on its way may still arrive

  std::vector<LifePtr> lives;
  for (const Replica& replica : replicas_) {
    lives.push_back(co_await begin_life(replica));
    if (!lives.back()) co_return run_.fail(replica.name + " can't be opened in fair weather");
  }
  co_await replicate_all(lives);
  for (const LifePtr& life : lives) {
    if (run_.has_failed()) co_return;
    const Result<void> compared = co_await compare(*life);
    if (!compared.ok()) run_.fail(life->name() + " can't be read: " + text_of(compared.error()));
  }
  const std::string wrong = ledger_.check(remote_);
  if (!wrong.empty()) run_.fail(wrong);
  for (const LifePtr& life : lives) co_await end_life(life);
}

Task<void> ReplicationFleet::replicate_all(const std::vector<LifePtr>& lives) {
  for (size_t round = 0; round < kMostRounds; ++round) {
    uint64_t written = 0;
    for (const LifePtr& life : lives) {
      for (const Direction direction : {Direction::kPush, Direction::kPull}) {
        const auto done = co_await replicate(*life, direction, false);
        if (!done.ok()) {
          co_return run_.fail(life->name() + " can't replicate: " + text_of(done.error()));
        }
        written += done->docs_written;
      }
    }
    if (written == 0) co_return;
  }
  run_.fail("There is always something left to replicate");
}

// The replica is what the server is.
Task<Result<void>> ReplicationFleet::compare(ReplicaLife& life) {
  CO_TRY_ASSIGN(const ChangesPage page,
                co_await life.database->changes_page({.all_leaves = true}, nullptr));
  if (page.rows.size() != remote_.documents().size()) {
    run_.fail(life.name() + " has " + std::to_string(page.rows.size()) + " documents, the server " +
              std::to_string(remote_.documents().size()));
  }
  for (const ChangeRow& row : page.rows) {
    GetOptions options{.revs = true, .attachments = true, .open_revs_all = true};
    CO_TRY_ASSIGN(const std::string text, co_await life.database->get(row.id, std::move(options)));
    std::map<std::string, Json> here;
    for (const Json& leaf : parse_json(text)) {
      here[text_at(leaf.value("ok", Json()), "_rev")] = essence_of(leaf.value("ok", Json()));
    }
    std::map<std::string, Json> there;
    const auto leaves = remote_.leaves(row.id);
    for (const auto& leaf : leaves) {
      const RemoteDocuments::Shape whole{.with_history = true, .with_data = true};
      there[leaf.rev] = essence_of(remote_.read(row.id, leaf.rev, whole));
    }
    const bool is_winner_same =
        !leaves.empty() && row.revisions.front().text() == leaves.front().rev;
    if (here != there || !is_winner_same) {
      run_.fail(life.name() + " has another " + row.id + " than the server: " + Json(here).dump() +
                " and " + Json(there).dump());
    }
    run_.count("documents compared");
  }
  co_return Result<void>();
}

}  // namespace couchlet
