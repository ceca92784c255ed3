// The engine as JavaScript sees it: a handful of functions, bound by Embind, that start something
// and return. What comes of it is told by the callbacks of engine.library.js. js/engine.js is the
// only caller.
//
// Whatever runs holds on to its database, so that closing one never pulls it away from under a
// request.
#include <emscripten/bind.h>
#include <emscripten/em_macros.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/md5.h"
#include "document/attachment.h"
#include "json/json_reader.h"
#include "replicate/http_peer.h"
#include "replicate/local_peer.h"
#include "replicate/pending_changes.h"
#include "replicate/protocol_json.h"
#include "replicate/replicator.h"
#include "replicate/split_peer.h"
#include "wasm/browser_clock.h"
#include "wasm/browser_random.h"
#include "wasm/browser_stage.h"
#include "wasm/error_json.h"
#include "wasm/fetch_client.h"
#include "wasm/open_databases.h"
#include "wasm/open_options.h"
#include "wasm/replication_run.h"
#include "wasm/request.h"
#include "wasm/script_filter.h"
#include "wasm/text_from_js.h"

extern "C" {
void couchlet_complete(uint32_t request, int is_ok, const char* text, size_t length);
void couchlet_replicated(uint32_t replication, const char* event, size_t length, const char* text,
                         size_t text_length);
void couchlet_found(const char* text, size_t length);
// blobs.library.js. The first answers the request by itself.
void couchlet_blob_give(void* medium, const char* key, uint32_t request);
size_t couchlet_bytes_length();
void couchlet_bytes_copy(char* to);
}

namespace couchlet {
namespace {

// All that this context has; made with the module and never taken down, as a page isn't either.
struct Engine {
  BrowserClock clock;
  BrowserRandom random;
  OpenDatabases databases{clock, random};
  std::map<uint32_t, std::shared_ptr<Cancellation>> waiting;  // requests that can be cancelled
  std::map<uint32_t, std::shared_ptr<ReplicationRun>> replications;
  std::map<std::string, std::shared_ptr<ServerTraits>> servers;  // by origin
  std::map<uint32_t, Md5> hashes;  // of attachments that JavaScript stages
};

Engine& engine() {
  static auto* instance = new Engine();
  return *instance;
}

void complete(uint32_t request, const Result<std::string>& answer) {
  const std::string text = answer.ok() ? *answer : error_json(answer.error());
  couchlet_complete(request, answer.ok() ? 1 : 0, text.data(), text.size());
}

void complete(uint32_t request, const Result<void>& answer) {
  complete(request,
           answer.ok() ? Result<std::string>("null") : Result<std::string>(answer.error()));
}

Error not_open() { return {412, "precondition_failed", "Database not open"}; }

Task<void> run_open(uint32_t request, OpenOptions options) {
  auto number = co_await engine().databases.open(std::move(options));
  complete(request, number.ok() ? Result<std::string>(std::to_string(*number))
                                : Result<std::string>(number.error()));
}

Task<void> run_close(uint32_t request, uint32_t database) {
  complete(request, co_await engine().databases.close(database));
}

Task<void> run_destroy(uint32_t request, uint32_t database) {
  complete(request, co_await engine().databases.destroy(database));
}

Task<void> run_request(uint32_t number, std::shared_ptr<Database> database, Request request) {
  auto result = co_await answer(*database, request);
  engine().waiting.erase(number);
  complete(number, result);
}

void open(uint32_t request, std::string name, uint32_t options) {
  auto parsed = parse_open_options(std::move(name), take_text(options));
  if (!parsed.ok()) return complete(request, Result<std::string>(parsed.error()));
  spawn(run_open(request, *std::move(parsed)));
}

void close(uint32_t request, uint32_t database) { spawn(run_close(request, database)); }

void destroy(uint32_t request, uint32_t database) { spawn(run_destroy(request, database)); }

void request(uint32_t number, uint32_t database, std::string method, uint32_t options,
             uint32_t payload) {
  Request request{number, std::move(method), take_text(options), take_text(payload), nullptr};
  auto found = engine().databases.find(database);
  if (!found) return complete(number, Result<std::string>(not_open()));
  request.cancellation = engine().waiting[number] = std::make_shared<Cancellation>();
  spawn(run_request(number, std::move(found), std::move(request)));
}

// The whole blob of a digest, as JavaScript's; it doesn't come through here.
void give_blob(uint32_t number, uint32_t database, const std::string& digest) {
  void* const medium = engine().databases.medium_of(database);
  if (medium == nullptr) return complete(number, Result<std::string>(not_open()));
  couchlet_blob_give(medium, digest.c_str(), number);
}

// Takes the bytes that lie ready.
void update_hash(uint32_t hash) {
  std::string bytes(couchlet_bytes_length(), '\0');
  couchlet_bytes_copy(bytes.data());
  engine().hashes[hash].update(bytes);
}

std::string finish_hash(uint32_t hash) {
  auto node = engine().hashes.extract(hash);
  return digest_text(node.empty() ? Md5().finish() : node.mapped().finish());
}

void cancel_request(uint32_t number) {
  const auto found = engine().waiting.find(number);
  if (found == engine().waiting.end()) return;
  const auto cancellation = found->second;
  cancellation->cancel();
}

Task<void> run_replication(uint32_t number, std::shared_ptr<ReplicationRun> run) {
  auto result = co_await run->run();
  engine().replications.erase(number);
  complete(number, result);
}

std::shared_ptr<ServerTraits> traits_of(const std::string& url) {
  const size_t host = url.find("//");
  const size_t path = host == std::string::npos ? host : url.find('/', host + 2);
  auto& traits = engine().servers[url.substr(0, path)];
  if (!traits) traits = std::make_shared<ServerTraits>();
  return traits;
}

// A side of a replication: the number of an open database, or a URL and the number of a fetch
// function. `filter` is of a source's changes; `medium` has the attachments that go to a URL.
std::unique_ptr<Peer> make_peer(uint32_t database, const std::string& url, uint32_t fetch_id,
                                int64_t timeout_ms, std::shared_ptr<ChangeFilter> filter = nullptr,
                                std::shared_ptr<AttachmentStage> stage = nullptr,
                                void* medium = nullptr) {
  if (database == 0) {
    return std::make_unique<HttpPeer>(std::make_unique<FetchClient>(fetch_id, medium), url,
                                      timeout_ms, std::move(filter), traits_of(url),
                                      std::move(stage));
  }
  auto found = engine().databases.find(database);
  if (!found) return nullptr;
  return std::make_unique<LocalPeer>(std::move(found), std::move(filter), std::move(stage));
}

// What waits to be taken over into the origin (SplitPeer).
void tell_lacking(uint32_t replication, const std::vector<RevisionsOfDocument>& documents) {
  static constexpr std::string_view kEvent = "lacking";
  const std::string text = revs_diff_request(documents);
  couchlet_replicated(replication, kEvent.data(), kEvent.size(), text.data(), text.size());
}

// The target, or the target and its origin, if there is one: a URL or the number of a database.
std::unique_ptr<Peer> make_target(uint32_t replication, std::unique_ptr<Peer> target,
                                  uint32_t origin, const std::string& origin_url,
                                  uint32_t origin_fetch, int64_t timeout_ms) {
  if (origin == 0 && origin_url.empty()) return target;
  auto beyond = make_peer(origin, origin_url, origin_fetch, timeout_ms);
  if (!target || !beyond) return nullptr;
  return std::make_unique<SplitPeer>(
      std::move(target), std::move(beyond),
      [replication](const auto& documents) { tell_lacking(replication, documents); });
}

// Whether this member of a replication's options is true.
bool is_set(std::string_view options, std::string_view member) {
  bool has = false;
  JsonReader reader(options);
  reader.enter_object();
  for (std::string name; reader.next_member(name);) {
    if (name == member && reader.peek() == JsonReader::Type::kTrue) {
      reader.read_bool(has);
    } else {
      reader.skip();
    }
  }
  return has;
}

void replicate(uint32_t number, uint32_t source, const std::string& source_url,
               uint32_t source_fetch, uint32_t target, const std::string& target_url,
               uint32_t target_fetch, uint32_t origin, const std::string& origin_url,
               uint32_t origin_fetch, uint32_t options) {
  const std::string text = take_text(options);
  auto parsed = parse_replication_options(text);
  if (!parsed.ok()) return complete(number, Result<std::string>(parsed.error()));
  auto filter = filter_of(text);
  if (!filter.ok()) return complete(number, Result<std::string>(filter.error()));
  // From a database to a server the attachments go out of where they are stored.
  const bool is_push = source != 0 && target == 0;
  const auto stage = is_push ? nullptr : std::make_shared<BrowserStage>();
  auto from =
      make_peer(source, source_url, source_fetch, parsed->timeout_ms, *std::move(filter), stage);
  auto to = make_target(number,
                        make_peer(target, target_url, target_fetch, parsed->timeout_ms, nullptr,
                                  stage, engine().databases.medium_of(source)),
                        origin, origin_url, origin_fetch, parsed->timeout_ms);
  if (!from || !to) return complete(number, Result<std::string>(not_open()));
  auto run = std::make_shared<ReplicationRun>(number, std::move(from), std::move(to),
                                              *std::move(parsed), is_set(text, "back_off_function"),
                                              engine().clock, engine().random);
  engine().replications[number] = run;
  spawn(run_replication(number, std::move(run)));
}

Task<void> run_pending_changes(uint32_t number, std::unique_ptr<Peer> source,
                               std::unique_ptr<Peer> target, ReplicationOptions options,
                               bool lists) {
  const auto pending = co_await pending_changes(*source, *target, options, lists);
  complete(number, pending.ok() ? Result<std::string>(pending_changes_json(*pending))
                                : Result<std::string>(pending.error()));
}

// What a replication between these would have to carry. Nobody is asked.
void count_pending_changes(uint32_t number, uint32_t source, const std::string& source_url,
                           uint32_t target, const std::string& target_url, uint32_t origin,
                           const std::string& origin_url, uint32_t options) {
  const std::string text = take_text(options);
  auto parsed = parse_replication_options(text);
  if (!parsed.ok()) return complete(number, Result<std::string>(parsed.error()));
  auto filter = filter_of(text);
  if (!filter.ok()) return complete(number, Result<std::string>(filter.error()));
  auto from = make_peer(source, source_url, 0, parsed->timeout_ms, *std::move(filter));
  auto to = make_target(number, make_peer(target, target_url, 0, parsed->timeout_ms), origin,
                        origin_url, 0, parsed->timeout_ms);
  if (!from || !to) return complete(number, Result<std::string>(not_open()));
  spawn(run_pending_changes(number, std::move(from), std::move(to), *std::move(parsed),
                            is_set(text, "lists_waiting")));
}

void cancel_replication(uint32_t number) {
  const auto found = engine().replications.find(number);
  if (found == engine().replications.end()) return;
  const auto run = found->second;
  run->cancel();
}

void wake_replication(uint32_t number) {
  const auto found = engine().replications.find(number);
  if (found == engine().replications.end()) return;
  const auto run = found->second;
  run->wake();
}

void check_replication(uint32_t number) {
  const auto found = engine().replications.find(number);
  if (found == engine().replications.end()) return;
  const auto run = found->second;
  run->check();
}

}  // namespace

EMSCRIPTEN_BINDINGS(couchlet) {
  emscripten::function("open", &open);
  emscripten::function("close", &close);
  emscripten::function("destroy", &destroy);
  emscripten::function("request", &request);
  emscripten::function("giveBlob", &give_blob);
  emscripten::function("updateHash", &update_hash);
  emscripten::function("finishHash", &finish_hash);
  emscripten::function("cancelRequest", &cancel_request);
  emscripten::function("replicate", &replicate);
  emscripten::function("countPendingChanges", &count_pending_changes);
  emscripten::function("cancelReplication", &cancel_replication);
  emscripten::function("wakeReplication", &wake_replication);
  emscripten::function("checkReplication", &check_replication);
}

}  // namespace couchlet

extern "C" {

// The quick way to a document that is in memory: no request, no options, no promise of the
// engine's. js/engine.js writes the id into the room.
constexpr size_t kIdRoomBytes = 1024;

EMSCRIPTEN_KEEPALIVE char* couchlet_id_room() {
  static char room[kIdRoomBytes];
  return room;
}

EMSCRIPTEN_KEEPALIVE size_t couchlet_id_room_bytes() { return kIdRoomBytes; }

// 1: couchlet_found() has got its text. 0: a request tells.
EMSCRIPTEN_KEEPALIVE int couchlet_get_at_once(uint32_t database, size_t id_bytes) {
  const auto found = couchlet::engine().databases.find(database);
  if (!found) return 0;
  const auto text = found->get_at_once({couchlet_id_room(), id_bytes});
  if (!text) return 0;
  couchlet_found(text->data(), text->size());
  return 1;
}
}
