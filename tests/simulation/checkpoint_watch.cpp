#include "checkpoint_watch.h"

#include <charconv>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "replicate/protocol_json.h"

namespace couchlet {

namespace {

std::shared_ptr<SimulatedDisk> copy_of(const SimulatedDisk& disk) {
  auto copy = std::make_shared<SimulatedDisk>(disk);
  copy->inboxes.clear();
  copy->merger = nullptr;
  copy->set_capacity(std::numeric_limits<uint64_t>::max());
  return copy;
}

std::vector<RevisionsOfDocument> leaves_up_to(const RemoteDocuments& remote, uint64_t sequence) {
  std::vector<RevisionsOfDocument> all;
  for (const auto& [id, document] : remote.documents()) {
    if (document.sequence > sequence) continue;
    RevisionsOfDocument each{id, {}};
    for (const auto& leaf : remote.leaves(id)) {
      each.revisions.push_back(*Revision::parse(leaf.rev));
    }
    all.push_back(std::move(each));
  }
  return all;
}

using KnownRevisions = std::map<std::string, std::set<std::string>>;

KnownRevisions known_revisions(const RemoteDocuments& remote) {
  KnownRevisions known;
  for (const auto& [id, document] : remote.documents()) {
    for (const auto& [rev, node] : document.tree) known[id].insert(rev);
  }
  return known;
}

std::string first_lacking(const std::vector<ChangeRow>& rows, uint64_t sequence,
                          const KnownRevisions& known) {
  for (const ChangeRow& row : rows) {
    if (row.sequence > sequence) continue;
    const auto document = known.find(row.id);
    for (const Revision& revision : row.revisions) {
      const std::string rev = revision.text();
      if (document == known.end() || !document->second.contains(rev)) return row.id + " " + rev;
    }
  }
  return "";
}

}  // namespace

Task<void> CheckpointWatch::look(const ReplicaLife& life, Direction direction,
                                 std::string checkpoint) {
  if (life.has_crashed()) co_return;
  const Json sequence = parse_json(checkpoint)["history"][0]["recorded_seq"];
  run_.count("checkpoints");
  const auto number = number_of_sequence(sequence.dump());
  if (!number) {
    run_.fail("A checkpoint without a sequence: " + checkpoint);
    co_return;
  }
  run_.note(life.name(), direction == Direction::kPush ? " pushed" : " pulled", " up to ", *number);
  const Result<void> looked = co_await look_at(life, direction, *number);
  if (!looked.ok()) run_.fail("A replica can't be read: " + looked.error().reason);
}

Task<Result<void>> CheckpointWatch::look_at(const ReplicaLife& life, Direction direction,
                                            uint64_t sequence) {
  // Both sides as they are now.
  const KnownRevisions known = known_revisions(remote_);
  std::vector<RevisionsOfDocument> leaves = leaves_up_to(remote_, sequence);
  const auto connection =
      std::make_shared<Connection>(run_, fair_, copy_of(*life.replica.disk), "a reader");
  CO_TRY_ASSIGN(const auto database,
                co_await Database::open(std::make_unique<SimulatedMedium>(connection),
                                        {.name = "replica"}, run_.time, run_.random));
  std::string lacking;
  if (direction == Direction::kPush) {
    CO_TRY_ASSIGN(const ChangesPage page,
                  co_await database->changes_page({.all_leaves = true}, nullptr));
    lacking = first_lacking(page.rows, sequence, known);
  } else {
    CO_TRY_ASSIGN(const auto missing, co_await database->missing_revisions(std::move(leaves)));
    if (!missing.empty()) lacking = missing[0].id + " " + missing[0].missing[0].text();
  }
  if (!lacking.empty()) {
    run_.fail(life.name() + "'s checkpoint is ahead of the data: up to " +
              std::to_string(sequence) + ", without " + lacking);
  }
  co_return co_await database->close();
}

}  // namespace couchlet
