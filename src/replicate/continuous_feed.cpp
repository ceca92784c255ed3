#include "replicate/continuous_feed.h"

#include <algorithm>
#include <utility>

#include "replicate/protocol_json.h"
#include "replicate/protocol_reading.h"

namespace couchlet {

ContinuousFeed::ContinuousFeed(BegunAnswer begun, PeerChangesQuery query)
    : answer_(std::move(begun.answer)),
      response_(std::move(begun.rest)),
      query_(std::move(query)) {}

bool ContinuousFeed::goes_on_with(PeerChangesQuery query) const {
  const bool has_unwanted = query_.include_docs && !query.include_docs;
  if (has_unwanted && unwanted_bytes_ >= kMaxUnwantedBytes) return false;
  if (has_unwanted) query.include_docs = true;
  query.limit = query_.limit;
  return query == query_;
}

void ContinuousFeed::end() {
  is_over_ = true;
  if (is_reading_) response_->abort();
}

bool ContinuousFeed::is_to_read() const {
  if (is_over_) return false;
  const bool is_lacking = lines_end_ == 0 || was_page_;  // what there is makes no page yet
  return text_.size() < (is_lacking ? kMaxAnswerBytes : kReadAheadBytes);
}

// Runs by itself.
Task<void> ContinuousFeed::read(std::shared_ptr<ContinuousFeed> feed) {
  feed->is_reading_ = true;
  while (feed->is_to_read()) {
    feed->take(co_await feed->response_->read_chunk());
    feed->moved_.signal();
  }
  feed->is_reading_ = false;
}

void ContinuousFeed::read_on() {
  if (!is_reading_ && is_to_read()) spawn(read(shared_from_this()));
}

void ContinuousFeed::take(Result<std::string> chunk) {
  is_over_ = is_over_ || !chunk.ok() || chunk->empty();
  if (!chunk.ok()) {
    failure_ = std::move(chunk).error();
    return;
  }
  const size_t newline = chunk->rfind('\n');
  if (newline != std::string::npos) lines_end_ = text_.size() + newline + 1;
  text_.append(*chunk);
  const size_t empty = std::min(text_.find_first_not_of(" \t\r\n"), text_.size());
  text_.erase(0, empty);
  lines_end_ -= std::min(lines_end_, empty);
}

Task<Result<PeerChanges>> ContinuousFeed::next_page(PeerChangesQuery query) {
  read_on();
  while (lines_end_ == 0 && is_to_read()) co_await moved_;
  if (is_page()) co_return co_await whole_page();
  if (lines_end_ == 0) {
    if (is_over_) co_return why_over();
    co_return page_of_long_line();
  }
  auto page = page_of_lines(query);
  read_on();
  co_return page;
}

std::string_view ContinuousFeed::first_line() const {
  return std::string_view(text_).substr(0, text_.find('\n'));
}

// Whether it is no feed. REQUIRES: all of the first line that will come has come.
bool ContinuousFeed::is_page() const {
  if (has_begun_ || text_.empty()) return false;
  const bool is_whole = lines_end_ > 0;
  return (is_whole || (is_over_ && !failure_)) && is_line_of_page(first_line(), is_whole);
}

Task<Result<PeerChanges>> ContinuousFeed::whole_page() {
  was_page_ = true;
  read_on();
  while (is_to_read()) co_await moved_;
  if (failure_) co_return why_over();
  const bool is_cut = !is_over_;
  end();
  is_done_ = true;
  const auto text = std::make_shared<std::string>(std::move(text_));
  auto page = parse_changes(text, is_cut);
  if (!page.ok()) co_return misunderstood(std::move(*text), page.error());
  page->bytes = text->size();
  co_return page;
}

Result<PeerChanges> ContinuousFeed::page_of_lines(const PeerChangesQuery& query) {
  has_begun_ = true;
  const auto text = std::make_shared<std::string>(take_lines(query.limit));
  auto lines = parse_changes_lines(text);
  if (!lines.ok()) return misunderstood(std::move(*text), lines.error());
  PeerChanges& page = lines->page;
  if (lines->is_end) {
    is_done_ = true;
    end();
    return std::move(page);
  }
  page.is_partial = lines_end_ > 0;
  if (!page.is_partial) page.pending = 0;
  if (query_.include_docs && !query.include_docs) unwanted_bytes_ += page.bytes;
  query_.since = page.last_sequence;
  return std::move(page);
}

PeerChanges ContinuousFeed::page_of_long_line() {
  is_done_ = true;
  end();
  PeerChanges page;
  page.is_partial = true;
  page.bytes = text_.size();
  return page;
}

std::string ContinuousFeed::take_lines(uint64_t limit) {
  size_t end = 0;
  for (uint64_t rows = 0; end < lines_end_ && (limit == 0 || rows < limit);) {
    const size_t next = text_.find('\n', end) + 1;
    if (!is_blank(std::string_view(text_).substr(end, next - end))) ++rows;
    end = next;
  }
  // Empty lines that follow are none to come back for.
  end = std::min(text_.find_first_not_of(" \t\r\n", end), text_.size());
  std::string taken = text_.substr(0, end);
  text_.erase(0, end);
  lines_end_ -= std::min(lines_end_, end);
  return taken;
}

Error ContinuousFeed::why_over() const {
  const Error ended{0, "network", "The server has ended its feed of changes."};
  return broken_answer(failure_.value_or(ended), answer_);
}

// What has come is neither a feed nor a page; that was it.
Error ContinuousFeed::misunderstood(std::string text, const Error& error) {
  end();
  answer_.body = std::move(text);
  return bad_response(answer_, error.reason);
}

}  // namespace couchlet
