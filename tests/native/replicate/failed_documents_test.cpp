// What the target refuses is told of once and not sent again.
#include "replicate/failed_documents.h"

#include <algorithm>

#include "replicate/replication_fixture.h"
#include "replicate/replication_id.h"

namespace couchlet {
namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

constexpr int64_t kMinute = 60 * 1000;

class RefusedDocuments : public ReplicationFixture {
 protected:
  RefusedDocuments() {
    server.validate = [](std::string_view document) { return !has(document, "secret"); };
  }

  // How often the server was sent something to write, by a push of now.
  size_t writes_of(ReplicationOptions options = {}) {
    const size_t before = server.count("POST /_bulk_docs");
    const auto run = start_push(std::move(options));
    const auto ended = outcome(*run);
    EXPECT_TRUE(ended.ok()) << ended.error().reason;
    told = run->take_told();
    return server.count("POST /_bulk_docs") - before;
  }

  // A push that writes, and dies before the server has its checkpoint.
  void push_and_break() {
    for (size_t i = 1; server.count("POST /_bulk_docs") == 0; ++i) {
      // A request that fails is sent once more, and plainly if it was gzipped.
      network->faults.clear();
      for (size_t n = 0; n < 3; ++n) network->faults[network->requests + i + n] = Fault::kBroken;
      ASSERT_FALSE(push().ok());
    }
    network->faults.clear();
  }

  std::string told;
};

TEST_F(RefusedDocuments, are_not_sent_again_where_a_push_has_died_before_its_checkpoint) {
  put_here(R"({"_id":"secret"})");
  push_and_break();
  EXPECT_EQ(writes_of(), 0u);
  EXPECT_EQ(told, "checkpoint");
}

TEST_F(RefusedDocuments, are_told_of_once_by_a_live_push_that_is_broken_off_again_and_again) {
  put_here(R"({"_id":"secret"})");
  const auto run = start_push(live());
  EXPECT_EQ(run->take_told(), "active, denied secret, paused, checkpoint");
  for (int i = 0; i < 3; ++i) {
    network->take_down();
    put_here(R"({"_id":")" + std::to_string(i) + "\"}");
    clock.advance(kMinute);
    network->is_down = false;
    run->replicator.wake();
    clock.advance(kMinute);
  }
  EXPECT_EQ(count_there(), 3u);
  EXPECT_FALSE(has(run->take_told(), "denied"));
  run->replicator.cancel();
}

TEST_F(RefusedDocuments, are_not_sent_again_when_a_conflict_brings_them_back_into_the_feed) {
  put_here(R"({"_id":"a","text":"secret"})");
  EXPECT_EQ(writes_of(), 1u);
  put_there(R"({"_id":"a","text":"public"})");
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(writes_of(), 0u);
  EXPECT_FALSE(has(told, "denied"));
}

TEST_F(RefusedDocuments, are_sent_when_they_have_a_newer_revision) {
  const std::string rev = put_here(R"({"_id":"a","text":"secret"})");
  push_and_break();
  put_here(R"({"_id":"a","_rev":")" + rev + R"(","text":"public"})");
  EXPECT_EQ(writes_of(), 1u);
  EXPECT_EQ(here(), there());
}

TEST_F(RefusedDocuments, are_sent_again_by_a_replication_with_other_options) {
  put_here(R"({"_id":"secret"})");
  EXPECT_EQ(writes_of(), 1u);
  ReplicationOptions one;
  one.doc_ids = {"secret"};
  EXPECT_EQ(writes_of(one), 1u);
  EXPECT_EQ(told, "active, denied secret, checkpoint");
}

TEST_F(RefusedDocuments, are_sent_again_where_the_app_says_since) {
  put_here(R"({"_id":"secret"})");
  EXPECT_EQ(writes_of(), 1u);
  ReplicationOptions anew;
  anew.since = "0";
  EXPECT_EQ(writes_of(anew), 1u);
  EXPECT_EQ(told, "active, denied secret, checkpoint");
  server.validate = nullptr;
  EXPECT_EQ(writes_of(anew), 1u);
  EXPECT_EQ(here(), there());
}

TEST_F(RefusedDocuments, are_sent_again_to_a_database_that_was_made_anew) {
  put_here(R"({"_id":"secret"})");
  EXPECT_EQ(writes_of(), 1u);
  server.remove_database();
  server.create_database();
  server.validate = nullptr;
  EXPECT_EQ(writes_of(), 1u);
  EXPECT_EQ(here(), there());
}

TEST_F(RefusedDocuments, are_nothing_that_a_server_hears_of) {
  put_here(R"({"_id":"secret"})");
  EXPECT_EQ(writes_of(), 1u);
  EXPECT_TRUE(std::none_of(server.log.begin(), server.log.end(),
                           [](const std::string& request) { return has(request, "failed"); }));
  // The checkpoint there is CouchDB's.
  for (const std::string& request : server.log) {
    if (!request.starts_with("PUT /_local/")) continue;
    const auto id = request.substr(std::string_view("PUT /").size());
    const auto checkpoint = run_task(server.database()->get_local(id));
    ASSERT_TRUE(checkpoint.ok());
    EXPECT_FALSE(has(*checkpoint, "refused")) << *checkpoint;
  }
}

TEST_F(RefusedDocuments, that_are_too_large_are_remembered_too) {
  server.validate = nullptr;
  server.max_request_bytes = 2000;
  put_here(R"({"_id":"large","text":")" + std::string(5000, 'x') + "\"}");
  push_and_break();
  EXPECT_EQ(writes_of(), 0u);
}

TEST_F(RefusedDocuments, that_have_been_edited_are_forgotten) {
  const std::string rev = put_here(R"({"_id":"a","text":"secret"})");
  EXPECT_EQ(writes_of(), 1u);
  put_here(R"({"_id":"a","_rev":")" + rev + R"(","text":"public"})");
  EXPECT_EQ(writes_of(), 1u);
  const auto source = local_peer();
  const auto target = remote_peer();
  const std::string from = run_task(source->identity()).value();
  const std::string to = run_task(target->identity()).value();
  const auto stored = run_task(read_failures(*source, replication_id(from, to, {})));
  ASSERT_TRUE(stored.ok());
  EXPECT_NE(stored->rev, "");
  EXPECT_TRUE(stored->refused.empty());
}

// A validation function that falls over a document throws no "forbidden" (CouchDB then names the
// JavaScript error in the document's row).
class ToppledBy : public RefusedDocuments {
 protected:
  ToppledBy() {
    server.validate = nullptr;
    server.survives = [](std::string_view document) { return !has(document, "strange"); };
  }
};

TEST_F(ToppledBy, one_document_the_server_takes_the_others) {
  put_here(R"({"_id":"a"})");
  put_here(R"({"_id":"strange"})");
  const auto result = push();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(result->docs_written, 1u);
  EXPECT_EQ(result->doc_write_failures, 1u);
  EXPECT_EQ(count_there(), 1u);
}

TEST_F(ToppledBy, a_document_the_server_is_sent_it_again_in_the_next_session) {
  put_here(R"({"_id":"a"})");
  put_here(R"({"_id":"strange"})");
  EXPECT_EQ(writes_of(), 1u);
  EXPECT_EQ(writes_of(), 1u);
  EXPECT_EQ(told, "active, denied strange");
  server.survives = nullptr;
  EXPECT_EQ(writes_of(), 1u);
  EXPECT_EQ(here(), there());
  EXPECT_EQ(writes_of(), 0u);
}

TEST_F(ToppledBy, a_document_the_server_is_sent_it_again_by_a_live_push_that_waits) {
  put_here(R"({"_id":"a"})");
  put_here(R"({"_id":"strange"})");
  const auto run = start_push(live());
  EXPECT_EQ(count_there(), 1u);
  for (int i = 0; i < 20; ++i) clock.advance(kMinute);
  EXPECT_LT(server.count("POST /_bulk_docs"), 6u);
  server.survives = nullptr;
  for (int i = 0; i < 6; ++i) clock.advance(kMinute);
  EXPECT_EQ(here(), there());
  put_here(R"({"_id":"b"})");
  EXPECT_EQ(here(), there());
  run->replicator.cancel();
}

TEST_F(ToppledBy, all_that_it_is_sent_the_server_is_broken) {
  put_here(R"({"_id":"strange 1"})");
  put_here(R"({"_id":"strange 2"})");
  EXPECT_FALSE(push().ok());
  server.survives = nullptr;
  ASSERT_TRUE(push().ok());
  EXPECT_EQ(here(), there());
}

TEST_F(RefusedDocuments, of_which_one_spoils_a_whole_request_are_found_whatever_the_server_says) {
  server.understands = server.validate;
  server.validate = nullptr;
  server.misunderstanding = "bad_request";
  put_many(*local, 20);
  put_here(R"({"_id":"secret"})");
  const auto result = push();
  ASSERT_TRUE(result.ok()) << result.error().reason;
  EXPECT_EQ(count_there(), 20u);
  EXPECT_EQ(result->doc_write_failures, 1u);
  EXPECT_EQ(writes_of(), 0u);
}

// A node of a cluster whose feed names what the others don't have yet.
class Forgetful : public HttpPeer {
 public:
  using HttpPeer::HttpPeer;
  Task<Result<FetchedDocuments>> fetch(std::vector<WantedRevision> wanted) override {
    CO_TRY_ASSIGN(FetchedDocuments fetched, co_await HttpPeer::fetch(wanted));
    fetched.documents.clear();
    for (const WantedRevision& one : wanted) {
      fetched.errors.push_back({one.id, one.revision.text(), errors::not_found("missing")});
    }
    co_return fetched;
  }
};

TEST_F(RefusedDocuments, that_the_source_did_not_find_are_asked_for_again_in_the_next_session) {
  const std::string rev = put_there(R"({"_id":"a"})");
  put_there(R"({"_id":"a","_rev":")" + rev + R"(","n":2})");
  const RunningReplication run(
      std::make_unique<Forgetful>(std::make_unique<SimulatedClient>(server, network),
                                  SimulatedServer::kUrl, 60000),
      local_peer(), {}, clock, random);
  ASSERT_TRUE(outcome(run).ok());
  EXPECT_EQ(count_here(), 0u);
  ASSERT_TRUE(pull().ok());
  EXPECT_EQ(here(), there());
}

// A local database that keeps one document, and says which.
class Keeper : public LocalPeer {
 public:
  using LocalPeer::LocalPeer;
  Task<Result<std::string>> put_local(std::string id, std::string document) override {
    ++puts;
    return LocalPeer::put_local(std::move(id), std::move(document));
  }
  int puts = 0;
};

class FailedDocumentsTest : public ReplicationFixture {
 protected:
  static Revision revision(std::string_view text) { return *Revision::parse(text); }
  static std::vector<PeerChange> row(const std::string& id, std::vector<Revision> revisions) {
    PeerChange change;
    change.id = id;
    change.revisions = std::move(revisions);
    return {change};
  }
  Keeper keeper{local};
};

TEST_F(FailedDocumentsTest, are_read_as_they_were_written_and_written_only_if_they_have_changed) {
  FailedDocuments failed;
  ASSERT_TRUE(run_task(failed.load(&keeper, "r")).ok());
  failed.add_refused("a\"\n", revision("1-a"));
  failed.add_refused("a\"\n", revision("1-b"));
  failed.add_spoilt("b", revision("2-c"));
  ASSERT_TRUE(run_task(failed.save()).ok());
  failed.add_refused("a\"\n", revision("1-a"));
  ASSERT_TRUE(run_task(failed.save()).ok());
  EXPECT_EQ(keeper.puts, 1);

  FailedDocuments again;
  ASSERT_TRUE(run_task(again.load(&keeper, "r")).ok());
  auto rows = row("a\"\n", {revision("1-a"), revision("1-b"), revision("1-d")});
  again.leave_out_refused(rows);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].revisions, std::vector{revision("1-d")});
  EXPECT_EQ(again.retry_spoilt().size(), 1u);
}

TEST_F(FailedDocumentsTest, what_was_spoilt_stays_until_it_has_been_asked_for_again) {
  FailedDocuments failed;
  ASSERT_TRUE(run_task(failed.load(&keeper, "r")).ok());
  failed.add_spoilt("a", revision("1-a"));
  failed.add_spoilt("b", revision("1-b"));
  ASSERT_TRUE(run_task(failed.save()).ok());

  EXPECT_EQ(failed.retry_spoilt().size(), 2u);
  failed.add_refused("c", revision("1-c"));
  ASSERT_TRUE(run_task(failed.save()).ok());
  EXPECT_EQ(run_task(read_failures(keeper, "r"))->spoilt.size(), 2u) << "the page may die now";

  failed.begin_session(true);
  EXPECT_EQ(failed.retry_spoilt().size(), 2u) << "the session before has broken off";
  failed.add_spoilt("b", revision("1-b"));
  failed.spoilt_retried();
  ASSERT_TRUE(run_task(failed.save()).ok());
  EXPECT_EQ(run_task(read_failures(keeper, "r"))->spoilt.size(), 1u) << "a has come";
}

TEST_F(FailedDocumentsTest, what_another_tab_found_spoilt_is_kept) {
  FailedDocuments here;
  FailedDocuments there;
  ASSERT_TRUE(run_task(here.load(&keeper, "r")).ok());
  ASSERT_TRUE(run_task(there.load(&keeper, "r")).ok());
  here.add_spoilt("a", revision("1-a"));
  there.add_spoilt("b", revision("1-b"));
  EXPECT_TRUE(run_task(here.save()).ok());
  EXPECT_TRUE(run_task(there.save()).ok());
  EXPECT_EQ(run_task(read_failures(keeper, "r"))->spoilt.size(), 2u);
}

TEST_F(FailedDocumentsTest, another_tab_that_writes_first_is_no_failure) {
  FailedDocuments here;
  FailedDocuments there;
  ASSERT_TRUE(run_task(here.load(&keeper, "r")).ok());
  ASSERT_TRUE(run_task(there.load(&keeper, "r")).ok());
  here.add_refused("a", revision("1-a"));
  there.add_refused("b", revision("1-b"));
  EXPECT_TRUE(run_task(here.save()).ok());
  EXPECT_TRUE(run_task(there.save()).ok());
  there.add_refused("c", revision("1-c"));
  EXPECT_TRUE(run_task(there.save()).ok());
}

TEST_F(FailedDocumentsTest, a_document_that_is_none_of_these_is_nothing) {
  put_here(R"({"_id":"_local/r-failed","refused":[1],"spoilt":{"a":["1-a","nonsense",7],"b":3}})");
  FailedDocuments failed;
  ASSERT_TRUE(run_task(failed.load(&keeper, "r")).ok());
  EXPECT_EQ(failed.retry_spoilt().size(), 1u);
}

TEST_F(FailedDocumentsTest, are_bounded) {
  FailedDocuments failed;
  for (size_t i = 0; i < FailedDocuments::kMaxDocuments + 5; ++i) {
    failed.add_spoilt(std::to_string(i), revision("1-a"));
  }
  EXPECT_EQ(failed.retry_spoilt().size(), FailedDocuments::kMaxDocuments);
}

}  // namespace
}  // namespace couchlet
