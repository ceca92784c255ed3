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

#include "base/completion.h"
#include "replicate/http_client.h"

namespace couchlet {

struct ScriptedAnswer {
  int status = 200;
  std::string body = {};
  std::map<std::string, std::string> headers = {{"content-type", "application/json"}};
  size_t chunk_size = 7;            // small, so that every answer comes in pieces
  bool is_cut = false;              // the connection breaks where the body ends
  bool goes_on = false;             // the body ends as Script::more says
  std::optional<Error> error = {};  // no answer at all
};

// What the test keeps hold of while the peer owns the client.
struct Script {
  std::deque<ScriptedAnswer> answers;
  std::vector<HttpRequest> requests;
  bool has_attachments = false;  // that the client could put into a body

  // The next chunk of the answer that goes on, or its end ("").
  void say(std::string chunk) {
    more.emplace_back(std::move(chunk));
    moved.signal();
  }
  void break_off() {
    more.emplace_back(Error{0, "network", "The connection broke."});
    moved.signal();
  }
  std::deque<Result<std::string>> more;  // said, and not read yet
  Event moved;
  size_t aborted = 0;  // answers
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
    co_return std::make_unique<Response>(std::move(answer), script_);
  }

  bool can_send_attachments() const override { return script_->has_attachments; }
  void abort_all() override {}

 private:
  class Response : public HttpResponse {
   public:
    Response(ScriptedAnswer answer, std::shared_ptr<Script> script)
        : answer_(std::move(answer)), script_(std::move(script)) {}

    int status() const override { return answer_.status; }
    std::string header(std::string_view name) const override {
      const auto found = answer_.headers.find(std::string(name));
      return found == answer_.headers.end() ? "" : found->second;
    }
    Task<Result<std::string>> read_chunk() override {
      if (at_ == answer_.body.size() && answer_.is_cut) {
        co_return Error{0, "network", "The connection broke."};
      }
      if (at_ == answer_.body.size() && answer_.goes_on) co_return co_await read_more();
      std::string chunk = answer_.body.substr(at_, answer_.chunk_size);
      at_ += chunk.size();
      co_return chunk;
    }
    void abort() override {
      ++script_->aborted;
      is_aborted_ = true;
      script_->moved.signal();
    }

   private:
    Task<Result<std::string>> read_more() {
      while (script_->more.empty() && !is_aborted_) co_await script_->moved;
      if (is_aborted_) co_return Error{0, "cancelled", "The request was aborted."};
      Result<std::string> chunk = std::move(script_->more.front());
      script_->more.pop_front();
      co_return chunk;
    }

    const ScriptedAnswer answer_;
    const std::shared_ptr<Script> script_;
    size_t at_ = 0;
    bool is_aborted_ = false;
  };

  std::shared_ptr<Script> script_;
};

}  // namespace couchlet
