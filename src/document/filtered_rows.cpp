#include "document/filtered_rows.h"

#include <utility>

#include "document/damage.h"

namespace couchlet {
namespace {

// The revisions of a row that pass, of which `begin` is the first's answer.
std::vector<Revision> passing_revisions(std::vector<Revision> revisions,
                                        const std::vector<bool>& passes, size_t begin) {
  std::vector<Revision> passing;
  for (size_t i = 0; i < revisions.size(); ++i) {
    if (passes[begin + i]) passing.push_back(std::move(revisions[i]));
  }
  return passing;
}

}  // namespace

Task<Result<void>> FilteredRows::add(FeedRow row, const std::vector<RevisionNode>& leaves) {
  std::vector<std::string> documents;
  for (const RevisionNode& leaf : leaves) {
    std::string& text = documents.emplace_back();
    auto appended = co_await reader_.append_revision(text, row.row.id, leaf, {});
    if (!appended.ok() && !is_lost(appended.error())) co_return appended;
    if (!appended.ok()) append_document(text, row.row.id, leaf, StoredBody{}, {});
    bytes_ += text.size();
  }
  rows_.push_back({std::move(row), std::move(documents)});
  co_return Result<void>();
}

Result<FilteredRows::Answer> FilteredRows::ask(uint64_t limit) {
  std::vector<Waiting> rows = std::exchange(rows_, {});
  bytes_ = 0;
  std::vector<std::string_view> documents;
  for (const Waiting& waiting : rows) {
    documents.insert(documents.end(), waiting.documents.begin(), waiting.documents.end());
  }
  TRY_ASSIGN(const std::vector<bool> passes, filter_.passing(documents));
  Answer answer;
  size_t begin = 0;
  for (auto& [found, leaves] : rows) {
    ChangeRow& row = found.row;
    row.revisions = passing_revisions(std::move(row.revisions), passes, begin);
    begin += leaves.size();
    const bool does_pass = !row.revisions.empty();
    answer.is_cut = does_pass && answer.passing.size() == limit;
    if (answer.is_cut) break;
    answer.last_decided = row.sequence;
    if (does_pass) answer.passing.push_back(std::move(found));
  }
  return answer;
}

}  // namespace couchlet
