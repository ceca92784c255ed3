// RowSink: takes the rows of a list (_all_docs, _changes) as they are found, which is in the order
// in which bodies are stored and not in that of the list; so a list of any length needs to be
// neither in memory as a whole nor to be waited for as a whole.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace couchlet {

class RowSink {
 public:
  virtual ~RowSink() = default;

  // The list begins, or begins anew: rows that have come so far are not in it.
  virtual void begin() = 0;

  // The list has so many rows at the least; all that come until this is called again are among
  // them.
  virtual void expect(size_t rows) = 0;

  // The text to append the row in this place of the list to, as JSON; then end_row().
  virtual std::string& begin_row(size_t place) = 0;
  virtual void end_row() = 0;

  // Whether a row that says nothing but what follows from its document may be given as that alone.
  virtual bool takes_documents() const { return false; }
  // As begin_row(), for the document. `sequence`: of a change; else 0.
  virtual std::string& begin_document(size_t place, uint64_t sequence) = 0;
};

// The rows as one text, in their order, with commas between them.
class RowText final : public RowSink {
 public:
  void begin() override {
    text_.clear();
    rows_.clear();
  }
  void expect(size_t) override {}
  std::string& begin_row(size_t place) override {
    rows_.push_back({place, text_.size(), 0});
    return text_;
  }
  std::string& begin_document(size_t place, uint64_t) override { return begin_row(place); }
  void end_row() override { rows_.back().bytes = text_.size() - rows_.back().at; }

  void append_to(std::string& out) {
    std::sort(rows_.begin(), rows_.end(),
              [](const Row& a, const Row& b) { return a.place < b.place; });
    for (const Row& row : rows_) {
      if (row.place != rows_.front().place) out.push_back(',');
      out.append(text_, row.at, row.bytes);
    }
  }

 private:
  struct Row {
    size_t place;
    size_t at;
    size_t bytes;
  };

  std::string text_;
  std::vector<Row> rows_;
};

}  // namespace couchlet
