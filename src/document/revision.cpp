#include "document/revision.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/hex.h"

namespace couchlet {
namespace {

constexpr size_t kDigestSize = 16;
constexpr size_t kDigestTextSize = 2 * kDigestSize;

bool is_hash_character(char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '\\'; }

Revision::Digest to_digest(std::string_view bytes) {
  Revision::Digest digest;
  std::memcpy(digest.data(), bytes.data(), digest.size());
  return digest;
}

}  // namespace

Error invalid_revision() { return errors::bad_request("Invalid rev format"); }

Result<Revision> Revision::parse(std::string_view text) {
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) return invalid_revision();
  uint64_t generation = 0;
  const char* end = text.data() + dash;
  const auto parsed = std::from_chars(text.data(), end, generation);
  if (parsed.ec != std::errc() || parsed.ptr != end) return invalid_revision();
  return from_hash(generation, text.substr(dash + 1));
}

Result<Revision> Revision::from_hash(uint64_t generation, std::string_view hash) {
  if (generation == 0 || generation > kMaxGeneration) return invalid_revision();
  if (hash.size() == kDigestTextSize) {
    const std::optional<std::string> bytes = from_hex(hash);
    if (!bytes) return invalid_revision();
    return Revision(generation, to_digest(*bytes));
  }
  if (hash.empty() || !std::ranges::all_of(hash, is_hash_character)) return invalid_revision();
  if (hash.size() == kDigestSize) return Revision(generation, to_digest(hash));
  Revision revision(generation, Digest{});
  revision.text_ = std::make_shared<const std::string>(hash);
  return revision;
}

void Revision::append_hash_text(std::string& out) const {
  if (text_) {
    out += *text_;
  } else {
    append_hex(out, hash_bytes());
  }
}

std::string Revision::hash_text() const {
  std::string text;
  append_hash_text(text);
  return text;
}

void Revision::append_text(std::string& out) const {
  char digits[20];  // as many as 2^64 has
  const auto end = std::to_chars(digits, digits + sizeof(digits), generation_).ptr;
  out.append(digits, static_cast<size_t>(end - digits));
  out += '-';
  append_hash_text(out);
}

void Revision::append_json(std::string& out) const {
  out.push_back('"');
  append_text(out);
  out.push_back('"');
}

std::string Revision::text() const {
  std::string text;
  append_text(text);
  return text;
}

void append_json_array(std::string& out, const std::vector<Revision>& revisions) {
  out.push_back('[');
  for (size_t i = 0; i < revisions.size(); ++i) {
    if (i > 0) out.push_back(',');
    revisions[i].append_json(out);
  }
  out.push_back(']');
}

}  // namespace couchlet
