#include "json/erlang_term.h"

#include "base/bytes.h"

namespace couchlet {

namespace {

void append_tag(std::string& out, ErlangTag tag) { out.push_back(static_cast<char>(tag)); }

}  // namespace

void append_erlang_atom(std::string& out, std::string_view name) {
  append_tag(out, ErlangTag::kAtom);
  put_u16be(out, static_cast<uint16_t>(name.size()));
  out.append(name);
}

void append_erlang_integer(std::string& out, uint64_t value) {
  if (value <= 0xff) {
    append_tag(out, ErlangTag::kSmallInteger);
    out.push_back(static_cast<char>(value));
    return;
  }
  if (value <= 0x7fffffff) {
    append_tag(out, ErlangTag::kInteger);
    put_u32be(out, static_cast<uint32_t>(value));
    return;
  }
  append_tag(out, ErlangTag::kSmallBig);
  const size_t size_at = out.size();
  out.append(2, '\0');  // the size, and the sign: positive
  for (; value > 0; value >>= 8) out.push_back(static_cast<char>(value));
  out[size_at] = static_cast<char>(out.size() - size_at - 2);
}

void append_erlang_binary(std::string& out, std::string_view bytes) {
  append_tag(out, ErlangTag::kBinary);
  put_u32be(out, static_cast<uint32_t>(bytes.size()));
  out.append(bytes);
}

void append_erlang_tuple(std::string& out, uint8_t arity) {
  append_tag(out, ErlangTag::kSmallTuple);
  out.push_back(static_cast<char>(arity));
}

void append_erlang_list(std::string& out, uint32_t count) {
  append_tag(out, ErlangTag::kList);
  put_u32be(out, count);
}

void append_erlang_nil(std::string& out) { append_tag(out, ErlangTag::kNil); }

}  // namespace couchlet
