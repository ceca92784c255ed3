// An HttpClient that gives the answers it was told to give, in order, and remembers what it was
// asked.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "replicate/http_client.h"

namespace couchlet {

struct ScriptedAnswer {
  int status = 200;
  std::string body = {};
  std::map<std::string, std::string> headers = {{"content-type", "application/json"}};
  size_t chunk_size = 7;            // small, so that every answer comes in pieces
  bool is_cut = false;              // the connection breaks where the body ends
  std::optional<Error> error = {};  // no answer at all
};

// What the test keeps hold of while the peer owns the client.
struct Script {
  std::deque<ScriptedAnswer> answers;
  std::vector<HttpRequest> requests;
  bool has_attachments = false;  // that the client could put into a body
};

class ScriptedClient : public HttpClient {
 public:
  explicit ScriptedClient(std::shared_ptr<Script> script) : script_(std::move(script)) {}

  Task<Result<std::unique_ptr<HttpResponse>>> send(HttpRequest request) override {
    script_->requests.push_back(std::move(request));
    if (script_->answers.empty()) co_return Error{0, "network", "The script is at its end."};
    ScriptedAnswer answer = std::move(script_->answers.front());
    script_->answers.pop_front();
    if (answer.error) co_return *answer.error;
    co_return std::make_unique<Response>(std::move(answer));
  }

  bool can_send_attachments() const override { return script_->has_attachments; }
  void abort_all() override {}

 private:
  class Response : public HttpResponse {
   public:
    explicit Response(ScriptedAnswer answer) : answer_(std::move(answer)) {}

    int status() const override { return answer_.status; }
    std::string header(std::string_view name) const override {
      const auto found = answer_.headers.find(std::string(name));
      return found == answer_.headers.end() ? "" : found->second;
    }
    Task<Result<std::string>> read_chunk() override {
      if (at_ == answer_.body.size() && answer_.is_cut) {
        co_return Error{0, "network", "The connection broke."};
      }
      std::string chunk = answer_.body.substr(at_, answer_.chunk_size);
      at_ += chunk.size();
      co_return chunk;
    }

   private:
    const ScriptedAnswer answer_;
    size_t at_ = 0;
  };

  std::shared_ptr<Script> script_;
};

}  // namespace couchlet
