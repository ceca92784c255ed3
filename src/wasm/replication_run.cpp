#include "wasm/replication_run.h"

#include <utility>

#include "wasm/error_json.h"

extern "C" {
// engine.library.js
void couchlet_replicated(uint32_t replication, const char* event, size_t length, const char* text,
                         size_t text_length);
double couchlet_back_off(uint32_t replication, double former_ms);
}

namespace couchlet {
namespace {

// The result with "docs" put in: the documents as they went over.
std::string change_json(const ReplicationResult& result,
                        const std::vector<std::string_view>& documents) {
  std::string text = replication_result_json(result);
  if (documents.empty()) return text;
  text.back() = ',';
  text.append("\"docs\":[");
  for (size_t i = 0; i < documents.size(); ++i) {
    if (i > 0) text.push_back(',');
    text.append(documents[i]);
  }
  text.append("]}");
  return text;
}

}  // namespace

ReplicationRun::ReplicationRun(uint32_t number, std::unique_ptr<Peer> source,
                               std::unique_ptr<Peer> target, ReplicationOptions options,
                               bool asks_back_off, Clock& clock, Random& random)
    : number_(number),
      replicator_(std::move(source), std::move(target), std::move(options), events(asks_back_off),
                  clock, random) {}

ReplicationEvents ReplicationRun::events(bool asks_back_off) {
  ReplicationEvents events{
      .active = [this] { tell("active", "null"); },
      .paused =
          [this](const std::optional<Error>& error) {
            tell("paused", error ? error_json(*error) : "null");
          },
      .change =
          [this](const ReplicationResult& result, const std::vector<std::string_view>& documents) {
            tell("change", change_json(result, documents));
          },
      .denied = [this](const WriteResult& result) { tell("denied", refusal_json(result)); },
      .checkpoint = [this](const std::string& sequence) { tell("checkpoint", sequence); },
  };
  if (asks_back_off) {
    events.back_off = [this](int64_t former_ms) {
      return static_cast<int64_t>(couchlet_back_off(number_, static_cast<double>(former_ms)));
    };
  }
  return events;
}

void ReplicationRun::tell(std::string_view event, std::string_view json) const {
  couchlet_replicated(number_, event.data(), event.size(), json.data(), json.size());
}

Task<Result<std::string>> ReplicationRun::run() {
  CO_TRY_ASSIGN(ReplicationResult result, co_await replicator_.run());
  co_return replication_result_json(result);
}

}  // namespace couchlet
