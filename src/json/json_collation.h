// The order of JSON values that CouchDB's views and selectors sort by (CouchDB documentation,
// ddocs/views/collation):
//
//   null < false < true < numbers < strings < arrays < objects
//
// Arrays compare by their elements, objects member by member in the order in which they stand,
// first the keys, then the values; where one is the beginning of the other the shorter comes first.
// 1 and 1.0 are equal. Integers that no double holds are told apart.
//
// Strings compare by their Unicode code points. CouchDB compares them by ICU's rules for no
// language in particular (there "a" < "A" < "b", and here "A" < "a"); these tables would be several
// times as large as the rest of the engine. Equal strings are the same in both, but for characters
// that Unicode can spell in two ways.
#pragma once

#include "json/json_value.h"

namespace couchlet {

// Below 0: a comes first. 0: they are equal.
int collate(const JsonValue& a, const JsonValue& b);

}  // namespace couchlet
