#include "replication_agreement.h"

#include <utility>

namespace couchlet {

void ReplicationAgreement::look(const std::string& site, const DatabaseContents& contents) {
  const auto is_everywhere = [&](const EditLedger::Edit& edit) {
    return plan_.is_shared(edit.id) || edit.site == site;
  };
  const auto may_come = [&](const EditLedger::Edit& edit) {
    return plan_.passes(edit.id) || edit.site == site;
  };
  const std::string wrong = ledger_.check(contents, is_everywhere, may_come);
  if (!wrong.empty()) run_.fail("At " + site + ": " + wrong);
  DatabaseContents shared = contents;
  std::erase_if(shared, [this](const auto& each) { return !plan_.is_shared(each.first); });
  if (first_site_.empty()) {
    first_site_ = site;
    first_ = std::move(shared);
  } else {
    compare(site, shared);
  }
}

void ReplicationAgreement::look_at_inbox(const std::string& site, const DatabaseContents& contents,
                                         const std::string& origin) {
  // What the origin has is not put there again.
  const auto is_pushed = [&](const EditLedger::Edit& edit) {
    return plan_.passes(edit.id) && edit.site != origin;
  };
  const std::string wrong = ledger_.check(contents, is_pushed, is_pushed);
  if (!wrong.empty()) run_.fail("At " + site + ": " + wrong);
}

void ReplicationAgreement::compare(const std::string& site, const DatabaseContents& shared) {
  for (const auto& [id, document] : first_) {
    run_.count("documents compared");
    const auto found = shared.find(id);
    if (found == shared.end()) return run_.fail(site + " lacks " + id + " of " + first_site_);
    if (found->second == document) continue;
    return run_.fail(site + " has another " + id + " than " + first_site_ + ": " +
                     shown(found->second.leaves) + " and " + shown(document.leaves));
  }
  if (shared.size() != first_.size()) run_.fail(site + " has more than " + first_site_);
}

}  // namespace couchlet
