#include "replicate/checkpointer.h"

#include <utility>

#include "base/uuid.h"
#include "replicate/protocol_json.h"
#include "replicate/replication_id.h"
#include "replicate/task_group.h"

namespace couchlet {

namespace {

std::optional<CommonSession> latest_of(const Checkpoint& checkpoint) {
  if (checkpoint.history.empty()) return std::nullopt;
  const CheckpointEntry& latest = checkpoint.history.front();
  return CommonSession{latest.session_id, latest.recorded_sequence};
}

}  // namespace

// Where documents are read or written with the same credentials 401 isn't about these.
bool is_refusal_to_keep(const Error& error) {
  return error.status == 401 || error.status == 403 || error.status == 405;
}

bool is_refusal_to_tell(const Error& error) { return error.status == 403 || error.status == 405; }

Task<Result<Checkpoint>> read_checkpoint(Peer& peer, std::string id) {
  CO_TRY_ASSIGN(const auto document, co_await peer.get_local(std::move(id)));
  co_return document ? parse_checkpoint(*document) : Checkpoint();
}

Checkpointer::Checkpointer(Peer& source, Peer& target, const ReplicationOptions& options,
                           Random& random)
    : options_(options),
      source_{source, options.checkpoint_source, false, {}},
      target_{target, options.checkpoint_target, false, {}},
      session_id_(uuid_hex(random)) {}

Task<Result<void>> Checkpointer::find_id() {
  if (!id_.empty()) co_return Result<void>();
  CO_TRY_ASSIGN(const std::string source, co_await source_.peer.identity());
  CO_TRY_ASSIGN(const std::string target, co_await target_.peer.identity());
  id_ = replication_id(source, target, options_);
  co_return Result<void>();
}

Task<void> Checkpointer::load_side(Side& side, Result<void>& outcome) {
  side.refuses = false;
  side.checkpoint = {};
  if (!side.is_wanted) co_return;
  auto document = co_await side.peer.get_local(id_);
  if (document.ok()) {
    if (*document) side.checkpoint = parse_checkpoint(**document);
  } else if (is_refusal_to_tell(document.error())) {
    side.refuses = true;
  } else {
    outcome = std::move(document).error();
  }
}

Task<Result<std::optional<CommonSession>>> Checkpointer::load() {
  const bool has_server = source_.peer.is_remote() != target_.peer.is_remote();
  if (!has_server || !is_kept_on_both()) {
    CO_TRY(co_await load_both());
  } else if (source_.peer.is_remote()) {
    CO_TRY(co_await load_with_server(target_, source_));
  } else {
    CO_TRY(co_await load_with_server(source_, target_));
  }
  is_fresh_ = true;

  const auto is_alone = [](const Side& side, const Side& other) {
    return side.checkpoint.is_alone && other.checkpoint.rev.empty();
  };
  if (!source_.is_wanted) co_return latest_of(target_.checkpoint);
  if (!target_.is_wanted) co_return latest_of(source_.checkpoint);
  if (is_alone(target_, source_)) co_return co_await latest_of_alone(target_);
  if (is_alone(source_, target_)) co_return co_await latest_of_alone(source_);
  co_return common_session(source_.checkpoint, target_.checkpoint);
}

Task<Result<void>> Checkpointer::load_both() {
  Result<void> source_outcome;
  Result<void> target_outcome;
  TaskGroup both;
  both.spawn(load_side(source_, source_outcome));
  both.spawn(load_side(target_, target_outcome));
  co_await both.join();
  CO_TRY(source_outcome);
  co_return target_outcome;
}

Task<Result<void>> Checkpointer::load_with_server(Side& here, Side& server) {
  Result<void> outcome;
  co_await load_side(here, outcome);
  CO_TRY(outcome);
  server.refuses = false;
  server.checkpoint = {};
  // Where there is none here the server's doesn't count.
  if (!here.checkpoint.rev.empty()) co_await load_side(server, outcome);
  CO_TRY(outcome);
  const bool is_missing = server.checkpoint.rev.empty() && !server.refuses;
  if (is_missing && !here.checkpoint.is_alone) CO_TRY(co_await begin(here, server));
  co_return Result<void>();
}

Task<Result<void>> Checkpointer::begin(Side& here, Side& server) {
  CO_TRY(co_await begin_at(server));
  if (here.checkpoint.rev.empty() && !server.checkpoint.rev.empty()) {
    CO_TRY(co_await begin_at(here));
  }
  co_return Result<void>();
}

// REQUIRES: it is not known to have one. If it has, that is loaded.
Task<Result<void>> Checkpointer::begin_at(Side& side) {
  auto rev = co_await side.peer.put_local(id_, checkpoint_json(id_, {}));
  if (rev.ok()) {
    side.checkpoint.rev = std::move(*rev);
    co_return Result<void>();
  }
  const Error& error = rev.error();
  if (!is_refusal_to_keep(error) && error.status != 409) co_return std::move(rev).error();
  // A 401 may be for all, or for those who write.
  Result<void> outcome;
  co_await load_side(side, outcome);
  CO_TRY(outcome);
  if (error.status != 409) side.refuses = true;
  co_return Result<void>();
}

Task<Result<std::optional<CommonSession>>> Checkpointer::latest_of_alone(const Side& side) {
  auto latest = latest_of(side.checkpoint);
  if (!latest) co_return latest;
  CO_TRY_ASSIGN(const PeerInfo info, co_await source_.peer.info());
  const auto reached = number_of_sequence(latest->sequence);
  const auto end = number_of_sequence(info.update_sequence);
  if (reached && end && *reached > *end) co_return std::optional<CommonSession>();
  co_return latest;
}

Task<Result<void>> Checkpointer::save(SessionRecord record) {
  const CheckpointEntry entry = checkpoint_entry(record);
  CO_TRY(co_await save_side(source_, target_, entry));
  const bool target_refused = target_.refuses;
  CO_TRY(co_await save_side(target_, source_, entry));
  // The source has just been written without knowing that it is alone.
  if (target_.refuses && !target_refused) CO_TRY(co_await save_side(source_, target_, entry));
  has_saved_ = source_.keeps() || target_.keeps();
  is_fresh_ = false;
  co_return Result<void>();
}

Task<Result<void>> Checkpointer::save_side(Side& side, const Side& other,
                                           const CheckpointEntry& entry) {
  if (!side.keeps()) co_return Result<void>();
  // What a short replication has read a moment ago is believed.
  const bool is_old = options_.live || !is_fresh_;
  if (is_old && side.peer.is_remote() && !side.checkpoint.rev.empty()) {
    CO_TRY(co_await refresh(side));
  }
  for (int attempts = 1;; ++attempts) {
    side.checkpoint.is_alone = other.refuses;
    remember(side.checkpoint, entry);
    auto rev = co_await side.peer.put_local(id_, checkpoint_json(id_, side.checkpoint));
    if (rev.ok()) {
      side.checkpoint.rev = std::move(*rev);
      co_return Result<void>();
    }
    if (is_refusal_to_keep(rev.error())) {
      side.refuses = true;
      co_return Result<void>();
    }
    // 409: another tab has written it, or the answer to an earlier write was lost.
    if (rev.error().status != 409 || attempts == kMaxAttempts) co_return std::move(rev).error();
    CO_TRY(co_await refresh(side));
  }
}

Task<Result<void>> Checkpointer::look_for_it() {
  for (Side* side : {&source_, &target_}) {
    if (!side->keeps() || !side->peer.is_remote() || side->checkpoint.rev.empty()) continue;
    CO_TRY(co_await refresh(*side));
  }
  co_return Result<void>();
}

// Reads the side's checkpoint anew. An error where it is gone.
Task<Result<void>> Checkpointer::refresh(Side& side) {
  CO_TRY_ASSIGN(const auto document, co_await side.peer.get_local(id_));
  if (!document && !side.checkpoint.rev.empty()) {
    co_return errors::not_found("The checkpoint is gone: the database has been made anew.");
  }
  side.checkpoint = document ? parse_checkpoint(*document) : Checkpoint();
  co_return Result<void>();
}

}  // namespace couchlet
