#include "base/varint.h"

namespace couchlet {

void put_varint(std::string& out, uint64_t value) {
  char bytes[10];
  size_t size = 0;
  for (; value >= 0x80; value >>= 7) bytes[size++] = static_cast<char>(value | 0x80);
  bytes[size++] = static_cast<char>(value);
  out.append(bytes, size);
}

bool get_long_varint(std::string_view& in, uint64_t& value) {
  uint64_t read = 0;
  for (size_t i = 0; i < in.size() && i < 10; ++i) {
    const auto byte = static_cast<uint8_t>(in[i]);
    const bool overflows = i == 9 && byte > 1;  // nine bytes have brought 63 bits
    if (overflows) return false;
    read |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      in.remove_prefix(i + 1);
      value = read;
      return true;
    }
  }
  return false;
}

void put_length_prefixed(std::string& out, std::string_view bytes) {
  put_varint(out, bytes.size());
  out.append(bytes);
}

bool get_length_prefixed(std::string_view& in, std::string_view& bytes) {
  std::string_view rest = in;
  uint64_t size = 0;
  if (!get_varint(rest, size) || size > rest.size()) return false;
  bytes = rest.substr(0, static_cast<size_t>(size));
  in = rest.substr(static_cast<size_t>(size));
  return true;
}

}  // namespace couchlet
