#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "translate/probe_for_test.h"
#include "translate/translate.h"

// What becomes of one field of one dialect in another.
struct Outcome {
  enum class Kind {
    kKept,      // the same name, the same value
    kRenamed,   // another name, the same value
    kComputed,  // said otherwise
    kRefused,   // no word for it there: the request is refused, or the field dropped and named
    kIgnored,   // of no effect there: left out and named
    kLost,      // gone without a word: a bug
    kBroken,    // the probe itself is no request, or no answer
  } kind = Kind::kLost;
  std::string words;  // where it went, or what is wrong
};

std::string_view Name(Outcome::Kind kind);

// Says `probe`, a request of `from`, to `target` with and without the field, and compares.
Outcome RequestOutcome(chat::Operation from, const translate::Probe& probe, std::string_view plain,
                       const translate::Target& target);

// The same for an answer of `from`, a provider of `flavour`, to a caller who asked by `request`.
Outcome AnswerOutcome(chat::Operation from, chat::Flavour flavour, const translate::Probe& probe,
                      std::string_view plain, const translate::Request& request);
