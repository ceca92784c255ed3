#include "document/conflict_list.h"

#include <memory>
#include <utility>
#include <vector>

#include "document/changes_entry.h"
#include "document/counters.h"
#include "document/damage.h"
#include "document/keys.h"
#include "json/json_writer.h"

namespace couchlet {
namespace {

// Entries of the feed that one page looks at, whatever it finds there: some milliseconds' work, so
// that a page of a browser is not held up where a large database has few conflicts.
constexpr uint64_t kMaxEntries = 20'000;

void append_row(std::string& text, std::string_view id, const Revision& winner,
                const std::vector<Revision>& conflicts) {
  text.append(text.back() == '[' ? "{\"id\":" : ",{\"id\":");
  append_json_string(text, id);
  text.append(",\"rev\":");
  winner.append_json(text);
  text.append(",\"conflicts\":");
  append_json_array(text, conflicts);
  text.push_back('}');
}

// Whether a row was appended.
Task<Result<bool>> append_if_conflicted(const DocumentReader& reader, std::string& text,
                                        std::string_view entry_bytes) {
  const auto entry = ChangesEntry::decode(entry_bytes);
  if (!entry.ok() || !entry->has_conflicting_leaves) co_return false;
  const std::string id(entry->id);
  auto record = co_await reader.record(id);
  if (!record.ok() && !is_damage(record.error())) co_return std::move(record).error();
  if (!record.ok() || !*record) co_return false;  // repair() is for these
  const std::vector<Revision> conflicts = conflicts_of((*record)->tree);
  if (conflicts.empty()) co_return false;
  append_row(text, id, entry->winner.revision, conflicts);
  co_return true;
}

bool is_in_feed(const Cursor& cursor) {
  return cursor.valid() && cursor.key().front() == keys::kSequence;
}

}  // namespace

Task<Result<std::string>> read_conflict_list(const DocumentReader& reader,
                                             const ConflictListOptions& options) {
  CO_TRY_ASSIGN(auto bytes, co_await reader.value(keys::kCounters));
  CO_TRY_ASSIGN(const Counters counters, Counters::decode(bytes));
  std::string text = "{\"rows\":[";
  uint64_t last_sequence = options.since;
  uint64_t found = 0;
  std::unique_ptr<Cursor> cursor = reader.cursor();
  CO_TRY(co_await cursor->seek(keys::sequence(options.since + 1)));
  for (uint64_t i = 0; i < kMaxEntries && found < options.limit && is_in_feed(*cursor); ++i) {
    last_sequence = keys::number_of(cursor->key());
    CO_TRY_ASSIGN(const bool is_row, co_await append_if_conflicted(reader, text, cursor->value()));
    if (is_row) ++found;
    CO_TRY(co_await cursor->next());
  }
  if (!is_in_feed(*cursor)) last_sequence = counters.update_sequence;
  text.append("],\"last_seq\":").append(std::to_string(last_sequence));
  text.append(",\"pending\":").append(std::to_string(counters.update_sequence - last_sequence));
  text.push_back('}');
  co_return text;
}

}  // namespace couchlet
