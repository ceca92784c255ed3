#include "replication_plan.h"

namespace couchlet {

namespace {

using Kind = ReplicationPlan::Kind;

constexpr std::string_view kName = "document ";
constexpr size_t kTeams = 3;
constexpr size_t kTeamChosen = 1;
constexpr size_t kRefused = 4;  // every fourth document

size_t number_of(const std::string& id) { return std::stoul(id.substr(kName.size())); }

Kind draw_kind(SimulatedRun& run) {
  const size_t draw = run.random.below(1000);
  if (draw < 550) return Kind::kStar;
  if (draw < 700) return Kind::kChain;
  return draw < 850 ? Kind::kTwoServers : Kind::kSplit;
}

StoreOptions draw_store(SimulatedRun& run) {
  StoreOptions options;
  options.memtable_bytes = run.between(2, 16) * 1024;
  options.cache_bytes = run.between(2, 16) * 1024;
  return options;
}

void draw_documents(SimulatedRun& run, ReplicationPlan& plan) {
  plan.ids = run.chance(500) ? run.between(1, 8) : run.between(1, 60);
  if (run.chance(500)) plan.attachments = run.between(1, 600);
  if (run.chance(150)) {
    plan.large_attachments = run.between(1, 4);
    plan.attachments = run.between(200, 600);
  }
  plan.deletions = run.between(0, 300);
}

void draw_limits(SimulatedRun& run, ReplicationPlan& plan) {
  if (run.chance(250)) (run.chance(500) ? plan.has_doc_ids : plan.has_selector) = true;
  const bool may_refuse = plan.kind == Kind::kStar || plan.kind == Kind::kSplit;
  plan.refuses = may_refuse && run.chance(300);
  if (plan.kind != Kind::kSplit && run.chance(200)) plan.recreations = run.between(1, 2);
}

}  // namespace

ReplicationPlan draw_replication_plan(SimulatedRun& run) {
  ReplicationPlan plan;
  plan.kind = draw_kind(run);
  plan.replicas = plan.kind == Kind::kChain ? run.between(2, 3) : run.between(1, 3);
  plan.tabs = run.chance(200) ? 2 : 1;
  plan.lives_per_tab = run.between(1, 4);
  plan.editors = run.between(1, 2);
  plan.most_edits = run.chance(100) ? 60 : 12;
  plan.most_remote_edits = run.between(0, 30);
  plan.is_live = run.chance(500);
  plan.recovers_alone = plan.is_live && run.chance(500);
  plan.batch_size = run.chance(300) ? 0 : run.between(1, 10);
  plan.store = draw_store(run);
  draw_documents(run, plan);
  draw_limits(run, plan);
  plan.is_continuous = run.chance(500);
  return plan;
}

std::string document_id(size_t number) { return std::string(kName) + std::to_string(number); }

size_t team_of(const std::string& id) { return number_of(id) % kTeams; }

std::optional<std::vector<std::string>> ReplicationPlan::doc_ids() const {
  if (!has_doc_ids) return std::nullopt;
  std::vector<std::string> chosen;
  for (size_t number = 0; number < ids; ++number) {
    if (passes(document_id(number))) chosen.push_back(document_id(number));
  }
  chosen.push_back(last_id());
  return chosen;
}

std::string ReplicationPlan::last_id() const {
  size_t number = ids;
  while (!is_shared(document_id(number))) ++number;
  return document_id(number);
}

std::string ReplicationPlan::selector() const {
  return has_selector ? "{\"team\":" + std::to_string(kTeamChosen) + "}" : "";
}

bool ReplicationPlan::passes(const std::string& id) const {
  return !is_filtered() || team_of(id) == kTeamChosen;
}

bool ReplicationPlan::is_refused(const std::string& id) const {
  return refuses && number_of(id) % kRefused == 0;
}

}  // namespace couchlet
