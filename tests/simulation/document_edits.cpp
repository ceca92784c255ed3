#include "document_edits.h"

#include <set>
#include <string_view>
#include <utility>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "json_text.h"

namespace couchlet {

namespace {

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

// "3-…" → 3
uint64_t generation_of(const std::string& rev) { return std::stoul(rev.substr(0, rev.find('-'))); }

bool is_unknown(const Error& error) { return error.name == "outcome_unknown"; }

}  // namespace

Task<Result<void>> DocumentEdits::edit_some(DatabaseLife& life, FeedFollower& tab) {
  std::set<std::string> ids;
  for (size_t count = run_.chance(600) ? 1 : run_.between(1, 6); count > 0; --count) {
    ids.insert(draw_id());
  }
  std::vector<Draft> drafts;
  for (const std::string& id : ids) {
    DocumentModel::Edit edit{.id = id};
    if (run_.chance(50) && tab.last_id == id) {
      edit.parent = tab.last_parent;
    } else {
      CO_TRY_ASSIGN(edit.parent, co_await views_.winning_rev(life, id));
    }
    if (life.has_crashed()) co_return Result<void>();
    edit.is_deletion = !edit.parent.empty() && run_.chance(habits_.deletions);
    tab.last_id = id;
    tab.last_parent = edit.parent;
    drafts.push_back(draft(std::move(edit)));
  }
  co_return co_await write(life, std::move(drafts), true);
}

Task<Result<void>> DocumentEdits::write_bundle(DatabaseLife& life) {
  std::vector<Draft> drafts;
  const DocumentModel::Number bundle = model_.edit_count();
  for (size_t count = run_.between(2, 6); count > 0; --count) {
    const std::string id = "bundle " + std::to_string(bundle) + " " + std::to_string(count);
    drafts.push_back(draft({.id = id, .bundle = bundle}));
  }
  co_return co_await write(life, std::move(drafts), true);
}

Task<Result<void>> DocumentEdits::replicate(DatabaseLife& life) {
  DocumentModel::Edit edit{.id = draw_id(), .is_replicated = true};
  if (run_.chance(700)) {
    CO_TRY_ASSIGN(edit.parent, co_await views_.winning_rev(life, edit.id));
  }
  if (life.has_crashed()) co_return Result<void>();
  const uint64_t generation = edit.parent.empty() ? 1 : generation_of(edit.parent) + 1;
  std::string hash;
  put_u64be(hash, run_.random.next());
  put_u64be(hash, run_.random.next());
  edit.rev = std::to_string(generation) + "-" + to_hex(hash);
  edit.is_deletion = run_.chance(habits_.deletions);
  std::vector<Draft> drafts;
  drafts.push_back(draft(std::move(edit)));
  co_return co_await write(life, std::move(drafts), false);
}

Task<Result<void>> DocumentEdits::count_locally(DatabaseLife& life, FeedFollower& tab) {
  if (std::exchange(life.is_counting, true)) co_return Result<void>();
  Result<void> counted = co_await count_on(life, tab);
  life.is_counting = false;
  if (counted.ok() || life.has_crashed()) co_return counted;
  // An outcome that was unknown may show now.
  const bool is_explained = counted.error().name == "conflict" && tab.is_local_unknown;
  tab.is_local_unknown = tab.is_local_unknown || is_unknown(counted.error());
  if (is_explained) co_return Result<void>();
  co_return counted;
}

Task<Result<void>> DocumentEdits::count_on(DatabaseLife& life, FeedFollower& tab) {
  const std::string id = "_local/tab" + std::to_string(life.tab);
  const Result<std::string> text = co_await life.database->get_local(id);
  if (life.has_crashed()) co_return Result<void>();
  if (!text.ok() && text.error().status != 404) co_return text.error();
  const Json present = text.ok() ? parse_json(*text) : Json::object();
  const uint64_t count = number_at(present, "count");
  if (count < tab.local_count) {
    complain(life, "reads " + std::to_string(count) + " from its local document, not " +
                       std::to_string(tab.local_count));
  }
  Json next = {{"_id", id}, {"count", count + 1}};
  if (text.ok()) next["_rev"] = text_at(present, "_rev");
  const std::string next_text = next.dump();
  CO_TRY_ASSIGN(const WriteResult written, co_await life.database->put_local(next_text));
  if (life.has_crashed()) co_return Result<void>();
  if (written.error) co_return *written.error;
  tab.local_count = count + 1;
  co_return Result<void>();
}

std::string DocumentEdits::draw_id() {
  return "document " + std::to_string(run_.random.below(habits_.id_count));
}

DocumentEdits::Draft DocumentEdits::draft(DocumentModel::Edit edit) {
  if (!edit.is_deletion && run_.chance(habits_.attachments)) {
    edit.attachment = "bytes " + std::to_string(run_.random.below(20)) + std::string(300, '.');
  }
  Draft made;
  made.edit = model_.begin_edit(edit);
  made.text = "{" + members(made.edit, edit) + "}";
  return made;
}

std::string DocumentEdits::members(DocumentModel::Number number, const DocumentModel::Edit& edit) {
  std::string text = "\"_id\":" + quoted(edit.id) + ",\"edit\":" + std::to_string(number);
  if (edit.is_replicated) {
    const size_t dash = edit.rev.find('-');
    text += ",\"_revisions\":{\"start\":" + edit.rev.substr(0, dash) + ",\"ids\":[" +
            quoted(edit.rev.substr(dash + 1));
    if (!edit.parent.empty()) {
      text += "," + quoted(edit.parent.substr(edit.parent.find('-') + 1));
    }
    text += "]}";
  } else if (!edit.parent.empty()) {
    text += ",\"_rev\":" + quoted(edit.parent);
  }
  if (edit.is_deletion) text += ",\"_deleted\":true";
  if (!edit.attachment.empty()) {
    text += R"(,"_attachments":{"file":{"content_type":"image/png","data":")" +
            encode_base64(edit.attachment) + "\"}}";
  }
  const size_t size = run_.chance(habits_.long_bodies) ? 100'000 : habits_.usual_bytes;
  return text + ",\"padding\":" + quoted(std::string(run_.random.below(size), 'p'));
}

Task<Result<void>> DocumentEdits::write(DatabaseLife& life, std::vector<Draft> drafts,
                                        bool new_edits) {
  std::vector<std::string_view> texts;
  for (const Draft& each : drafts) {
    run_.note(life.name(), " writes edit ", each.edit, " of ", model_.edit(each.edit).id, " on ",
              model_.edit(each.edit).parent);
    texts.emplace_back(each.text);
  }
  const auto answers = co_await life.database->write(texts, {.new_edits = new_edits});
  if (life.has_crashed()) co_return Result<void>();
  if (!answers.ok()) {
    run_.note(life.name(), " is answered ", answers.error().name);
    for (const Draft& each : drafts) {
      if (!is_unknown(answers.error())) complain(life, model_.deny(each.edit));
    }
    co_return answers.error();
  }
  if (answers->size() != drafts.size()) run_.fail(life.name() + " gets too few answers");
  for (size_t i = 0; i < drafts.size() && !run_.has_failed(); ++i) {
    check_answer(life, drafts[i], (*answers)[i]);
  }
  for (size_t i = 0; i < drafts.size() && !run_.has_failed(); ++i) {
    if (!(*answers)[i].error) CO_TRY(co_await views_.read_back(life, drafts[i].edit));
  }
  co_return Result<void>();
}

void DocumentEdits::check_answer(const DatabaseLife& life, const Draft& draft,
                                 const WriteResult& answer) {
  const DocumentModel::Edit edit = model_.edit(draft.edit);
  run_.note(life.name(), " is answered ", answer.error ? answer.error->name : answer.rev,
            " for edit ", draft.edit);
  if (!answer.error) {
    run_.count(edit.is_replicated ? "replicated" : "edits");
    complain(life, model_.acknowledge(draft.edit, answer.rev));
    if (!edit.parent.empty() && generation_of(answer.rev) != generation_of(edit.parent) + 1) {
      complain(life, answer.rev + " was made on " + edit.parent);
    }
  } else if (answer.error->name == "conflict") {
    run_.count("conflicts");
    complain(life, model_.conflict(draft.edit));
    if (edit.bundle != 0) complain(life, "a new document conflicts");
  } else {
    complain(life, "an edit is refused: " + answer.error->reason);
  }
}

void DocumentEdits::complain(const DatabaseLife& life, const std::string& wrong) {
  if (!wrong.empty()) run_.fail(life.name() + ": " + wrong);
}

}  // namespace couchlet
