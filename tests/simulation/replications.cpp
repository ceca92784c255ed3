#include "replications.h"

#include <memory>
#include <string>
#include <utility>

#include "query/regex_matcher.h"
#include "query/selector_filter.h"
#include "simulated_stage.h"

namespace couchlet {

namespace {

class NoRegexes final : public RegexMatcher {
 public:
  Result<std::shared_ptr<const Regex>> compile(std::string_view) override {
    return Error{501, "not_implemented", "No selector of the simulation has one"};
  }
};

}  // namespace

Task<Result<ReplicationResult>> Replications::run(ReplicaLife& life, Route route, bool is_live) {
  const auto look_at = [this, &life, route](const Site& written_to) {
    return [this, &life, route, &written_to](std::string checkpoint) {
      return watch_.look(life, route, written_to, std::move(checkpoint));
    };
  };
  PeerParts parts;
  parts.look = look_at(*route.source);
  if (!route.source->is_remote()) parts.filter = filter();
  parts.is_push = !route.source->is_remote() && route.target->is_remote();
  if (!parts.is_push) parts.stage = std::make_shared<SimulatedStage>(life.connection->staged);
  auto source = route.source->peer(life, parts);
  parts.filter = nullptr;
  parts.look = look_at(*route.target);
  auto target = route.target->peer(life, parts);
  ReplicationEvents events;
  events.denied = [this](const WriteResult& refused) { accept_refusal(refused); };
  Replicator replicator(std::move(source), std::move(target), options(is_live), std::move(events),
                        run_.time, run_.random);
  life.running.push_back(&replicator);
  run_.count("replications");
  auto result = co_await replicator.run();
  std::erase(life.running, &replicator);
  co_return result;
}

ReplicationOptions Replications::options(bool is_live) const {
  ReplicationOptions options;
  options.live = options.retry = is_live;
  if (plan_.is_continuous) options.live_feed = ChangesFeed::kContinuous;
  options.batch_size = plan_.batch_size;
  options.batches_limit = run_.between(1, 10);
  options.doc_ids = plan_.doc_ids();
  options.selector = plan_.selector();
  return options;
}

std::shared_ptr<ChangeFilter> Replications::filter() const {
  if (!plan_.has_selector) return nullptr;
  NoRegexes regexes;
  auto parsed = SelectorFilter::parse(plan_.selector(), regexes);
  if (!parsed.ok()) run_.fail("The selector can't be read: " + parsed.error().reason);
  return *std::move(parsed);
}

void Replications::accept_refusal(const WriteResult& refused) {
  run_.count("documents denied");
  if (refused.error->status == 403 && plan_.is_refused(refused.id)) return;
  if (refused.error->name == kSpoiltAttachment) return run_.count("spoilt attachments");
  run_.fail("A document is denied: " + refused.id + " " + refused.error->name + ": " +
            refused.error->reason);
}

}  // namespace couchlet
