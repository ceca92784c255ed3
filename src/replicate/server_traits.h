// What has been found out of a server, by trying it. Shared by all peers of one server, so that
// each thing is tried once.
#pragma once

namespace couchlet {

struct ServerTraits {
  enum class Trial { kUntried, kTaken, kRefused };

  Trial gzip = Trial::kUntried;       // request bodies with Content-Encoding: gzip
  Trial multipart = Trial::kUntried;  // documents as multipart/related
  int multipart_breaks = 0;           // connections that broke on the latter while it was untried
  bool has_bulk_get = true;
  bool has_continuous_feed = true;  // of changes; else it answers with a page
};

}  // namespace couchlet
