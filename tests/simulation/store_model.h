// StoreModel: what a store must be, in plain maps.
//
// Every try of every commit is an Attempt with a token of its own, which it puts under the key
// "v" and which it has read the forerunner of there. So each attempt knows the state that it was
// decided on, all attempts form a tree, and whoever reads a store can tell which state he sees:
// the one of the token under "v". All states that anybody ever sees must be on one path through the
// tree, the history, and no attempt that was turned away may be on it; that is the whole law. What
// was acknowledged counts as seen.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace couchlet {

class StoreModel {
 public:
  using Token = size_t;                                               // 0: the empty store
  using Changes = std::map<std::string, std::optional<std::string>>;  // none: erased
  using Entries = std::map<std::string, std::string>;

  static constexpr std::string_view kTokenKey = "v";
  // The token in a value of kTokenKey; none if it is not one.
  std::optional<Token> token_of(const std::optional<std::string>& value) const;

  StoreModel();

  // A try to commit, decided on the state `parent`. Its changes are said afterwards, as the value
  // of kTokenKey is one of them.
  Token begin_attempt(Token parent);
  void set_changes(Token attempt, Changes keys, Changes blobs);

  // Somebody has seen this state, or was told that it is committed. "" or what is wrong with that.
  std::string see(Token token);
  // An attempt has been turned away: it is not to come up.
  std::string deny(Token token);

  // A state's place in the history, or the one that it would get.
  uint64_t version(Token token) const { return attempts_[token].version; }
  // The newest state that anybody has seen.
  Token newest() const { return history_.back(); }

  // What a state has. It may be one that is not (yet) in the history.
  std::optional<std::string> value(Token token, const std::string& key) const;
  Entries entries(Token token) const;

  // Whether this may be read of a blob, from `offset` on, by one who began to read when `since` was
  // the newest state: blobs are no part of a snapshot.
  bool may_read_blob(Token since, const std::string& key, uint64_t offset, uint64_t length,
                     const std::optional<std::string>& bytes) const;
  Entries blobs() const;  // of the newest state

 private:
  struct Attempt {
    Token parent = 0;
    uint64_t version = 0;
    bool is_denied = false;
    Changes keys;
    Changes blobs;
  };
  // Of one key: the versions that changed it.
  using KeyHistory = std::vector<std::pair<uint64_t, const std::optional<std::string>*>>;
  using KeyHistories = std::map<std::string, KeyHistory>;

  bool is_in_history(Token token) const;
  static void add_history(uint64_t version, const Changes& changes, KeyHistories& histories);
  static const std::optional<std::string>* at_version(const KeyHistory& history, uint64_t version);
  static Entries entries_at(const KeyHistories& histories, uint64_t version);

  std::deque<Attempt> attempts_;
  std::vector<Token> history_;  // by version
  KeyHistories keys_;
  KeyHistories blobs_;
};

}  // namespace couchlet
