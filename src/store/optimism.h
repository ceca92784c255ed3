// Optimism: whether a context commits a small log record without waiting for its number.
//
// A checked commit waits until it knows that its record has got the number that it was decided for,
// and gives the number back if not. An optimistic one commits at once and looks at the number
// afterwards: a round trip to the browser's process less, a third of an awaited put. If another
// context was faster its record is void (log_format.h), and stays in the log until the next flush.
//
// Two optimistic contexts could make each other's records void for ever. So whoever has lost a race
// commits the checked way for a while. A checked commit spoils nobody's number: among contexts that
// all race, each void record comes with kCheckedAfterLoss commits of its writer, and of checked
// ones somebody always wins. Where only one context writes, which is nearly always, none is lost.
#pragma once

namespace couchlet {

class Optimism {
 public:
  // Of the records of contexts that race for ever one in 65 is void at most, and one that goes on
  // alone is soon quick again.
  static constexpr int kCheckedAfterLoss = 64;

  bool is_justified() const { return checked_left_ == 0; }
  void on_committed() {
    if (checked_left_ > 0) --checked_left_;
  }
  void on_lost() { checked_left_ = kCheckedAfterLoss; }

 private:
  int checked_left_ = 0;  // commits
};

}  // namespace couchlet
