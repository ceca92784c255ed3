// RemoteRequest: a request as a server reads it: what its URL names below the database, and the
// query.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "json_text.h"
#include "replicate/http_client.h"

namespace couchlet {

struct RemoteRequest {
  std::string method;
  std::vector<std::string> path;  // "…/db/_local/a%20b": "_local", "a b"
  std::map<std::string, std::string, std::less<>> query;
  Json body;

  // REQUIRES: the request's URL begins with `database_url`.
  RemoteRequest(const HttpRequest& request, std::string_view database_url);

  // "" where it isn't there.
  std::string asked(std::string_view name) const;
  uint64_t number_asked(std::string_view name) const;
};

}  // namespace couchlet
