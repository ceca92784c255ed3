#include "store/salvage.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "store/snapshot_gone.h"

namespace couchlet {
namespace {

bool is_damage(const Error& error) { return error.name == "corrupt_data"; }

}  // namespace

Task<Result<Salvage>> Salvage::prepare(ManifestRef manifest, TableCache& cache) {
  Salvage salvage(manifest, cache);
  std::vector<LostKeys> lost_before;  // in newer runs
  for (const Run& run : manifest->runs) {
    std::vector<LostKeys> lost;
    for (const TableRef& table : *run.tables) {
      CO_TRY(co_await salvage.salvage_table(table, lost_before, lost,
                                            TableBuilder::Filter::kOfAllKeys));
    }
    lost_before.insert(lost_before.end(), lost.begin(), lost.end());
  }
  for (const Segment& segment : manifest->segments) {
    std::vector<LostKeys> lost;
    CO_TRY(co_await salvage.salvage_table(segment.table, {}, lost, TableBuilder::Filter::kNone));
  }
  co_return salvage;
}

// Puts the table among those to be replaced, if anything of it is.
Task<Result<void>> Salvage::salvage_table(const TableRef& table,
                                          const std::vector<LostKeys>& lost_before,
                                          std::vector<LostKeys>& lost,
                                          TableBuilder::Filter filter) {
  TableBuilder kept(filter);
  CO_TRY(co_await read_table(*table, lost_before, lost, kept));
  std::vector<BuiltTable> replacement;
  if (!kept.empty()) replacement.push_back(kept.finish());
  const bool is_whole =
      !replacement.empty() && replacement.front().info.entry_count == table->entry_count;
  if (!is_whole) replaced_.emplace(table.get(), std::move(replacement));
  co_return Result<void>();
}

Task<Result<void>> Salvage::read_table(const TableInfo& table,
                                       const std::vector<LostKeys>& lost_before,
                                       std::vector<LostKeys>& lost, TableBuilder& kept) {
  Result<IndexRef> index = co_await cache_->load_index(table);
  if (!index.ok()) {
    if (!is_damage(index.error())) co_return std::move(index).error();
    lost.push_back({table.first_key, true, table.last_key});
    co_return Result<void>();
  }
  for (size_t i = 0; i < (*index)->block_count(); ++i) {
    const Result<BlockRef> block = co_await cache_->load_block(table, *index, i);
    if (!block.ok()) {
      if (!is_damage(block.error())) co_return block.error();
      const std::string& before = i == 0 ? table.first_key : (*index)->last_key(i - 1);
      lost.push_back({before, i == 0, (*index)->last_key(i)});
      continue;
    }
    Block::Iterator at(**block);
    for (at.seek_to_first(); at.valid(); at.next()) {
      const auto has_key = [&at](const LostKeys& keys) { return keys.contain(at.key()); };
      if (std::any_of(lost_before.begin(), lost_before.end(), has_key)) continue;
      at.is_erased() ? kept.erase(at.key()) : kept.put(at.key(), at.value());
    }
  }
  co_return Result<void>();
}

bool Salvage::apply(ManifestChange& change, int64_t now_ms) {
  Manifest& next = change.next();
  if (next.number != manifest_->number + 1) return false;
  for (Run& run : next.runs) run.tables = replace(change, *run.tables, now_ms);
  std::erase_if(next.runs,
                [](const Run& run) { return run.tables->empty() && run.merging_into == 0; });
  std::vector<Segment> segments;
  for (Segment& segment : next.segments) {
    const TablesRef tables = replace(change, {segment.table}, now_ms);
    if (tables->empty()) continue;
    segment.table = tables->front();
    segments.push_back(std::move(segment));
  }
  next.segments = std::move(segments);
  return true;
}

TablesRef Salvage::replace(ManifestChange& change, const Tables& tables, int64_t now_ms) {
  auto kept = std::make_shared<Tables>();
  for (const TableRef& table : tables) {
    const auto found = replaced_.find(table.get());
    if (found == replaced_.end()) {
      kept->push_back(table);
      continue;
    }
    change.next().retire(*table, now_ms);
    for (BuiltTable& built : found->second) kept->push_back(change.place(std::move(built)));
  }
  return kept;
}

}  // namespace couchlet
