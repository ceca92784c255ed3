// Texts that are JSON, and texts that are not: RFC 8259 and RFC 3629 read closely, for the reader
// and the scanner alike.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace couchlet {

using namespace std::literals;

inline const std::vector<std::string_view> kJsonTexts = {
    // literals and white space
    "null", "true", "false", " \t\r\n null \t\r\n ",
    // numbers
    "0", "-0", "-0.0", "0.0", "1.0", "1e3", "1E3", "1e+3", "1e-3", "0e0", "0E+0", "0.5e1", "-1",
    "10", "123456789012345678901234567890", "-123456789012345678901234567890", "1e-400", "0e400",
    "1.7976931348623157e308", "5e-324", "0.1e-0001",
    // strings
    R"("")", R"("a")", R"("\"\\\/\b\f\n\r\t")", R"("\u0000\u001f\u007f")", R"("\uD83D\uDE00")",
    R"("\ud83d\ude00\uFFFF")", R"("\udbff\udfff")", "\"\x7f\"", "\"\xc2\x80\xdf\xbf\"",
    "\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"", "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"",
    "\"\xef\xbb\xbf\"", R"("/* no comment */")",
    // arrays and objects
    "[]", "[ ]", "{}", "{ }", "[1]", "[1,2]", "[ 1 , 2 ]", "[[]]", "[{},[],{}]", R"({"a":1})",
    R"({ "a" : 1 , "b" : [ ] })", R"({"a":1,"a":2})", R"({"":0})", R"({"\u0000":0})",
    R"({"a":{"b":[{"c":null}]}})"};

inline const std::vector<std::string_view> kOtherTexts = {
    "", " ", "\n", "\0"sv, "null\0"sv, "\0null"sv, "[\0]"sv, "x", "nul", "nulll", "NULL", "True",
    "tru", "fals", "undefined", "NaN", "Infinity", "-Infinity", "null null", "1 2", "{}{}", "[][]",
    "null,", ",null", ":", "\xef\xbb\xbfnull", "\xff\xfen\0"sv,
    "\xc2\xa0"
    "1",
    "\f1", "\v1", "// 1\n1", "/**/1", "#\n1", "'a'", "a",
    // numbers
    "-", "+1", "--1", "01", "00", "-01", "1.", ".5", "-.5", "1.e3", "1e", "1e+", "1E-", "1e1.5",
    "1.5.5", "0x10", "1a", "1_000", "1,000", "0b1", "1e1e1", "- 1", "1 .5", "\xef\xbc\x91",
    // strings
    "\"", "\"a", "a\"", R"("\")", R"("\x")", R"("\a")", R"("\U0041")", R"("\u")", R"("\u1")",
    R"("\u12")", R"("\u123")", R"("\u123g")", R"("\u 123")", R"("\u+123")", R"("\)", "\"\\\0\""sv,
    "\"\n\"", "\"\t\"", "\"\x1f\"", "\"\0\""sv, "\"a\0b\""sv,
    // lone and swapped surrogates
    R"("\ud800")", R"("\udbff")", R"("\udc00")", R"("\udfff")", R"("\ud800x")", R"("\ud800\n")",
    R"("\ud800\u0041")", R"("\ud800\ud800")", R"("\udc00\ud800")", R"("\ud800\udc0")",
    R"("\ud83d\\ude00")",
    // invalid UTF-8
    "\"\x80\"", "\"\xbf\"", "\"\xc0\x80\"", "\"\xc1\xbf\"", "\"\xc2\"", "\"\xc2x\"",
    "\"\xe0\x9f\xbf\"", "\"\xe2\x82\"", "\"\xed\xa0\x80\"", "\"\xed\xbf\xbf\"",
    "\"\xed\xa0\xbd\xed\xb8\x80\"", "\"\xf0\x8f\xbf\xbf\"", "\"\xf0\x9f\x98\"",
    "\"\xf4\x90\x80\x80\"", "\"\xf5\x80\x80\x80\"", "\"\xf8\x88\x80\x80\x80\"", "\"\xfe\"",
    "\"\xff\"",
    // arrays and objects
    "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1,,2]", "[1:2]", "[1}", "[}", "[]]",
    "{", "}", "{]", "{}}", R"({"a")", R"({"a":)", R"({"a":1)", R"({"a":1,)", R"({"a":1,})",
    R"({,"a":1})", R"({"a" 1})", R"({"a",1})", R"({"a"::1})", R"({"a":1 "b":2})",
    R"({"a":1,,"b":2})", R"({"a":1;"b":2})", R"({a:1})", R"({1:1})", R"({null:1})", R"({'a':1})",
    R"({"a":})", R"({:1})", R"({"a":1])", R"({"\ud800":1})", "{\"\xff\":1}", "{\"\n\":1}",
    R"([{"a":1]})"};

}  // namespace couchlet
