#include "query/selector.h"

#include <gtest/gtest.h>

#include <string>

#include "query/plain_regex.h"

namespace couchlet {
namespace {

// 'x' for "x", which reads better in a test.
std::string json(std::string text) {
  for (char& character : text) {
    if (character == '\'') character = '"';
  }
  return text;
}

Result<Selector> parse(const std::string& selector) {
  PlainRegexMatcher regexes;
  return Selector::parse(json(selector), regexes);
}

bool matches(const std::string& selector, const std::string& document) {
  const auto parsed = parse(selector);
  if (!parsed.ok()) ADD_FAILURE() << selector << ": " << parsed.error().reason;
  return parsed.ok() && parsed->matches(*parse_json_value(json(document)));
}

void expect_error(const std::string& selector, const std::string& name,
                  const std::string& part_of_reason) {
  const auto parsed = parse(selector);
  ASSERT_FALSE(parsed.ok()) << selector;
  EXPECT_EQ(parsed.error().status, 400) << selector;
  EXPECT_EQ(parsed.error().name, name) << selector;
  EXPECT_NE(parsed.error().reason.find(part_of_reason), std::string::npos) << parsed.error().reason;
}

TEST(Selector, an_empty_one_matches_every_document) { EXPECT_TRUE(matches("{}", "{'a':1}")); }

TEST(Selector, a_field_equals_a_value_by_itself) {
  EXPECT_TRUE(matches("{'a':1}", "{'a':1}"));
  EXPECT_TRUE(matches("{'a':1}", "{'a':1.0}"));
  EXPECT_FALSE(matches("{'a':1}", "{'a':'1'}"));
  EXPECT_TRUE(matches("{'a':null}", "{'a':null}"));
  EXPECT_FALSE(matches("{'a':null}", "{}"));
  EXPECT_TRUE(matches("{'a':[1,2]}", "{'a':[1,2]}"));
  EXPECT_TRUE(matches("{'a':{}}", "{'a':{}}"));
  EXPECT_FALSE(matches("{'a':{}}", "{'a':{'b':1}}"));
}

TEST(Selector, all_fields_must_match) {
  EXPECT_TRUE(matches("{'a':1,'b':2}", "{'a':1,'b':2,'c':3}"));
  EXPECT_FALSE(matches("{'a':1,'b':2}", "{'a':1,'b':3}"));
  EXPECT_TRUE(matches("{'a':{'$gt':1,'$lt':3}}", "{'a':2}"));
  EXPECT_FALSE(matches("{'a':{'$gt':1,'$lt':3}}", "{'a':3}"));
}

TEST(Selector, nested_fields_are_reached_by_dots_and_by_objects) {
  const std::string document = "{'a':{'b':{'c':1}},'list':[{'n':5},{'n':6}],'x.y':7,'$d':8}";
  EXPECT_TRUE(matches("{'a.b.c':1}", document));
  EXPECT_TRUE(matches("{'a':{'b':{'c':1}}}", document));
  EXPECT_TRUE(matches("{'a.b':{'c':{'$lt':2}}}", document));
  EXPECT_TRUE(matches("{'list.1.n':6}", document));
  EXPECT_FALSE(matches("{'list.2.n':6}", document));
  EXPECT_FALSE(matches("{'list.n':5}", document));
  EXPECT_TRUE(matches("{'x\\\\.y':7}", document));
  EXPECT_FALSE(matches("{'x.y':7}", document));
  EXPECT_TRUE(matches("{'\\\\$d':8}", document));
}

TEST(Selector, special_fields_are_fields) {
  const std::string document = "{'_id':'n/1','_rev':'2-a','_deleted':true}";
  EXPECT_TRUE(matches("{'_id':{'$beginsWith':'n/'}}", document));
  EXPECT_TRUE(matches("{'_id':{'$gt':'n/0','$lt':'n/9'}}", document));
  EXPECT_TRUE(matches("{'_rev':'2-a'}", document));
  EXPECT_TRUE(matches("{'_deleted':true}", document));
  EXPECT_TRUE(matches("{'_deleted':{'$exists':false}}", "{'_id':'n/1'}"));
}

TEST(Selector, values_of_all_types_are_ordered) {
  EXPECT_TRUE(matches("{'a':{'$gt':null}}", "{'a':false}"));
  EXPECT_TRUE(matches("{'a':{'$gt':100}}", "{'a':'1'}"));
  EXPECT_TRUE(matches("{'a':{'$lt':{}}}", "{'a':[]}"));
  EXPECT_TRUE(matches("{'a':{'$lte':2}}", "{'a':2.0}"));
  EXPECT_TRUE(matches("{'a':{'$gte':2}}", "{'a':2}"));
  EXPECT_FALSE(matches("{'a':{'$lt':2}}", "{'a':2}"));
  EXPECT_FALSE(matches("{'a':{'$gt':2}}", "{'a':2}"));
}

TEST(Selector, of_a_missing_field_only_its_absence_is_true) {
  for (const char* condition :
       {"{'$ne':1}", "{'$nin':[1]}", "{'$not':{'$eq':1}}", "{'$lt':1}", "{'$lte':null}",
        "{'$exists':true}", "{'$not':{'$regex':'x'}}", "{'$not':{'$exists':false}}",
        "{'$not':{'$elemMatch':{'$eq':1}}}", "{'$type':'null'}"}) {
    EXPECT_FALSE(matches("{'a':" + std::string(condition) + "}", "{'b':1}")) << condition;
  }
  EXPECT_TRUE(matches("{'a':{'$exists':false}}", "{'b':1}"));
  EXPECT_TRUE(matches("{'a':{'$not':{'$exists':true}}}", "{'b':1}"));
  EXPECT_TRUE(matches("{'a.b':{'$exists':false}}", "{'a':{}}"));
  EXPECT_FALSE(matches("{'a.b':{'$exists':false}}", "{'a':5}"));
  EXPECT_FALSE(matches("{'$not':{'a':1}}", "{'b':1}"));
  EXPECT_FALSE(matches("{'$nor':[{'a':1}]}", "{'b':1}"));
}

TEST(Selector, a_field_exists_whatever_its_value) {
  EXPECT_TRUE(matches("{'a':{'$exists':true}}", "{'a':null}"));
  EXPECT_FALSE(matches("{'a':{'$exists':false}}", "{'a':null}"));
}

TEST(Selector, types_have_names) {
  EXPECT_TRUE(matches("{'a':{'$type':'null'}}", "{'a':null}"));
  EXPECT_TRUE(matches("{'a':{'$type':'boolean'}}", "{'a':false}"));
  EXPECT_TRUE(matches("{'a':{'$type':'number'}}", "{'a':1.5}"));
  EXPECT_TRUE(matches("{'a':{'$type':'string'}}", "{'a':''}"));
  EXPECT_TRUE(matches("{'a':{'$type':'array'}}", "{'a':[]}"));
  EXPECT_TRUE(matches("{'a':{'$type':'object'}}", "{'a':{}}"));
  EXPECT_FALSE(matches("{'a':{'$type':'integer'}}", "{'a':1}"));
}

TEST(Selector, a_value_is_in_a_list_and_so_is_an_array_by_one_of_its_elements) {
  EXPECT_TRUE(matches("{'a':{'$in':[1,'x']}}", "{'a':'x'}"));
  EXPECT_FALSE(matches("{'a':{'$in':[]}}", "{'a':'x'}"));
  EXPECT_TRUE(matches("{'a':{'$in':[1,2]}}", "{'a':[5,2]}"));
  EXPECT_FALSE(matches("{'a':{'$nin':[1,2]}}", "{'a':[5,2]}"));
  EXPECT_TRUE(matches("{'a':{'$nin':[1,2]}}", "{'a':3}"));
}

TEST(Selector, an_array_has_a_size) {
  EXPECT_TRUE(matches("{'a':{'$size':2}}", "{'a':[0,0]}"));
  EXPECT_FALSE(matches("{'a':{'$size':2}}", "{'a':[0]}"));
  EXPECT_FALSE(matches("{'a':{'$size':2}}", "{'a':'xx'}"));
}

TEST(Selector, a_whole_number_has_a_remainder) {
  EXPECT_TRUE(matches("{'a':{'$mod':[10,1]}}", "{'a':21}"));
  EXPECT_FALSE(matches("{'a':{'$mod':[10,1]}}", "{'a':22}"));
  EXPECT_TRUE(matches("{'a':{'$mod':[10,-1]}}", "{'a':-21}"));
  EXPECT_TRUE(matches("{'a':{'$mod':[-10,1]}}", "{'a':21}"));
  EXPECT_TRUE(matches("{'a':{'$mod':[97,52]}}", "{'a':123456789012345678901234567890}"));
  EXPECT_FALSE(matches("{'a':{'$mod':[10,1]}}", "{'a':21.0}"));
  EXPECT_FALSE(matches("{'a':{'$mod':[10,1]}}", "{'a':'21'}"));
}

TEST(Selector, strings_match_patterns_and_beginnings) {
  EXPECT_TRUE(matches("{'a':{'$regex':'^b.r'}}", "{'a':'bart'}"));
  EXPECT_FALSE(matches("{'a':{'$regex':'^b.r$'}}", "{'a':'bart'}"));
  EXPECT_FALSE(matches("{'a':{'$regex':'1'}}", "{'a':1}"));
  EXPECT_TRUE(matches("{'a':{'$not':{'$regex':'x'}}}", "{'a':'bart'}"));
  EXPECT_TRUE(matches("{'a':{'$beginsWith':'ba'}}", "{'a':'bart'}"));
  EXPECT_FALSE(matches("{'a':{'$beginsWith':'art'}}", "{'a':'bart'}"));
}

TEST(Selector, an_array_has_all_of_several_values) {
  EXPECT_TRUE(matches("{'a':{'$all':[1,2]}}", "{'a':[3,2,1]}"));
  EXPECT_FALSE(matches("{'a':{'$all':[1,4]}}", "{'a':[3,2,1]}"));
  EXPECT_FALSE(matches("{'a':{'$all':[]}}", "{'a':[1]}"));
  EXPECT_TRUE(matches("{'a':{'$all':[[1,2]]}}", "{'a':[1,2]}"));
  EXPECT_FALSE(matches("{'a':{'$all':[1]}}", "{'a':1}"));
}

TEST(Selector, elements_are_matched_by_a_selector_of_their_own) {
  const std::string document = "{'a':[{'n':1,'m':1},{'n':2,'m':2}],'b':[5,20],'c':[]}";
  EXPECT_TRUE(matches("{'a':{'$elemMatch':{'n':2,'m':2}}}", document));
  EXPECT_FALSE(matches("{'a':{'$elemMatch':{'n':1,'m':2}}}", document));
  EXPECT_TRUE(matches("{'b':{'$elemMatch':{'$gt':10,'$lt':30}}}", document));
  EXPECT_FALSE(matches("{'b':{'$elemMatch':{'$gt':5,'$lt':20}}}", document));
  EXPECT_TRUE(matches("{'a':{'$allMatch':{'n':{'$gt':0}}}}", document));
  EXPECT_FALSE(matches("{'a':{'$allMatch':{'n':{'$gt':1}}}}", document));
  EXPECT_FALSE(matches("{'c':{'$allMatch':{'$gt':0}}}", document));
  EXPECT_FALSE(matches("{'c':{'$elemMatch':{'$gt':0}}}", document));
  EXPECT_TRUE(matches("{'c':{'$not':{'$elemMatch':{'$gt':0}}}}", document));
  EXPECT_TRUE(matches("{'b':{'$elemMatch':{'$or':[{'$eq':1},{'$eq':20}]}}}", document));
}

TEST(Selector, keys_of_an_object_are_matched) {
  EXPECT_TRUE(matches("{'a':{'$keyMapMatch':{'$eq':'k'}}}", "{'a':{'j':1,'k':2}}"));
  EXPECT_FALSE(matches("{'a':{'$keyMapMatch':{'$eq':'x'}}}", "{'a':{'j':1,'k':2}}"));
  EXPECT_FALSE(matches("{'a':{'$keyMapMatch':{'$eq':'k'}}}", "{'a':['k']}"));
}

TEST(Selector, combinations_may_stand_above_and_below_a_field) {
  EXPECT_TRUE(matches("{'$or':[{'a':1},{'b':1}]}", "{'b':1}"));
  EXPECT_FALSE(matches("{'$or':[{'a':1},{'b':1}]}", "{'b':2}"));
  EXPECT_TRUE(matches("{'a':{'$or':[{'$lt':1},{'$gt':5}]}}", "{'a':6}"));
  EXPECT_TRUE(matches("{'a':{'$or':[1,2]}}", "{'a':2}"));
  EXPECT_TRUE(matches("{'$and':[{'a':1},{'$not':{'b':1}}]}", "{'a':1,'b':2}"));
  EXPECT_TRUE(matches("{'$nor':[{'a':1},{'b':1}]}", "{'a':2,'b':2}"));
  EXPECT_FALSE(matches("{'$nor':[{'a':1},{'b':1}]}", "{'a':2,'b':1}"));
  EXPECT_TRUE(matches("{'$not':{'$nor':[{'a':1},{'b':1}]}}", "{'b':1}"));
  EXPECT_TRUE(matches("{'$not':{'a':1,'b':1}}", "{'a':1,'b':2}"));
  EXPECT_FALSE(matches("{'$not':{'a':1,'b':1}}", "{'a':1,'b':1}"));
  EXPECT_TRUE(matches("{'a':{'$not':{'$not':{'$eq':1}}}}", "{'a':1}"));
}

TEST(Selector, an_empty_combination_is_no_condition) {
  EXPECT_TRUE(matches("{'$and':[]}", "{}"));
  EXPECT_TRUE(matches("{'$or':[]}", "{}"));
  EXPECT_TRUE(matches("{'$nor':[]}", "{}"));
  EXPECT_FALSE(matches("{'$not':{'$nor':[]}}", "{}"));
  EXPECT_FALSE(matches("{'$not':{'$or':[]}}", "{}"));
}

TEST(Selector, what_is_wrong_is_said) {
  expect_error("[]", "invalid_selector_json", "must be a JSON object, not: []");
  expect_error("{", "bad_request", "invalid UTF-8 JSON");
  expect_error("{'a':{'$foo':1}}", "invalid_operator", "Invalid operator: $foo");
  expect_error("{'$text':'x'}", "invalid_operator", "Invalid operator: $text");
  expect_error("{'a':{'$in':5}}", "bad_arg", "Bad argument for operator $in: 5");
  expect_error("{'a':{'$exists':'yes'}}", "bad_arg", "true or false");
  expect_error("{'a':{'$type':1}}", "bad_arg", "name of a type");
  expect_error("{'a':{'$size':-1}}", "bad_arg", "not negative");
  expect_error("{'a':{'$size':1.5}}", "bad_arg", "not negative");
  expect_error("{'a':{'$mod':[0,1]}}", "bad_arg", "not 0");
  expect_error("{'a':{'$mod':[1]}}", "bad_arg", "divisor");
  expect_error("{'a':{'$regex':'*'}}", "bad_arg", "nothing to repeat");
  expect_error("{'a':{'$regex':1}}", "bad_arg", "a string");
  expect_error("{'a':{'$beginsWith':1}}", "bad_arg", "a string");
  expect_error("{'a':{'$elemMatch':1}}", "bad_arg", "an object");
  expect_error("{'$or':{}}", "bad_arg", "array of selectors");
  expect_error("{'a..b':1}", "invalid_field_name", "a..b");
  expect_error("{'':1}", "invalid_field_name", "empty");
}

}  // namespace
}  // namespace couchlet
