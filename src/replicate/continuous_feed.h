// ContinuousFeed: the answer to `_changes?feed=continuous` (CouchDB documentation,
// api/database/changes), read as pages.
//
// The answer doesn't end. A row is a line of it, as soon as there is one; an empty line tells that
// the server is there; {"last_seq": …}, if it comes, is the last line. What is no whole line when
// the connection breaks is lost, and comes again to whoever asks from the last row on.
//
// The answer is read on while nobody asks for a page, so that what comes meanwhile is one page,
// too: up to kReadAheadBytes, beyond which the connection is left to wait.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/completion.h"
#include "base/result.h"
#include "base/task.h"
#include "replicate/http_answer.h"
#include "replicate/http_client.h"
#include "replicate/peer.h"

namespace couchlet {

class ContinuousFeed : public std::enable_shared_from_this<ContinuousFeed> {
 public:
  static constexpr size_t kReadAheadBytes = kMaxAnswerBytes / 4;
  // What may come with documents that aren't wanted before another request is worth it.
  static constexpr size_t kMaxUnwantedBytes = 64 * 1024;

  // REQUIRES: `begun` is a success, and the answer to `query`.
  ContinuousFeed(BegunAnswer begun, PeerChangesQuery query);

  // Whether the next page is what the query asks for: from where the last one has ended, and of the
  // same changes. Its limit may be another one, and documents be in rows that need none.
  bool goes_on_with(PeerChangesQuery query) const;

  // Waits for rows, and gives all that have come, of at most the query's limit. With more of them
  // here is_partial is set, else `pending` is 0. Once the answer is over an error. One call at a
  // time. REQUIRES: goes_on_with(query); the caller holds on to the feed until it returns.
  //
  // Of a server that doesn't know the feed the page that it has sent (was_page()). A page that is
  // partial and without rows where the next line is longer than kMaxAnswerBytes.
  Task<Result<PeerChanges>> next_page(PeerChangesQuery query);

  bool is_done() const { return is_done_; }  // with the last page
  bool was_page() const { return was_page_; }

  // Nothing more is heard of it; a call that waits returns with the error "cancelled".
  void end();

 private:
  static Task<void> read(std::shared_ptr<ContinuousFeed> feed);
  bool is_to_read() const;
  void read_on();
  void take(Result<std::string> chunk);

  bool is_page() const;
  Task<Result<PeerChanges>> whole_page();
  Result<PeerChanges> page_of_lines(const PeerChangesQuery& query);
  PeerChanges page_of_long_line();
  std::string take_lines(uint64_t limit);
  std::string_view first_line() const;
  Error why_over() const;
  Error misunderstood(std::string text, const Error& error);

  HttpAnswer answer_;
  const std::unique_ptr<HttpResponse> response_;
  PeerChangesQuery query_;  // that the next page answers
  std::string text_;        // what has come, from the first line on that isn't empty
  size_t lines_end_ = 0;    // of the whole lines in it; 0: there is none
  bool has_begun_ = false;  // a line has been read, and was one of a feed
  bool was_page_ = false;
  bool is_reading_ = false;
  bool is_over_ = false;          // nothing more comes
  bool is_done_ = false;          // and that was to be
  std::optional<Error> failure_;  // what has ended it
  size_t unwanted_bytes_ = 0;
  Event moved_;  // something has come, or it is over
};

}  // namespace couchlet
