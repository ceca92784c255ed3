#include "documents.h"

#include <array>
#include <string_view>

namespace couchlet::bench {
namespace {

constexpr std::array<std::string_view, 16> kWords = {
    "harbour", "morning", "lantern", "between", "river",  "copper", "signal", "window",
    "paper",   "garden",  "winter",  "answer",  "bridge", "market", "silver", "engine"};

std::string words(SeededRandom& random, size_t count) {
  std::string text;
  while (count-- > 0) {
    if (!text.empty()) text += ' ';
    text += kWords[random.below(kWords.size())];
  }
  return text;
}

std::string random_id(SeededRandom& random) {
  std::string id;
  while (id.size() < 32) id += "0123456789abcdef"[random.below(16)];
  return id;
}

std::string document_text(SeededRandom& random, const std::string& id) {
  return R"({"_id":")" + id + R"(","title":")" + words(random, 4) + R"(","text":")" +
         words(random, 18 + random.below(8)) + R"(","tags":[")" + words(random, 1) + R"(",")" +
         words(random, 1) + R"("],"done":)" + (random.below(2) == 0 ? "false" : "true") +
         R"(,"edits":)" + std::to_string(random.below(100)) + R"(,"weight":0.)" +
         std::to_string(random.next() >> 11) +
         R"(,"created":"2024-02-07T15:50:28.837Z",)"
         R"("author":{"name":"Grace","email":"grace@example.org"}})";
}

}  // namespace

std::vector<BenchDocument> make_documents(size_t count) { return DocumentSource().take(count); }

std::vector<BenchDocument> DocumentSource::take(size_t count) {
  std::vector<BenchDocument> documents(count);
  for (BenchDocument& document : documents) {
    document.id = random_id(random_);
    document.text = document_text(random_, document.id);
  }
  return documents;
}

}  // namespace couchlet::bench
