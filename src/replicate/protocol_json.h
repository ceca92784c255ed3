// The JSON of CouchDB's replication protocol: requests written, answers read.
//
// Answers are read in one pass that keeps spans of documents and builds no tree of them. Where an
// answer is only the beginning of a longer one (`is_cut`: reading stopped at a limit of bytes),
// what is complete in it counts. Errors are 502 bad_response; the caller adds which request it was.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "replicate/peer.h"

namespace couchlet {

// {"results": [{"seq": …, "id": …, "changes": [{"rev": …}], "deleted": true, "doc": …}],
// "last_seq": …, "pending": …}. The answer's spans point into `text`. Of a page that is cut, the
// rows up to the last one whose sequence is known, perhaps none; then is_partial is set and
// last_sequence is "" where there is none.
Result<PeerChanges> parse_changes(std::shared_ptr<const std::string> text, bool is_cut);

// Whole lines of a continuous feed, of which each is a row as above, with its sequence, or empty,
// or, the last one, {"last_seq": …, "pending": …}. The page's last_sequence is "" where there is
// neither; `is_end`: the last one was there.
struct ChangesLines {
  PeerChanges page;
  bool is_end = false;
};
Result<ChangesLines> parse_changes_lines(std::shared_ptr<const std::string> text);

// Whether an answer that begins with this line is no continuous feed: a page {"results": …}, or no
// JSON. Of a line that isn't `is_whole` less can be told.
bool is_line_of_page(std::string_view line, bool is_whole);

// {"id": ["1-…"], …}
std::string revs_diff_request(const std::vector<RevisionsOfDocument>& documents);
// {"id": {"missing": […], "possible_ancestors": […]}, …}
Result<std::vector<MissingRevisions>> parse_revs_diff(std::string_view text);

// ["1-…", …]
std::string revisions_json(const std::vector<Revision>& revisions);

// {"docs": [{"id": …, "rev": …, "atts_since": ["1-…", …]}, …]}, the latter only `with_data`: to
// CouchDB it means that newer attachments are to come in the text, whatever else the request says.
std::string bulk_get_request(std::span<const WantedRevision> wanted, bool with_data);
struct BulkGetRow {
  std::string id;
  std::string rev;            // "" if the row does not say it
  std::string_view document;  // "" for an error
  std::optional<Error> error;
};
// {"results": [{"id": …, "docs": [{"ok": …} | {"error": …}, …]}]}
Result<std::vector<BulkGetRow>> parse_bulk_get(std::string_view text, bool is_cut);
// [{"ok": …} | {"missing": "1-…"}, …], what a GET with open_revs answers.
Result<std::vector<BulkGetRow>> parse_open_revisions(std::string_view text, std::string_view id);

// {"docs": […], "new_edits": false}
std::string bulk_docs_request(const std::vector<std::string_view>& documents);
// [{"id": …, "rev": …, "error": …, "reason": …} | {"ok": true, …}, …]: only the errors.
Result<std::vector<WriteResult>> parse_bulk_docs(std::string_view text);

// {"update_seq": …, …}
Result<PeerInfo> parse_info(std::string_view text);

// The _id and _rev of a document, "" where it has none. Looks no further than it must: CouchDB
// writes these two first.
struct DocumentIdentity {
  std::string id;
  std::string rev;
};
DocumentIdentity identity_of(std::string_view document);

// The number in a sequence, where it has one: of 12 and of "12-g1AAAA…" it is 12. It serves only to
// see which of two sequences of the same database is earlier.
std::optional<uint64_t> number_of_sequence(std::string_view raw_json);

}  // namespace couchlet
