// ReplicationPlan: what replicates with what in a run, and how. Drawn from the seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulated_run.h"
#include "store/store.h"

namespace couchlet {

struct ReplicationPlan {
  enum class Kind : uint8_t {
    kStar,        // every replica with the server
    kChain,       // the first replica with the server, every other one with the one before it
    kTwoServers,  // replicas with one or the other, and these with each other
    kSplit,       // replicas push to one server and pull from another
  };

  Kind kind = Kind::kStar;
  size_t replicas = 1;
  size_t tabs = 1;  // of each replica, at once
  size_t lives_per_tab = 1;
  size_t editors = 1;  // of each life
  size_t most_edits = 12;
  size_t most_remote_edits = 0;
  size_t recreations = 0;  // of a server's database, deleted and made anew
  bool is_live = false;
  bool is_continuous = false;  // live: one answer tells of all changes
  // Live replications that are there when the weather clears get everything done; nobody starts
  // another one.
  bool recovers_alone = false;
  size_t batch_size = 0;
  StoreOptions store;

  size_t ids = 1;                // "document 0", …
  size_t attachments = 0;        // in a thousand edits
  size_t large_attachments = 0;  // in all
  size_t deletions = 0;          // in a thousand edits

  bool has_doc_ids = false;   // the replications are of some documents
  bool has_selector = false;  // or of those that this finds
  bool refuses = false;       // a server does not take some documents

  bool is_filtered() const { return has_doc_ids || has_selector; }
  std::optional<std::vector<std::string>> doc_ids() const;
  std::string last_id() const;  // a document that is shared, and not edited before the end
  std::string selector() const;

  // The filter lets it through.
  bool passes(const std::string& id) const;
  // Edits of replicas don't get to all others: a server doesn't take them, or nobody promotes them.
  bool is_refused(const std::string& id) const;
  bool is_shared(const std::string& id) const { return passes(id) && !is_refused(id); }
  // Gets from the source of a replication into its target.
  bool is_carried(const std::string& id) const {
    return kind == Kind::kSplit ? passes(id) : is_shared(id);
  }
};

ReplicationPlan draw_replication_plan(SimulatedRun& run);

std::string document_id(size_t number);
// What documents are selected by: the member "team" of each, which follows from its id.
size_t team_of(const std::string& id);

}  // namespace couchlet
