// HttpClient on `fetch`: on the function that js/engine.js keeps under a number, which adds
// credentials and whatever else the app has configured.
//
// A request's body is copied out of WebAssembly memory once, and an answer's chunks into it once.
// Attachments in a body never are in it: the browser reads the Blobs as it sends them.
#pragma once

#include <cstdint>
#include <set>

#include "replicate/http_client.h"

namespace couchlet {

class FetchExchange;

class FetchClient final : public HttpClient {
 public:
  // `medium`: the address of the one that attachments in bodies are read from (blobs.library.js),
  // unless they are staged (browser_stage.h); null: there is none.
  explicit FetchClient(uint32_t fetch_id, void* medium = nullptr)
      : fetch_id_(fetch_id), medium_(medium) {}

  Task<Result<std::unique_ptr<HttpResponse>>> send(HttpRequest request) override;
  bool can_send_attachments() const override { return medium_ != nullptr; }
  void abort_all() override;

 private:
  friend class FetchExchange;

  const uint32_t fetch_id_;
  void* const medium_;
  std::set<FetchExchange*> under_way_;
};

}  // namespace couchlet
