#include "store/memtable.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/bytes.h"

namespace couchlet {

// Followed in memory by the value.
struct Memtable::Version {
  static constexpr uint32_t kErased = UINT32_MAX;  // in value_bytes

  uint64_t number;
  const Version* older;
  uint32_t value_bytes;

  bool is_erased() const { return value_bytes == kErased; }
  std::string_view value() const {
    return {reinterpret_cast<const char*>(this + 1), is_erased() ? 0 : value_bytes};
  }
};

// A key as a search looks at it. Its first eight bytes as a number mostly decide a comparison
// without a call of memcmp or a look at the node's key: a quarter less time for random inserts and
// gets, natively.
struct Memtable::Target {
  explicit Target(std::string_view from) : key(from), prefix(prefix_of(from)) {}

  static uint64_t prefix_of(std::string_view key) {
    char bytes[8] = {};
    if (!key.empty()) std::memcpy(bytes, key.data(), std::min(key.size(), sizeof(bytes)));
    return load_big_endian<uint64_t>(bytes);
  }

  std::string_view key;
  uint64_t prefix;
};

// Followed in memory by `height` links (level 0 first) and the key.
class Memtable::Node {
 public:
  const Version* newest = nullptr;
  Node* previous = nullptr;  // at level 0; a ring, with the head before the first node

  Node(const Target& target, int height)
      : prefix_(target.prefix),
        key_bytes_(static_cast<uint32_t>(target.key.size())),
        height_(static_cast<uint32_t>(height)) {
    for (int level = 0; level < height; ++level) set_next(level, nullptr);
    if (key_bytes_ > 0) std::memcpy(links() + height_, target.key.data(), key_bytes_);
  }

  static size_t bytes(std::string_view key, int height) {
    return sizeof(Node) + static_cast<size_t>(height) * sizeof(Node*) + key.size();
  }

  std::string_view key() const {
    return {reinterpret_cast<const char*>(links() + height_), key_bytes_};
  }
  Node* next(int level) const { return links()[level]; }
  void set_next(int level, Node* node) { links()[level] = node; }

  bool is_before(const Target& target) const {
    return prefix_ != target.prefix ? prefix_ < target.prefix : key() < target.key;
  }

  const Version* visible(uint64_t number) const {
    const Version* version = newest;
    while (version != nullptr && version->number > number) version = version->older;
    return version;
  }

 private:
  Node** links() { return reinterpret_cast<Node**>(this + 1); }
  Node* const* links() const { return reinterpret_cast<Node* const*>(this + 1); }

  uint64_t prefix_;
  uint32_t key_bytes_;
  uint32_t height_;
};

class Memtable::Iterator final : public EntryIterator {
 public:
  Iterator(const Memtable& memtable, uint64_t number) : memtable_(memtable), number_(number) {}

  void seek(std::string_view key) override {
    node_ = memtable_.first_at_or_after(key);
    settle_forward();
  }

  void seek_back(std::string_view key) override {
    node_ = memtable_.first_at_or_after(key);
    if (node_ == nullptr) {
      node_ = memtable_.head_->previous;
    } else if (node_->key() != key) {
      node_ = node_->previous;
    }
    settle_backward();
  }

  void next() override {
    node_ = node_->next(0);
    settle_forward();
  }

  void previous() override {
    node_ = node_->previous;
    settle_backward();
  }

  bool valid() const override { return node_ != nullptr; }
  std::string_view key() const override { return node_->key(); }
  bool is_erased() const override { return version_->is_erased(); }
  std::string_view value() const override { return version_->value(); }

 private:
  // To the first node from here on of which the commit sees a version.
  void settle_forward() {
    for (; node_ != nullptr; node_ = node_->next(0)) {
      version_ = node_->visible(number_);
      if (version_ != nullptr) return;
    }
  }

  void settle_backward() {
    for (; node_ != memtable_.head_; node_ = node_->previous) {
      version_ = node_->visible(number_);
      if (version_ != nullptr) return;
    }
    node_ = nullptr;
  }

  const Memtable& memtable_;
  uint64_t number_;
  const Node* node_ = nullptr;
  const Version* version_ = nullptr;
};

Memtable::Memtable() : head_(new_node(Target({}), kMaxHeight)) {
  head_->previous = head_;
  before_.fill(head_);
}

Memtable::Node* Memtable::put(uint64_t number, std::string_view key, std::string_view value) {
  return add(number, key, value, false);
}

Memtable::Node* Memtable::erase(uint64_t number, std::string_view key) {
  return add(number, key, {}, true);
}

Memtable::Node* Memtable::add(uint64_t number, std::string_view key, std::string_view value,
                              bool is_erased) {
  Node* node = insert_node(key);
  const Version* older = node->newest;
  if (older != nullptr && older->number == number) older = older->older;

  char* place = arena_.allocate(sizeof(Version) + value.size());
  auto* version = new (place)
      Version{number, older, is_erased ? Version::kErased : static_cast<uint32_t>(value.size())};
  if (!value.empty()) std::memcpy(place + sizeof(Version), value.data(), value.size());
  node->newest = version;
  return node;
}

void Memtable::take_back(uint64_t number, Node* node) {
  if (node->newest != nullptr && node->newest->number == number) node->newest = node->newest->older;
}

std::optional<Memtable::Entry> Memtable::find(uint64_t number, std::string_view key) const {
  const Node* node = first_at_or_after(key);
  if (node == nullptr || node->key() != key) return std::nullopt;
  const Version* version = node->visible(number);
  if (version == nullptr) return std::nullopt;
  return Entry{version->is_erased(), version->value()};
}

std::unique_ptr<EntryIterator> Memtable::iterate(uint64_t number) const {
  return std::make_unique<Iterator>(*this, number);
}

// The node of `key`, a new one where there is none.
Memtable::Node* Memtable::insert_node(std::string_view key) {
  const Target target(key);
  find_insertion_point(target);
  Node* following = before_[0]->next(0);
  if (following != nullptr && following->key() == key) return following;

  const int height = random_height();
  height_ = std::max(height_, height);
  Node* node = new_node(target, height);
  node->previous = before_[0];
  (following != nullptr ? following : head_)->previous = node;
  for (int level = 0; level < height; ++level) {
    Node*& before = before_[static_cast<size_t>(level)];
    node->set_next(level, before->next(level));
    before->set_next(level, node);
    before = node;
  }
  return node;
}

Memtable::Node* Memtable::new_node(const Target& target, int height) {
  return new (arena_.allocate(Node::bytes(target.key, height))) Node(target, height);
}

// 1, and with a chance of one in four each one more (xorshift64: George Marsaglia, 2003).
int Memtable::random_height() {
  random_state_ ^= random_state_ << 13;
  random_state_ ^= random_state_ >> 7;
  random_state_ ^= random_state_ << 17;
  uint64_t bits = random_state_ >> 16;
  int height = 1;
  for (; height < kMaxHeight && (bits & 3) == 0; bits >>= 2) ++height;
  return height;
}

// Levels share their nodes: one that was found to be no good is not compared again further down.
Memtable::Node* Memtable::first_at_or_after(std::string_view key) const {
  const Target target(key);
  const Node* node = head_;
  Node* not_before = nullptr;
  for (int level = height_ - 1; level >= 0; --level) {
    Node* next = node->next(level);
    while (next != not_before && next->is_before(target)) {
      node = next;
      next = node->next(level);
    }
    not_before = next;
  }
  return not_before;
}

// Makes before_ the last nodes before `target`. Goes on from the key before where it can: up to the
// level whose next node is not before `key`, and down from there.
void Memtable::find_insertion_point(const Target& target) {
  const auto before = [this](int level) -> Node*& { return before_[static_cast<size_t>(level)]; };
  const auto next_is_before = [&target](Node* node, int level) {
    const Node* next = node->next(level);
    return next != nullptr && next->is_before(target);
  };

  int level = 0;
  if (before_[0] != head_ && !before_[0]->is_before(target)) {
    before_.fill(head_);
    level = height_ - 1;
  } else {
    while (level + 1 < height_ && next_is_before(before(level), level)) ++level;
  }

  Node* moved_to = nullptr;
  for (; level >= 0; --level) {
    Node* node = moved_to != nullptr ? moved_to : before(level);
    while (next_is_before(node, level)) moved_to = node = node->next(level);
    before(level) = node;
  }
}

}  // namespace couchlet
