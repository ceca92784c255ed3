#include "document/incoming_document.h"

#include <array>
#include <bit>
#include <iterator>
#include <utility>

#include "base/uuid.h"
#include "document/document_id.h"
#include "json/document_scanner.h"
#include "json/json_reader.h"

namespace couchlet {
namespace {

constexpr const char* kNoLocalAttachments = "A local document can't have attachments.";

Error bad_revisions() {
  return errors::bad_request("_revisions must be {\"start\": number, \"ids\": [hashes]}.");
}

Revision::Digest random_hash(Random& random) {
  const std::array<uint64_t, 2> bits = {random.next(), random.next()};
  return std::bit_cast<Revision::Digest>(bits);
}

// "_revisions": {"start": 3, "ids": ["hash of 3", "hash of 2", "hash of 1"]}
Result<std::vector<Revision>> parse_revisions_field(std::string_view json) {
  uint64_t start = 0;
  std::vector<std::string> hashes;
  JsonReader reader(json);
  reader.enter_object();
  for (std::string name; reader.next_member(name);) {
    if (name == "start") {
      reader.read_uint64(start);
    } else if (name == "ids") {
      reader.enter_array();
      while (reader.next_element()) reader.read_string(hashes.emplace_back());
    } else {
      reader.skip();
    }
  }
  if (!reader.at_end() || hashes.empty() || hashes.size() > start) return bad_revisions();
  std::vector<Revision> history;
  history.reserve(hashes.size());
  for (const std::string& hash : hashes) {
    TRY_ASSIGN(Revision revision, Revision::from_hash(start--, hash));
    history.push_back(std::move(revision));
  }
  return history;
}

Result<std::vector<Revision>> history_of(const ScannedDocument& scanned, bool new_edits) {
  std::vector<Revision> history;
  if (!scanned.revisions.empty()) {
    TRY_ASSIGN(history, parse_revisions_field(scanned.revisions));
    // An edit has one parent; what is older the tree knows.
    if (new_edits) history.erase(std::next(history.begin()), history.end());
  }
  if (scanned.rev) {
    TRY_ASSIGN(Revision revision, Revision::parse(*scanned.rev));
    const bool agrees = !history.empty() && history.front() == revision;
    if (!agrees) {
      history.clear();
      history.push_back(std::move(revision));
    }
  }
  if (history.empty() && !new_edits)
    return errors::bad_request("A replicated document must have a _rev.");
  return history;
}

}  // namespace

Result<IncomingDocument> read_incoming_document(std::string_view text, const WriteOptions& options,
                                                Random& random) {
  const Terms terms = options.new_edits ? Terms::kEncode : Terms::kSkip;
  TRY_ASSIGN(ScannedDocument scanned, scan_document(text, terms));
  IncomingDocument document;
  if (scanned.id) {
    document.id = std::move(*scanned.id);
  } else if (options.new_edits) {
    document.id = uuid_v4(random);
  }
  const bool is_local = is_local_id(document.id);
  // Before the id: of a replicated document that has neither right PouchDB tells the revision.
  if (!is_local) {
    TRY_ASSIGN(document.history, history_of(scanned, options.new_edits));
  }
  TRY(check_document_id(document.id));
  document.is_deleted = scanned.is_deleted;
  document.members = std::move(scanned.body);
  if (is_local) {
    if (!scanned.attachments.empty()) return errors::bad_request(kNoLocalAttachments);
    document.rev = scanned.rev.value_or("");
    return document;
  }
  document.must_exist = options.must_exist;
  TRY_ASSIGN(document.attachments, parse_attachments(scanned.attachments, options.staged));
  document.term = std::move(scanned.term);
  document.is_forced = options.force;
  if (options.random_revisions) document.random_hash = random_hash(random);
  return document;
}

}  // namespace couchlet
