// RowPieces: hands the rows of a list to JavaScript a piece at a time, which parses each as it
// comes (js/row-list.js), while the engine waits for what the next one is made of.
//
//   piece: a JSON array: for each row
//          its place p, [its sequence,] its document    where the row follows from that
//          -1 - p, the row                              else
#pragma once

#include <cstdint>
#include <string>

#include "document/row_sink.h"

namespace couchlet {

class RowPieces final : public RowSink {
 public:
  // Of the answer to `request`.
  explicit RowPieces(uint32_t request) : request_(request) {}

  void begin() override;
  void expect(size_t rows) override;
  std::string& begin_row(size_t place) override;
  void end_row() override;
  bool takes_documents() const override { return true; }
  std::string& begin_document(size_t place, uint64_t sequence) override;

  // Hands over the last piece.
  void finish();

 private:
  void begin_item(int64_t place);

  const uint32_t request_;
  std::string text_;
};

}  // namespace couchlet
