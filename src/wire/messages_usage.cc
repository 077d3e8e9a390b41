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
  Count searches, fetches;
  std::optional<chat::Usage> apart;  // of `iterations` that are in none of the totals above
  bool contradicts = false;

  static constexpr Count Reported::*kCounts[] = {
      &Reported::input,       &Reported::output,   &Reported::cache_read,
      &Reported::cache_write, &Reported::write_5m, &Reported::write_1h,
      &Reported::thinking,    &Reported::searches, &Reported::fetches};

  bool Any() const {
    return std::any_of(std::begin(kCounts), std::end(kCounts),
                       [this](Count Reported::*count) { return (this->*count).has_value(); });
  }
};

chat::Usage Buckets(const Reported& reported);

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
      } else if (cursor_.KeyIs("server_tool_use")) {
        if (!internal::TakeServerTools(cursor_, reported_.searches, reported_.fetches)) Contradicts();
      } else if (cursor_.KeyIs("iterations")) {
        ReadIterations();
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

  // What was spent on each step of one answer. The totals hold the steps of the model itself; `compaction`
  // stands beside them, and `advisor_message` is another model, at another price.
  void ReadIterations() {
    if (!cursor_.EnterArray()) return;
    reported_.apart.emplace();
    while (cursor_.NextElement()) {
      if (!cursor_.AtObject()) continue;
      const std::string_view step = cursor_.Take().raw;
      const JsonValue type = TypeOf(step);
      if (type.TextIs("advisor_message")) reported_.apart->inconsistent = true;
      if (!type.TextIs("compaction")) continue;
      const chat::Usage usage = Buckets(Reader(step).Read());
      for (std::size_t i = 0; i < chat::kTokenMeters; ++i) {
        const auto meter = static_cast<chat::Meter>(i);
        std::int64_t& sum = (*reported_.apart)[meter];
        sum += usage[meter];
        if (sum > kTokensMax) sum = kTokensMax, reported_.apart->inconsistent = true;
      }
      reported_.apart->inconsistent |= usage.inconsistent;
    }
  }

  static JsonValue TypeOf(std::string_view step) {
    JsonValue type;
    JsonCursor cursor(step);
    if (!cursor.EnterObject()) return type;
    while (cursor.NextMember()) {
      if (cursor.KeyIs("type")) type = cursor.Take();
    }
    return type;
  }

  void Take(Count& slot) {
    if (!internal::TakeCount(cursor_, slot)) Contradicts();
  }
  void Contradicts() { reported_.contradicts = true; }

  JsonCursor cursor_;
  Reported reported_;
};

// `later` on top of `earlier`, number by number.
void Merge(const Reported& later, Reported& earlier) {
  earlier.contradicts |= later.contradicts;
  if (later.apart) earlier.apart = later.apart;
  for (Count Reported::*count : Reported::kCounts) {
    if (!(later.*count)) continue;
    if (earlier.*count && *(later.*count) < *(earlier.*count)) earlier.contradicts = true;
    earlier.*count = later.*count;
  }
}

chat::Usage Buckets(const Reported& reported) {
  chat::Usage usage;
  // No call is without a prompt, and what is read from or written to the cache is part of it.
  usage.inconsistent = reported.contradicts || !reported.input || !reported.output;
  usage.input = reported.input.value_or(0);
  usage.cached_input = reported.cache_read.value_or(0);
  usage.cache_write_1h = reported.write_1h.value_or(0);
  usage.cache_write_5m = reported.write_5m.value_or(0);
  // Writes of which nobody says how long they live are of the ordinary lifetime.
  const std::int64_t writes = usage.cache_write_5m + usage.cache_write_1h;
  const std::int64_t all_writes = reported.cache_write.value_or(writes);
  if (reported.write_5m && reported.write_1h && all_writes != writes) usage.inconsistent = true;
  usage.cache_write_5m += internal::Rest(all_writes, writes, usage);
  usage.reasoning = reported.thinking.value_or(0);
  usage.output = internal::Rest(reported.output.value_or(usage.reasoning), usage.reasoning, usage);
  usage[chat::Meter::kSearch] = reported.searches.value_or(0);
  usage[chat::Meter::kFetch] = reported.fetches.value_or(0);
  return usage;
}

std::optional<chat::Usage> UsageOf(const Reported& reported) {
  if (!reported.Any()) return std::nullopt;
  chat::Usage usage = Buckets(reported);
  if (!reported.apart) return usage;
  for (std::size_t i = 0; i < chat::kTokenMeters; ++i) {
    const auto meter = static_cast<chat::Meter>(i);
    usage[meter] += (*reported.apart)[meter];
  }
  usage.inconsistent |= reported.apart->inconsistent;
  return usage;
}

}  // namespace

std::optional<chat::Usage> ReadMessagesUsage(std::string_view start, std::string_view end) {
  Reported reported = Reader(start).Read();
  Merge(Reader(end).Read(), reported);
  return UsageOf(reported);
}

std::optional<chat::Usage> internal::ReadMessagesUsages(std::string_view list) {
  Reported reported;
  JsonCursor cursor(list);
  if (!cursor.EnterArray()) return std::nullopt;
  while (cursor.NextElement()) Merge(Reader(cursor.Take().raw).Read(), reported);
  return UsageOf(reported);
}

}  // namespace wire
