#include <algorithm>

#include "wire/json_scanner.h"
#include "wire/usage_count_internal.h"

namespace wire {
namespace {

using internal::Count;

// The numbers as they stand in one `usage` object.
struct Reported {
  Count input, output;
  Count cache_read, cache_write;  // the second: at all lifetimes together
  Count write_5m, write_1h;       // cache_creation.ephemeral_*_input_tokens
  Count thinking;                 // output_tokens_details.thinking_tokens: inside output
  bool contradicts = false;

  static constexpr Count Reported::*kCounts[] = {
      &Reported::input,    &Reported::output,   &Reported::cache_read, &Reported::cache_write,
      &Reported::write_5m, &Reported::write_1h, &Reported::thinking};

  bool Any() const {
    return std::any_of(std::begin(kCounts), std::end(kCounts),
                       [this](Count Reported::*count) { return (this->*count).has_value(); });
  }
};

class Reader {
 public:
  explicit Reader(std::string_view object) : cursor_(object) {}

  Reported Read() {
    if (!cursor_.EnterObject()) return {};
    while (cursor_.NextMember()) {
      if (cursor_.KeyIs("input_tokens")) {
        Take(reported_.input);
      } else if (cursor_.KeyIs("output_tokens")) {
        Take(reported_.output);
      } else if (cursor_.KeyIs("cache_read_input_tokens")) {
        Take(reported_.cache_read);
      } else if (cursor_.KeyIs("cache_creation_input_tokens")) {
        Take(reported_.cache_write);
      } else if (cursor_.KeyIs("cache_creation")) {
        ReadWrites();
      } else if (cursor_.KeyIs("output_tokens_details")) {
        ReadOutputDetails();
      }
    }
    return cursor_.End() ? reported_ : Reported{};
  }

 private:
  void ReadWrites() {
    if (!cursor_.EnterObject()) return;
    while (cursor_.NextMember()) {
      if (cursor_.KeyIs("ephemeral_5m_input_tokens")) {
        Take(reported_.write_5m);
      } else if (cursor_.KeyIs("ephemeral_1h_input_tokens")) {
        Take(reported_.write_1h);
      }
    }
  }

  void ReadOutputDetails() {
    if (!cursor_.EnterObject()) return;
    while (cursor_.NextMember()) {
      if (cursor_.KeyIs("thinking_tokens")) Take(reported_.thinking);
    }
  }

  void Take(Count& slot) {
    if (!internal::TakeCount(cursor_, slot)) reported_.contradicts = true;
  }

  JsonCursor cursor_;
  Reported reported_;
};

// `later` on top of `earlier`, number by number.
Reported Merged(const Reported& earlier, const Reported& later) {
  Reported merged = earlier;
  merged.contradicts |= later.contradicts;
  for (Count Reported::*count : Reported::kCounts) {
    if (!(later.*count)) continue;
    if (earlier.*count && *(later.*count) < *(earlier.*count)) merged.contradicts = true;
    merged.*count = later.*count;
  }
  return merged;
}

}  // namespace

std::optional<chat::Usage> ReadMessagesUsage(std::string_view start, std::string_view end) {
  const Reported reported = Merged(Reader(start).Read(), Reader(end).Read());
  if (!reported.Any()) return std::nullopt;

  chat::Usage usage;
  // No call is without a prompt, and what is read from or written to the cache is part of it.
  usage.inconsistent = reported.contradicts || !reported.input || !reported.output;
  usage.input = reported.input.value_or(0);
  usage.cached_input = reported.cache_read.value_or(0);
  usage.cache_write_1h = reported.write_1h.value_or(0);
  usage.cache_write_5m = reported.write_5m.value_or(0);
  // Writes of which nobody says how long they live are of the ordinary lifetime.
  const std::int64_t writes = usage.cache_write_5m + usage.cache_write_1h;
  usage.cache_write_5m += internal::Rest(reported.cache_write.value_or(writes), writes, usage);
  usage.reasoning = reported.thinking.value_or(0);
  usage.output = internal::Rest(reported.output.value_or(usage.reasoning), usage.reasoning, usage);
  return usage;
}

}  // namespace wire
