#include "replicate/replication_id.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace couchlet {
namespace {

TEST(ReplicationId, is_the_same_in_every_session_and_every_release) {
  ReplicationOptions options;
  EXPECT_EQ(replication_id("couchlet:1", "http://host/db", options),
            "93afdaaeb3e0254bbd135bad54ea8a1e");
}

TEST(ReplicationId, changes_with_what_changes_the_choice_of_documents) {
  const std::function<void(ReplicationOptions&)> choices[] = {
      [](auto&) {},
      [](auto& o) { o.all_leaves = false; },
      [](auto& o) { o.filter = "app/mine"; },
      [](auto& o) { o.selector = "{\"a\":1}"; },
      [](auto& o) { o.filter_source = "(doc) => doc.a === 1"; },
      [](auto& o) { o.doc_ids.emplace(); },
      [](auto& o) { o.doc_ids = {"a"}; },
      [](auto& o) { o.doc_ids = {"a", "b"}; },
      [](auto& o) { o.doc_ids = {"ab"}; },
      [](auto& o) { o.query_params = {{"a", "b"}}; },
      [](auto& o) { o.query_params = {{"a", ""}, {"b", ""}}; },
  };
  std::set<std::string> ids;
  for (const auto& choose : choices) {
    ReplicationOptions options;
    choose(options);
    ids.insert(replication_id("s", "t", options));
  }
  ids.insert(replication_id("t", "s", {}));
  ids.insert(replication_id("st", "", {}));
  EXPECT_EQ(ids.size(), std::size(choices) + 2);
}

TEST(ReplicationId, does_not_change_with_order_or_with_how_it_is_carried_out) {
  ReplicationOptions a;
  a.doc_ids = {"b", "a", "b"};
  a.query_params = {{"y", "2"}, {"x", "1"}};
  ReplicationOptions b;
  b.doc_ids = {"a", "b"};
  b.query_params = {{"x", "1"}, {"y", "2"}};
  b.live = b.retry = true;
  b.batch_size = 7;
  b.since = "12";
  b.live_feed = ChangesFeed::kContinuous;
  EXPECT_EQ(replication_id("s", "t", a), replication_id("s", "t", b));
}

}  // namespace
}  // namespace couchlet
