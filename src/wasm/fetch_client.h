// HttpClient on `fetch`: on the function that js/engine.js keeps under a number, which adds
// credentials and whatever else the app has configured.
//
// A request's body is copied out of WebAssembly memory once, and an answer's chunks into it once.
#pragma once

#include <cstdint>
#include <set>

#include "replicate/http_client.h"

namespace couchlet {

class FetchExchange;

class FetchClient final : public HttpClient {
 public:
  explicit FetchClient(uint32_t fetch_id) : fetch_id_(fetch_id) {}

  Task<Result<std::unique_ptr<HttpResponse>>> send(HttpRequest request) override;
  void abort_all() override;

 private:
  friend class FetchExchange;

  const uint32_t fetch_id_;
  std::set<FetchExchange*> under_way_;
};

}  // namespace couchlet
