#include "wasm/row_pieces.h"

extern "C" {
// engine.library.js
void couchlet_rows_begin(uint32_t request);
void couchlet_rows_expect(uint32_t request, size_t rows);
void couchlet_rows(uint32_t request, const char* text, size_t length);
}

namespace couchlet {
namespace {

// Parsing one takes a millisecond or two.
constexpr size_t kPieceBytes = 256 * 1024;

// A document of the usual size still fits in without another allocation.
constexpr size_t kRoomBytes = kPieceBytes + 16 * 1024;

}  // namespace

void RowPieces::begin() {
  text_.clear();
  couchlet_rows_begin(request_);
}

void RowPieces::expect(size_t rows) { couchlet_rows_expect(request_, rows); }

std::string& RowPieces::begin_row(size_t place) {
  begin_item(-1 - static_cast<int64_t>(place));
  return text_;
}

std::string& RowPieces::begin_document(size_t place, uint64_t sequence) {
  begin_item(static_cast<int64_t>(place));
  if (sequence > 0) text_.append(std::to_string(sequence)).push_back(',');
  return text_;
}

void RowPieces::begin_item(int64_t place) {
  if (text_.capacity() < kPieceBytes) text_.reserve(kRoomBytes);
  text_.push_back(text_.empty() ? '[' : ',');
  text_.append(std::to_string(place)).push_back(',');
}

void RowPieces::end_row() {
  if (text_.size() >= kPieceBytes) finish();
}

void RowPieces::finish() {
  if (text_.empty()) return;
  text_.push_back(']');
  couchlet_rows(request_, text_.data(), text_.size());
  text_.clear();
}

}  // namespace couchlet
