#include "checkpoint_watch.h"

#include <memory>
#include <utility>
#include <vector>

namespace couchlet {

bool CheckpointWatch::counts(Route route, const Site& written_to) {
  if (written_to.is_deleted()) return false;
  return written_to.was_deleted() || !(route.source->was_deleted() || route.target->was_deleted());
}

Task<void> CheckpointWatch::look(const ReplicaLife& life, Route route, const Site& written_to,
                                 std::string checkpoint) {
  if (life.has_crashed() || run_.has_failed()) co_return;
  const Json document = parse_json(checkpoint);
  if (text_at(document, "_id").ends_with("-failed")) co_return learn_spoilt(route, document);
  // A lineage's token (pull_lineage.h), or a checkpoint that says nothing yet.
  if (!document.contains("history") || document["history"].empty()) co_return;
  const std::string sequence = document["history"][0]["recorded_seq"].dump();
  run_.count("checkpoints");
  run_.note(life.name(), " is about to note at ", written_to.name(), ": ", route.target->name(),
            " has ", route.source->name(), " up to ", sequence);
  if (!counts(route, written_to)) co_return;
  const auto place = route.source->place_of(sequence);
  if (!place) co_return;
  const Result<std::string> lacking = co_await find_lacking(route, *place);
  if (!lacking.ok()) {
    run_.fail("A replica can't be read: " + lacking.error().reason);
  } else if (!lacking->empty()) {
    run_.fail(life.name() + "'s checkpoint is ahead of the data: " + route.target->name() +
              " has " + route.source->name() + " up to " + sequence + ", without " + *lacking);
  }
}

void CheckpointWatch::learn_spoilt(Route route, const Json& noted) {
  for (const auto& [id, revs] : noted["spoilt"].items()) {
    for (const Json& rev : revs) {
      spoilt_.emplace(route.source, route.target, id, rev.get<std::string>());
      run_.count("spoilt attachments noted");
    }
  }
}

Task<Result<std::string>> CheckpointWatch::find_lacking(Route route, uint64_t sequence) {
  // Both sides as they are now.
  const std::shared_ptr<SiteSnapshot> source = route.source->snapshot();
  const std::shared_ptr<SiteSnapshot> target = route.target->snapshot();
  CO_TRY_ASSIGN(auto leaves, co_await source->leaves_up_to(sequence));
  std::erase_if(leaves, [this](const auto& document) { return !plan_.is_carried(document.id); });
  CO_TRY_ASSIGN(const auto missing, co_await target->missing(std::move(leaves)));
  for (const MissingRevisions& document : missing) {
    for (const Revision& revision : document.missing) {
      const std::string rev = revision.text();
      if (spoilt_.contains({route.source, route.target, document.id, rev})) continue;
      co_return document.id + " " + rev;
    }
  }
  co_return std::string();
}

}  // namespace couchlet
