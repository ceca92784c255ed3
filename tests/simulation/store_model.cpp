#include "store_model.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace couchlet {

StoreModel::StoreModel() {
  attempts_.emplace_back();
  history_.push_back(0);
}

std::optional<StoreModel::Token> StoreModel::token_of(
    const std::optional<std::string>& value) const {
  if (!value) return Token{0};
  Token token = 0;
  const char* end = value->data() + value->size();
  const auto [stopped, error] = std::from_chars(value->data(), end, token);
  if (error != std::errc() || stopped != end || token >= attempts_.size()) return std::nullopt;
  return token;
}

StoreModel::Token StoreModel::begin_attempt(Token parent) {
  Attempt& attempt = attempts_.emplace_back();
  attempt.parent = parent;
  attempt.version = attempts_[parent].version + 1;
  return attempts_.size() - 1;
}

void StoreModel::set_changes(Token attempt, Changes keys, Changes blobs) {
  attempts_[attempt].keys = std::move(keys);
  attempts_[attempt].blobs = std::move(blobs);
}

std::string StoreModel::see(Token token) {
  if (is_in_history(token)) return "";
  if (version(token) < history_.size()) {
    return "state " + std::to_string(token) + " is beside the history: its version " +
           std::to_string(version(token)) + " was state " +
           std::to_string(history_[version(token)]);
  }
  std::vector<Token> path;
  Token at = token;
  for (; !is_in_history(at) && version(at) >= history_.size(); at = attempts_[at].parent) {
    path.push_back(at);
  }
  if (at != newest()) {
    return "state " + std::to_string(token) + " does not come from state " +
           std::to_string(newest()) + ", which was seen";
  }
  for (auto next = path.rbegin(); next != path.rend(); ++next) {
    const Attempt& attempt = attempts_[*next];
    if (attempt.is_denied) {
      return "state " + std::to_string(*next) + " is there, though its commit was turned away";
    }
    history_.push_back(*next);
    add_history(attempt.version, attempt.keys, keys_);
    add_history(attempt.version, attempt.blobs, blobs_);
  }
  return "";
}

std::string StoreModel::deny(Token token) {
  if (is_in_history(token)) {
    return "state " + std::to_string(token) + " was turned away, though it was seen";
  }
  attempts_[token].is_denied = true;
  return "";
}

std::optional<std::string> StoreModel::value(Token token, const std::string& key) const {
  for (; !is_in_history(token); token = attempts_[token].parent) {
    const auto change = attempts_[token].keys.find(key);
    if (change != attempts_[token].keys.end()) return change->second;
  }
  const auto history = keys_.find(key);
  if (history == keys_.end()) return std::nullopt;
  const auto* found = at_version(history->second, version(token));
  return found == nullptr ? std::nullopt : *found;
}

StoreModel::Entries StoreModel::entries(Token token) const {
  std::vector<Token> tentative;
  for (; !is_in_history(token); token = attempts_[token].parent) tentative.push_back(token);
  Entries entries = entries_at(keys_, version(token));
  for (auto next = tentative.rbegin(); next != tentative.rend(); ++next) {
    for (const auto& [key, value] : attempts_[*next].keys) {
      if (value) {
        entries[key] = *value;
      } else {
        entries.erase(key);
      }
    }
  }
  return entries;
}

bool StoreModel::may_read_blob(Token since, const std::string& key, uint64_t offset,
                               uint64_t length, const std::optional<std::string>& bytes) const {
  const auto gives = [&](const std::optional<std::string>& blob) {
    if (!blob || !bytes) return blob.has_value() == bytes.has_value();
    const auto from = static_cast<size_t>(std::min<uint64_t>(offset, blob->size()));
    return *bytes == std::string_view(*blob).substr(from, static_cast<size_t>(length));
  };
  const std::optional<std::string>* before = nullptr;
  const auto history = blobs_.find(key);
  if (history != blobs_.end()) before = at_version(history->second, version(since));
  if (gives(before == nullptr ? std::nullopt : *before)) return true;
  return std::ranges::any_of(attempts_, [&](const Attempt& attempt) {
    if (attempt.version <= version(since)) return false;
    const auto change = attempt.blobs.find(key);
    return change != attempt.blobs.end() && gives(change->second);
  });
}

StoreModel::Entries StoreModel::blobs() const { return entries_at(blobs_, version(newest())); }

bool StoreModel::is_in_history(Token token) const {
  return version(token) < history_.size() && history_[version(token)] == token;
}

void StoreModel::add_history(uint64_t version, const Changes& changes, KeyHistories& histories) {
  for (const auto& [key, value] : changes) histories[key].emplace_back(version, &value);
}

// Null: it was not there yet.
const std::optional<std::string>* StoreModel::at_version(const KeyHistory& history,
                                                         uint64_t version) {
  const auto after = std::ranges::upper_bound(history, version, {},
                                              [](const auto& change) { return change.first; });
  return after == history.begin() ? nullptr : std::prev(after)->second;
}

StoreModel::Entries StoreModel::entries_at(const KeyHistories& histories, uint64_t version) {
  Entries entries;
  for (const auto& [key, history] : histories) {
    const auto* value = at_version(history, version);
    if (value != nullptr && *value) entries.emplace(key, **value);
  }
  return entries;
}

}  // namespace couchlet
