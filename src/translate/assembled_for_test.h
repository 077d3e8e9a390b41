#pragma once

#include <deque>
#include <string>
#include <vector>

#include "translate/event.h"
#include "translate/form.h"

namespace translate {

// Puts the events of a stream together to the answer that they tell, as a client would. What is told out of
// turn (a piece of a part that is not open, anything behind the end) is a failure of the running test.
class Assembled {
 public:
  void Take(const Event& event);

  bool ended() const { return ended_; }
  // The answer so far; its views live as long as this.
  Answer Get() const;

 private:
  struct Piece {
    Part::Kind kind = Part::Kind::kText;
    bool custom = false, redacted = false, open = true;
    Mind mind = Mind::kNobody;
    std::string id, name, text, arguments, signature, raw;
    std::vector<std::string> citations, logprobs;
    mutable std::string citations_list, logprobs_list;
  };

  Piece* OpenPiece(const Event& event);
  void Begin(const Event& event);

  std::deque<Piece> pieces_;
  bool started_ = false;
  bool ended_ = false;
  std::string id_, model_, tier_, word_, stop_sequence_;
  std::optional<std::int64_t> created_;
  Finish finish_;
  std::optional<chat::Usage> usage_;
};

}  // namespace translate
