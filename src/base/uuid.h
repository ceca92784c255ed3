// Random identifiers: 122 random bits of version 4, RFC 9562 section 5.4, for document ids and the
// identity of a database; and 128 bits as 32 hexadecimal digits, which is how CouchDB writes its
// own.
#pragma once

#include <string>

#include "base/random.h"

namespace couchlet {

std::string uuid_v4(Random& random);   // "f81d4fae-7dec-41d0-a765-00a0c91e6bf6"
std::string uuid_hex(Random& random);  // "f81d4fae7dec61d0275600a0c91e6bf6"

}  // namespace couchlet
