#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "chat/usage.h"
#include "translate/form.h"

namespace translate {

// One thing that a stream tells, whichever dialect tells it. A reader makes a few of one frame, a writer
// makes frames of each. Views live as long as the frame that was read.
//
// Order: kStart, then parts, then kFinish and kUsage in any order, then kEnd. A part begins with kPartBegin,
// has pieces, and ends with kPartEnd; parts may be open side by side (chat's parallel tool calls), and each
// is told apart by `part`, counted from 0 in the order in which they begin. kAlive and kError may come
// anywhere; nothing follows kError or kEnd. kFinish and kUsage may be told more than once: the last one
// counts, and a writer holds them back until kEnd where its dialect tells them once.
struct Event {
  enum class Kind : std::uint8_t {
    kStart,      // id, model, created, service_tier
    kPartBegin,  // part, part_kind; of a call also id, name, custom; of a whole unit (redacted reasoning,
                 // kOther) everything: `whole`
    kText,       // a piece of text or refusal: text
    kReasoning,  // a piece of a thought: text
    kSignature,  // what seals a thought: text, mind, and id where the dialect has one; replaces an earlier
                 // one
    kArguments,  // a piece of a call's arguments: text, the inside of a string
    kCitation,   // one citation of a text: raw
    kLogprobs,   // [{token, ...}] of the text that came with it: raw
    kPartEnd,    // part; of a call also `called`
    kFinish,     // finish
    kUsage,      // usage: so far, all of it
    kAlive,      // a sign of life
    kError,      // error
    kEnd,        // the good end; service_tier where only the end tells it
  } kind = Kind::kAlive;

  int part = 0;
  Part::Kind part_kind = Part::Kind::kText;
  bool custom = false;
  JsonText id{};
  JsonText name{};
  JsonText text{};
  Mind mind = Mind::kNobody;
  std::string_view raw{};
  std::string_view called{};    // where a whole answer of the provider has the arguments of the call
  const Part* whole = nullptr;  // lives as long as the frame

  JsonText model{};
  JsonText service_tier{};
  std::optional<std::int64_t> created{};
  Finish finish{};
  chat::Usage usage{};

  struct Error {
    JsonText type{};  // the provider's word for its class, or its code
    JsonText message{};
    JsonText code{};  // the provider's name of the case; empty: it gave none
  } error{};
};

}  // namespace translate
