#include "json/document_scanner.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/hex.h"
#include "base/md5.h"
#include "json/erlang_term.h"
#include "json/json_reader.h"
#include "json/json_texts.h"
#include "json/scan_comparison.h"

namespace couchlet {

namespace {

ScannedDocument scanned(std::string_view text) {
  Result<ScannedDocument> result = scan_document(text, Terms::kEncode);
  EXPECT_TRUE(result.ok()) << text;
  return result.ok() ? std::move(result).value() : ScannedDocument();
}

// "400 doc_validation: Bad …"; the same with and without terms.
std::string error_of(std::string_view text) {
  const auto shown = [](const Result<ScannedDocument>& result) -> std::string {
    if (result.ok()) return "accepted";
    const Error& error = result.error();
    return std::to_string(error.status) + ' ' + error.name + ": " + error.reason;
  };
  const std::string with_terms = shown(scan_document(text, Terms::kEncode));
  EXPECT_EQ(shown(scan_document(text, Terms::kSkip)), with_terms) << text;
  return with_terms;
}

bool is_invalid_json(std::string_view text) {
  return error_of(text).starts_with("400 bad_request: invalid UTF-8 JSON at byte ");
}

std::string nested(std::string_view open, size_t depth, std::string_view close) {
  std::string text;
  for (size_t i = 0; i < depth; ++i) text += open;
  text += "1";
  for (size_t i = 0; i < depth; ++i) text += close;
  return text;
}

// The hash of a first revision without attachments.
std::string first_hash(bool is_deleted, std::string_view body_term) {
  std::string term(1, static_cast<char>(kErlangTermVersion));
  append_erlang_list(term, 5);
  append_erlang_atom(term, is_deleted ? "true" : "false");
  append_erlang_integer(term, 0);
  append_erlang_integer(term, 0);
  term += body_term;
  append_erlang_nil(term);
  append_erlang_nil(term);
  const Md5Digest digest = md5(term);
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

// A line of rev-vectors.jsonl: what was sent to a CouchDB, and the revision that it answered.
struct Vector {
  std::string body;
  std::string revision;
  bool is_deleted = false;
  bool is_first = true;
  bool has_attachments = false;
};

Vector vector_of(const std::string& line) {
  Vector vector;
  JsonReader reader(line);
  reader.enter_object();
  for (std::string key; reader.next_member(key);) {
    if (key == "body") {
      reader.read_string(vector.body);
    } else if (key == "rev") {
      reader.read_string(vector.revision);
    } else if (key == "deleted") {
      reader.read_bool(vector.is_deleted);
    } else {
      if (key == "parent") vector.is_first = false;
      if (key == "prev" && reader.peek() != JsonReader::Type::kNull) vector.is_first = false;
      if (key == "attachments") vector.has_attachments = true;
      reader.skip();
    }
  }
  EXPECT_TRUE(reader.at_end()) << line;
  return vector;
}

}  // namespace

TEST(DocumentScanner, first_revisions_hash_as_couchdb_hashed_them) {
  std::ifstream file(COUCHLET_TEST_DATA "/rev-vectors.jsonl");
  int checked = 0;
  for (std::string line; std::getline(file, line);) {
    const Vector vector = vector_of(line);
    EXPECT_EQ(difference_to_twin(vector.body), "");
    const ScannedDocument document = scanned(vector.body);
    if (!vector.is_first || vector.has_attachments) continue;
    EXPECT_EQ("1-" + first_hash(vector.is_deleted, document.term), vector.revision) << vector.body;
    ++checked;
  }
  EXPECT_EQ(checked, 62);
}

TEST(DocumentScanner, takes_the_special_members_out_and_keeps_the_others_as_they_came) {
  const std::string text =
      R"( {"_id":"an id","n" : 1e2,"_rev":"1-abc", "s": "\u0041" , "_deleted":true,"o":{"_x":[1, 2]},)"
      R"("l":[],"_attachments":{"a":{}},"_revisions":{"start":1,"ids":["abc"]},"z":null} )";
  const ScannedDocument document = scanned(text);
  EXPECT_EQ(document.id, "an id");
  EXPECT_EQ(document.rev, "1-abc");
  EXPECT_TRUE(document.is_deleted);
  EXPECT_EQ(document.attachments, R"({"a":{}})");
  EXPECT_EQ(document.attachments.data(), text.data() + text.find("{\"a\""));
  EXPECT_EQ(document.revisions, R"({"start":1,"ids":["abc"]})");
  EXPECT_EQ(document.revisions.data(), text.data() + text.find("{\"start\""));
  EXPECT_EQ(document.body, R"("n" : 1e2,"s": "\u0041","o":{"_x":[1, 2]},"l":[],"z":null)");
  EXPECT_EQ(document.term, scanned(R"({"n":100.0,"s":"A","o":{"_x":[1,2]},"l":[],"z":null})").term);
}

TEST(DocumentScanner, an_empty_document_has_no_members_at_all) {
  for (const char* text : {"{}", " { } ", "\t{\n}\r"}) {
    const ScannedDocument document = scanned(text);
    EXPECT_FALSE(document.id.has_value());
    EXPECT_FALSE(document.rev.has_value());
    EXPECT_FALSE(document.is_deleted);
    EXPECT_TRUE(document.attachments.empty());
    EXPECT_TRUE(document.revisions.empty());
    EXPECT_EQ(document.body, "");
    EXPECT_EQ(to_hex(document.term), "68016a");
  }
}

TEST(DocumentScanner, terms_are_only_made_if_asked_for) {
  const Result<ScannedDocument> document = scan_document(R"({"_id":"a","b":1})", Terms::kSkip);
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->id, "a");
  EXPECT_EQ(document->body, R"("b":1)");
  EXPECT_EQ(document->term, "");
}

TEST(DocumentScanner, what_a_server_tells_about_a_document_is_dropped) {
  const ScannedDocument document =
      scanned(R"({"_revs_info":[{"rev":"1-a","status":"available"}],"_conflicts":["1-b"],"a":1,)"
              R"("_deleted_conflicts":5,"_local_seq":null})");
  EXPECT_EQ(document.body, R"("a":1)");
}

TEST(DocumentScanner, special_members_are_known_by_what_their_key_stands_for) {
  const ScannedDocument document =
      scanned(R"({"\u005fid":"a","_r\u0065v":"1-b","\u005Fdeleted":true})");
  EXPECT_EQ(document.id, "a");
  EXPECT_EQ(document.rev, "1-b");
  EXPECT_TRUE(document.is_deleted);
  EXPECT_EQ(document.body, "");
  EXPECT_EQ(error_of(R"({"\u005f":1})"), "400 doc_validation: Bad special document member: _");
  EXPECT_EQ(error_of(R"({"_\u0066oo":1})"),
            "400 doc_validation: Bad special document member: _foo");
  EXPECT_EQ(scanned(R"({"\\u005fid":1,"\u0041_id":2})").body, R"("\\u005fid":1,"\u0041_id":2)");
}

TEST(DocumentScanner, ids_and_revisions_are_unescaped_and_otherwise_left_alone) {
  EXPECT_EQ(scanned(R"({"_id":""})").id, "");
  EXPECT_EQ(scanned(R"({"_id":"\u0000a\"\\\ud83d\ude00/\/"})").id, "\0a\"\\\xf0\x9f\x98\x80//"sv);
  EXPECT_EQ(scanned(R"({"_id":"_design/x","_rev":"not a revision"})").rev, "not a revision");
}

TEST(DocumentScanner, of_a_special_member_that_comes_twice_the_last_one_counts) {
  EXPECT_EQ(scanned(R"({"_id":"a","_id":"b"})").id, "b");
  EXPECT_EQ(scanned(R"({"_id":5,"x":1,"\u005fid":"b"})").id, "b");
  EXPECT_EQ(error_of(R"({"_id":"b","_id":5})"), "400 illegal_docid: Document id must be a string");
  EXPECT_FALSE(scanned(R"({"_deleted":true,"_deleted":false})").is_deleted);
  EXPECT_EQ(scanned(R"({"_attachments":[],"_attachments":{"a":1}})").attachments, R"({"a":1})");
}

TEST(DocumentScanner, of_a_member_that_comes_twice_the_text_keeps_both_and_the_term_the_last) {
  const ScannedDocument document = scanned(R"({"a":1,"b":{"c":1,"c":2},"a":3})");
  EXPECT_EQ(document.body, R"("a":1,"b":{"c":1,"c":2},"a":3)");
  EXPECT_EQ(document.term, scanned(R"({"b":{"c":2},"a":3})").term);
}

TEST(DocumentScanner, special_members_of_the_wrong_type_are_refused_as_couchdb_does) {
  for (const std::string value : {"1", "null", "true", "[]", "{}"}) {
    EXPECT_EQ(error_of("{\"_id\":" + value + "}"),
              "400 illegal_docid: Document id must be a string");
    EXPECT_EQ(error_of("{\"_rev\":" + value + "}"), "400 bad_request: Invalid rev format");
  }
  for (const std::string value : {"1", "null", "\"true\"", "[]", "{}"}) {
    EXPECT_EQ(error_of("{\"_deleted\":" + value + "}"),
              "400 doc_validation: Bad special document member: _deleted");
  }
  for (const std::string value : {"1", "null", "\"x\"", "[]", "false"}) {
    EXPECT_EQ(error_of("{\"_attachments\":" + value + "}"),
              "400 doc_validation: Bad special document member: _attachments");
    EXPECT_EQ(error_of("{\"_revisions\":" + value + "}"),
              "400 doc_validation: Bad special document member: _revisions");
  }
}

TEST(DocumentScanner, the_first_wrong_member_is_the_one_that_is_told) {
  EXPECT_EQ(error_of(R"({"_a":1,"_id":1,"_b":2})"),
            "400 doc_validation: Bad special document member: _a");
  EXPECT_EQ(error_of(R"({"_id":1,"_a":1,"_rev":1})"),
            "400 illegal_docid: Document id must be a string");
  EXPECT_EQ(error_of(R"({"_rev":1,"_id":1})"), "400 bad_request: Invalid rev format");
  EXPECT_TRUE(is_invalid_json(R"({"_a":1,"_id":1,)"));
}

TEST(DocumentScanner, json_that_is_no_object_is_told_from_what_is_no_json) {
  for (const char* text : {"[]", "1", " null ", "\"{}\"", "[{\"a\":1}]", "1e400"}) {
    EXPECT_EQ(error_of(text), "400 bad_request: Document must be a JSON object") << text;
  }
  for (const char* text : {"", " ", "[", "nul", "1.", "\"", "[]]"}) {
    EXPECT_TRUE(is_invalid_json(text)) << text;
  }
}

TEST(DocumentScanner, members_are_json_or_the_document_is_refused) {
  for (const std::string_view value : kJsonTexts) {
    for (const std::string key : {"a", "_local_seq"}) {
      const std::string text = "{\"" + key + "\":" + std::string(value) + "}";
      EXPECT_EQ(difference_to_twin(text), "") << text;
      EXPECT_EQ(error_of(text), "accepted") << text;
    }
  }
  for (const std::string_view value : kOtherTexts) {
    EXPECT_TRUE(is_invalid_json(value)) << value;
    for (const std::string key : {"a", "_id", "_local_seq"}) {
      const std::string text = "{\"" + key + "\":" + std::string(value) + "}";
      EXPECT_EQ(difference_to_twin(text), "") << text;
      EXPECT_TRUE(is_invalid_json(text)) << text;
    }
  }
}

TEST(DocumentScanner, a_number_that_no_double_holds_is_refused_wherever_it_stands) {
  EXPECT_EQ(error_of(R"({"a":1e400})"),
            "400 bad_request: invalid UTF-8 JSON at byte 5: a number that is too large");
  EXPECT_EQ(error_of(R"({"a":[{"b":-1e309}]})"),
            "400 bad_request: invalid UTF-8 JSON at byte 11: a number that is too large");
  EXPECT_EQ(error_of(R"({"a":1 2})"), "400 bad_request: invalid UTF-8 JSON at byte 7");
  EXPECT_TRUE(is_invalid_json(R"({"_local_seq":1e400})"));
  EXPECT_EQ(error_of(R"({"a":1.7976931348623157e308,"b":1e-400})"), "accepted");
  EXPECT_EQ(error_of("{\"a\":1" + std::string(1000, '0') + "}"), "accepted");
}

// So that what a server has can be pulled; only a revision id can't be made of it here.
TEST(DocumentScanner, an_integer_that_is_too_long_for_a_term_is_accepted_without_one) {
  const std::string text = "{\"a\":" + std::string(20'001, '7') + "}";
  EXPECT_TRUE(scan_document(text, Terms::kSkip).ok());
  EXPECT_EQ(scan_document(text, Terms::kEncode).error(),
            errors::bad_request("invalid UTF-8 JSON at byte 5"));
}

TEST(DocumentScanner, a_document_that_is_cut_at_any_byte_is_refused) {
  const std::string text =
      R"({"_id":"a\u00e9","_rev":"1-0","n":[1,-2.5e+10,true,false,null,255],"s":"\ud83d\ude00)"
      "\xc3\xa9\xf0\x9f\x98\x80"
      R"(","o":{"p":{},"p":[]},"_attachments":{"x":{"stub":true}},"_deleted":false})";
  EXPECT_EQ(error_of(text), "accepted");
  for (size_t cut = 0; cut < text.size(); ++cut) {
    // On the heap, so that the sanitizer sees a byte too many being read.
    const std::vector<char> bytes(text.begin(), text.begin() + static_cast<ptrdiff_t>(cut));
    EXPECT_TRUE(is_invalid_json({bytes.data(), bytes.size()})) << cut;
  }
}

TEST(DocumentScanner, every_byte_that_is_changed_gives_what_the_twin_gives) {
  const std::string text =
      R"({"_id":"a\n","_rev":"1-0","n":[1,-2.5e+1,true,null],"o":{"p":"\u00e9"}})";
  for (size_t at = 0; at < text.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[at] = static_cast<char>(byte);
      ASSERT_EQ(difference_to_twin(changed), "") << changed;
    }
  }
}

TEST(DocumentScanner, white_space_may_stand_wherever_json_lets_it) {
  std::string text;
  const std::string_view tokens[] = {"{", "\"_id\"", ":", "\"a\"", ",", "\"b\"", ":",     "[",
                                     "1", ",",       "{", "}",     "]", ",",     "\"c\"", ":",
                                     "{", "\"d\"",   ":", "true",  "}", "}"};
  for (const std::string_view token : tokens) text.append(" \n\t\r ").append(token);
  text += "\n\n";
  const ScannedDocument document = scanned(text);
  EXPECT_EQ(document.id, "a");
  EXPECT_EQ(document.term, scanned(R"({"b":[1,{}],"c":{"d":true}})").term);
  EXPECT_EQ(difference_to_twin(text), "");
}

TEST(DocumentScanner, depth_is_limited_and_never_costs_stack) {
  EXPECT_EQ(error_of("{\"a\":" + nested("[", 511, "]") + "}"), "accepted");
  EXPECT_TRUE(is_invalid_json("{\"a\":" + nested("[", 512, "]") + "}"));
  EXPECT_EQ(error_of(nested("{\"a\":", 512, "}")), "accepted");
  EXPECT_TRUE(is_invalid_json(nested("{\"a\":", 513, "}")));
  EXPECT_TRUE(is_invalid_json(nested("{\"a\":", 100'000, "}")));
  EXPECT_TRUE(is_invalid_json("{\"a\":" + nested("[", 100'000, "]") + "}"));
  EXPECT_TRUE(is_invalid_json("{\"_local_seq\":" + nested("[", 100'000, "]") + "}"));
  EXPECT_TRUE(is_invalid_json(nested("[", 100'000, "]")));
  EXPECT_EQ(difference_to_twin(nested("{\"a\":", 512, "}")), "");
  EXPECT_EQ(difference_to_twin(nested("{\"a\":", 513, "}")), "");
}

TEST(DocumentScanner, a_megabyte_in_one_string_or_in_many_small_members_is_scanned_alike) {
  EXPECT_EQ(scanned("{\"a\":\"" + std::string(1'000'000, 'x') + "\"}").term.size(), 1'000'021u);
  std::string text = "{\"_id\":\"a\"";
  for (int i = 0; i < 70'000; ++i) text += ",\"k" + std::to_string(i) + "\":" + std::to_string(i);
  text += "}";
  EXPECT_EQ(difference_to_twin(text.substr(0, 20'000) + "\":1}"), "");
  EXPECT_EQ(scanned(text).body, text.substr(11, text.size() - 12));
}

TEST(DocumentScanner, a_text_too_large_for_a_term_is_refused_before_it_is_looked_at) {
  if (sizeof(size_t) == 4) GTEST_SKIP() << "no such text fits";
  const std::string_view text("{}", static_cast<size_t>(1) << 30);
  EXPECT_EQ(error_of(text), "413 document_too_large: A document's text may be 1 GiB at the most");
}

TEST(SplitJsonArray, gives_the_elements_as_spans_of_the_text) {
  const std::string text = R"( [ {"a":[1, 2]} ,"x", 1e400 ,[ ],null] )";
  std::vector<std::string_view> elements = {"before"};
  const Result<size_t> count = split_json_array(text, elements);
  ASSERT_TRUE(count.ok());
  EXPECT_EQ(*count, 5u);
  EXPECT_EQ(elements, (std::vector<std::string_view>{"before", R"({"a":[1, 2]})", "\"x\"", "1e400",
                                                     "[ ]", "null"}));
  EXPECT_EQ(elements[1].data(), text.data() + 3);
}

TEST(SplitJsonArray, an_empty_array_has_no_elements) {
  std::vector<std::string_view> elements;
  for (const char* text : {"[]", " [ ] "}) {
    const Result<size_t> count = split_json_array(text, elements);
    ASSERT_TRUE(count.ok());
    EXPECT_EQ(*count, 0u);
  }
  EXPECT_TRUE(elements.empty());
}

TEST(SplitJsonArray, a_text_that_is_no_array_leaves_the_elements_as_they_were) {
  std::vector<std::string_view> elements = {"before"};
  for (const char* text : {"", "{}", "1", "[", "[1", "[1,", "[1,]", "[1}", "[1] 2", "[{\"a\":}]"}) {
    const Result<size_t> count = split_json_array(text, elements);
    ASSERT_FALSE(count.ok()) << text;
    EXPECT_EQ(count.error().status, 400);
    EXPECT_EQ(elements.size(), 1u);
  }
}

}  // namespace couchlet
