#include "json/term_encoder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/bytes.h"
#include "json/json_number.h"

namespace couchlet {

namespace {

constexpr size_t kListHead = 5;    // tag, count
constexpr size_t kTupleHead = 2;   // tag, arity
constexpr size_t kBinaryHead = 5;  // tag, size
constexpr size_t kFloatSize = 9;
constexpr size_t kMaxStringLength = 65'535;

// Up to so many members, a new key is compared with all before it where hashes_seen can't rule out
// that it is one of them; beyond, all are sorted once at the object's end.
constexpr ptrdiff_t kMaxComparedMembers = 32;

// What most documents do with, so that the vectors are allocated once.
constexpr size_t kUsualDepth = 8;
constexpr size_t kUsualMembers = 48;

// Every byte counts: keys of one document are apt to begin and end alike.
uint32_t hash_of(std::string_view key) {
  constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;
  uint64_t hash = key.size();
  for (; key.size() >= 8; key.remove_prefix(8)) {
    hash = (hash ^ load_little_endian<uint64_t>(key.data())) * kOdd;
    hash ^= hash >> 32;
  }
  uint64_t rest = 0;
  for (const char c : key) rest = rest << 8 | static_cast<uint8_t>(c);
  hash = (hash ^ rest) * kOdd;
  return static_cast<uint32_t>(hash >> 32);
}

bool fits_in_32_bits(int64_t value) {
  return value >= std::numeric_limits<int32_t>::min() &&
         value <= std::numeric_limits<int32_t>::max();
}

}  // namespace

TermEncoder::TermEncoder(size_t text_size)
    : buffer_(text_size + text_size / 2 + 64, '\0'),
      at_(buffer_.data()),
      limit_(at_ + buffer_.size()) {
  outer_.reserve(kUsualDepth);
  members_.reserve(kUsualMembers);
}

std::string TermEncoder::finish() {
  buffer_.resize(position());
  return std::move(buffer_);
}

void TermEncoder::reserve(size_t size) {
  if (static_cast<size_t>(limit_ - at_) >= size) return;
  const size_t used = position();
  buffer_.resize(std::max(2 * buffer_.size(), used + size));
  at_ = buffer_.data() + used;
  limit_ = buffer_.data() + buffer_.size();
}

void TermEncoder::write_tag(ErlangTag tag) { *at_++ = static_cast<char>(tag); }

void TermEncoder::count_element(bool is_byte) {
  ++list_.count;
  list_.has_only_bytes &= is_byte;
}

void TermEncoder::begin_list() {
  outer_.push_back(list_);
  list_ = {.at = position(), .first_member = members_.size()};
  write_tag(ErlangTag::kList);
  at_ += kListHead - 1;
}

void TermEncoder::end_list() {
  char* const head = buffer_.data() + list_.at;
  if (list_.count == 0) {
    at_ = head;
  } else {
    store_big_endian(head + 1, list_.count);
  }
  reserve(1);
  write_tag(ErlangTag::kNil);
  list_ = outer_.back();
  outer_.pop_back();
}

void TermEncoder::begin_object() {
  count_element(false);
  reserve(kTupleHead + kListHead);
  write_tag(ErlangTag::kSmallTuple);
  *at_++ = 1;
  begin_list();
}

void TermEncoder::key(const JsonString& key) {
  reserve(kTupleHead);
  const size_t at = position();
  write_tag(ErlangTag::kSmallTuple);
  *at_++ = 2;
  write_binary(key);
  note_member(at);
}

void TermEncoder::end_object() {
  if (list_.may_have_duplicates) remove_duplicate_members();
  members_.resize(list_.first_member);
  end_list();
}

void TermEncoder::begin_array() {
  count_element(false);
  reserve(kListHead);
  begin_list();
}

void TermEncoder::end_array() {
  const bool is_string = list_.has_only_bytes && list_.count > 0 && list_.count <= kMaxStringLength;
  is_string ? end_as_string() : end_list();
}

// Every element is kSmallInteger and its value.
void TermEncoder::end_as_string() {
  char* const head = buffer_.data() + list_.at;
  const char* value = head + kListHead + 1;
  at_ = head;
  write_tag(ErlangTag::kString);
  store_big_endian(at_, static_cast<uint16_t>(list_.count));
  at_ += 2;
  for (uint32_t i = 0; i < list_.count; ++i, value += 2) *at_++ = *value;
  list_ = outer_.back();
  outer_.pop_back();
}

void TermEncoder::string(const JsonString& string) {
  count_element(false);
  write_binary(string);
}

void TermEncoder::write_binary(const JsonString& string) {
  reserve(kBinaryHead + string.raw.size());
  write_tag(ErlangTag::kBinary);
  char* const size_at = at_;
  char* const bytes = size_at + 4;
  if (string.has_escapes) {
    at_ = unescape_json(string.raw, bytes);
  } else {
    string.raw.copy(bytes, string.raw.size());
    at_ = bytes + string.raw.size();
  }
  store_big_endian(size_at, static_cast<uint32_t>(at_ - bytes));
}

void TermEncoder::literal(JsonLiteral literal) {
  count_element(false);
  const std::string_view name = literal == JsonLiteral::kNull    ? "null"
                                : literal == JsonLiteral::kFalse ? "false"
                                                                 : "true";
  reserve(3 + name.size());
  write_tag(ErlangTag::kAtom);
  store_big_endian(at_, static_cast<uint16_t>(name.size()));
  at_ += 2;
  at_ += name.copy(at_, name.size());
}

bool TermEncoder::number(const JsonNumber& number) {
  if (!number.is_integer) {
    const double value = parse_json_double(number.text);
    if (!std::isfinite(value)) return false;
    count_element(false);
    reserve(kFloatSize);
    write_tag(ErlangTag::kFloat);
    store_big_endian(at_, std::bit_cast<uint64_t>(value));
    at_ += 8;
    return true;
  }
  std::string_view digits = number.text;
  const bool is_negative = digits.front() == '-';
  if (is_negative) digits.remove_prefix(1);
  if (digits.size() > kMaxEncodedDigits) return false;
  if (digits.size() <= 18) {
    encode_short_integer(digits, is_negative);
  } else {
    encode_long_integer(digits, is_negative);
  }
  return true;
}

void TermEncoder::encode_short_integer(std::string_view digits, bool is_negative) {
  uint64_t magnitude = 0;
  for (const char digit : digits) magnitude = magnitude * 10 + static_cast<uint64_t>(digit - '0');
  const auto value =
      is_negative ? -static_cast<int64_t>(magnitude) : static_cast<int64_t>(magnitude);
  const bool is_byte = value >= 0 && value <= 255;
  count_element(is_byte);
  reserve(3 + 8);
  if (is_byte) {
    write_tag(ErlangTag::kSmallInteger);
    *at_++ = static_cast<char>(value);
  } else if (fits_in_32_bits(value)) {
    write_tag(ErlangTag::kInteger);
    store_big_endian(at_, static_cast<uint32_t>(value));
    at_ += 4;
  } else {
    write_big(static_cast<size_t>(std::bit_width(magnitude) + 7) / 8, is_negative);
    for (; magnitude > 0; magnitude >>= 8) *at_++ = static_cast<char>(magnitude);
  }
}

void TermEncoder::encode_long_integer(std::string_view digits, bool is_negative) {
  count_element(false);
  parse_big_integer(digits, limbs_);
  const auto top_size = static_cast<size_t>(std::bit_width(limbs_.back()) + 7) / 8;
  const size_t size = 4 * (limbs_.size() - 1) + top_size;
  reserve(6 + 4 * limbs_.size());
  write_big(size, is_negative);
  for (size_t i = 0; i < limbs_.size(); ++i) store_little_endian(at_ + 4 * i, limbs_[i]);
  at_ += size;
}

void TermEncoder::write_big(size_t size, bool is_negative) {
  if (size < 256) {
    write_tag(ErlangTag::kSmallBig);
    *at_++ = static_cast<char>(size);
  } else {
    write_tag(ErlangTag::kLargeBig);
    store_big_endian(at_, static_cast<uint32_t>(size));
    at_ += 4;
  }
  *at_++ = is_negative ? 1 : 0;
}

std::string_view TermEncoder::key_of(const Member& member) const {
  const char* const binary = buffer_.data() + member.at + kTupleHead;
  return {binary + kBinaryHead, load_big_endian<uint32_t>(binary + 1)};
}

void TermEncoder::note_member(size_t at) {
  Member member{.at = at, .hash = 0};
  member.hash = hash_of(key_of(member));
  const uint64_t bit = 1ULL << member.hash % 64;
  if (list_.hashes_seen & bit) {
    const auto first = members_.begin() + static_cast<ptrdiff_t>(list_.first_member);
    const auto has_same_hash = [&member](const Member& other) { return other.hash == member.hash; };
    list_.may_have_duplicates |= members_.end() - first > kMaxComparedMembers ||
                                 std::any_of(first, members_.end(), has_same_hash);
  }
  list_.hashes_seen |= bit;
  members_.push_back(member);
}

void TermEncoder::remove_duplicate_members() {
  const auto first = members_.begin() + static_cast<ptrdiff_t>(list_.first_member);
  const auto last = members_.end();
  std::sort(first, last, [this](const Member& a, const Member& b) {
    if (a.hash != b.hash) return a.hash < b.hash;
    const int order = key_of(a).compare(key_of(b));
    return order != 0 ? order < 0 : a.at < b.at;
  });
  bool has_duplicates = false;
  for (auto member = first; last - member > 1; ++member) {
    const Member& next = member[1];
    member->is_superseded = member->hash == next.hash && key_of(*member) == key_of(next);
    has_duplicates |= member->is_superseded;
  }
  if (!has_duplicates) return;

  std::sort(first, last, [](const Member& a, const Member& b) { return a.at < b.at; });
  char* const buffer = buffer_.data();
  const size_t list_end = position();
  at_ = buffer + first->at;
  for (auto member = first; member != last; ++member) {
    if (member->is_superseded) {
      --list_.count;
      continue;
    }
    const size_t end = last - member > 1 ? member[1].at : list_end;
    std::memmove(at_, buffer + member->at, end - member->at);
    at_ += end - member->at;
  }
}

}  // namespace couchlet
