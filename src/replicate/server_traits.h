// What has been found out of a server, by trying it. Shared by all peers of one server, so that
// each thing is tried once.
#pragma once

namespace couchlet {

struct ServerTraits {
  enum class Gzip { kUntried, kTaken, kRefused };

  Gzip gzip = Gzip::kUntried;  // request bodies with Content-Encoding: gzip
  bool has_bulk_get = true;
};

}  // namespace couchlet
