#include "document/compaction.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "document/document_record.h"
#include "document/keys.h"
#include "document/on_snapshot.h"
#include "document/stored_bodies.h"

namespace couchlet {
namespace {

// Of one step. A commit of so many small documents or so many bytes of records is one log record of
// moderate size, and takes a few milliseconds to decide.
constexpr size_t kMaxCommitted = 256;
constexpr size_t kMaxCommittedBytes = 256 * 1024;
constexpr size_t kMaxRead = 1024;

struct Step {
  std::vector<std::string> ids;  // of documents that have something to lose
  std::string next_key;          // where the next step begins; "" after the last one
};

// Whether anything changed; the bodies that nothing refers to any more are added to `bodies`.
bool compact_tree(RevisionTree& tree, uint64_t revs_limit, RevisionTree::Bodies& bodies) {
  const size_t size = tree.size();
  bodies = tree.stem(revs_limit);
  std::ranges::copy(tree.forget_inner_bodies(), std::back_inserter(bodies));
  return tree.size() < size || !bodies.empty();
}

bool has_something_to_lose(std::string_view record_bytes, uint64_t revs_limit) {
  auto record = DocumentRecord::decode(record_bytes);
  RevisionTree::Bodies bodies;
  return record.ok() && compact_tree(record->tree, revs_limit, bodies);
}

Task<Result<Step>> find_documents(Store& store, SnapshotRef snapshot, std::string first_key,
                                  uint64_t revs_limit) {
  Step step;
  const std::unique_ptr<Cursor> cursor = store.cursor(std::move(snapshot));
  CO_TRY(co_await cursor->seek(first_key));
  size_t read = 0;
  size_t bytes = 0;
  while (cursor->valid() && cursor->key().front() == keys::kDocument) {
    if (read++ == kMaxRead || step.ids.size() == kMaxCommitted || bytes >= kMaxCommittedBytes) {
      step.next_key = cursor->key();
      break;
    }
    if (has_something_to_lose(cursor->value(), revs_limit)) {
      step.ids.emplace_back(keys::id_of(cursor->key()));
      bytes += cursor->value().size();
    }
    CO_TRY(co_await cursor->next());
  }
  co_return step;
}

Task<Result<void>> compact_document(WriteView& view, StoredBodies& stored, const std::string& id,
                                    uint64_t revs_limit) {
  CO_TRY_ASSIGN(const auto bytes, co_await view.get(keys::document(id)));
  if (!bytes) co_return Result<void>();  // purged since
  auto record = DocumentRecord::decode(*bytes);
  RevisionTree::Bodies bodies;
  if (!record.ok() || !compact_tree(record->tree, revs_limit, bodies)) co_return Result<void>();
  for (const RevisionInfo& info : bodies) CO_TRY(co_await stored.erase(info));
  view.put(keys::document(id), record->encode());
  co_return Result<void>();
}

Task<Result<void>> compact_all(WriteView& view, const std::vector<std::string>& ids,
                               uint64_t revs_limit) {
  StoredBodies stored(view);
  for (const std::string& id : ids) {
    CO_TRY(co_await compact_document(view, stored, id, revs_limit));
  }
  co_return co_await stored.finish();
}

}  // namespace

Task<Result<void>> compact_documents(Store& store, Clock& clock, uint64_t revs_limit) {
  std::string key(1, keys::kDocument);
  while (true) {
    const auto find = [&](SnapshotRef snapshot) {
      return find_documents(store, std::move(snapshot), key, revs_limit);
    };
    CO_TRY_ASSIGN(Step step, co_await on_snapshot(store, find));
    if (!step.ids.empty()) {
      CO_TRY(co_await store.commit(
          [&](WriteView& view) { return compact_all(view, step.ids, revs_limit); }));
    }
    if (step.next_key.empty()) co_return Result<void>();
    key = std::move(step.next_key);
    co_await clock.sleep(0);
  }
}

}  // namespace couchlet
