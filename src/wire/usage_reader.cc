#include "wire/usage_reader.h"

#include <algorithm>

#include "wire/json_scanner.h"
#include "wire/usage_count_internal.h"

namespace wire {
namespace {

using internal::Count;
using internal::Rest;

// The provider's numbers as they stand: wholes and the parts inside them.
struct Reported {
  Count input, output, total;
  Count cached;                 // *_tokens_details.cached_tokens
  Count cache_hit, cache_miss;  // DeepSeek's own spelling: together they are the input
  Count cache_write, cache_write_1h, input_audio, input_image;
  Count write_short, write_long;  // cache_write_tokens_details: for 30 minutes, for 12 hours
  Count reasoning, output_audio, output_image;
  Count predicted, mispredicted;  // visible text that was foretold, and foretold text that was not said
  Count searches, fetches;
  bool any = false;
  bool contradicts = false;
};

class UsageReader {
 public:
  explicit UsageReader(std::string_view object) : cursor_(object) {}

  std::optional<Reported> Read() {
    if (!cursor_.EnterObject()) return std::nullopt;
    while (cursor_.NextMember()) {
      if (cursor_.KeyIs("prompt_tokens") || cursor_.KeyIs("input_tokens")) {
        Take(reported_.input);
      } else if (cursor_.KeyIs("completion_tokens") || cursor_.KeyIs("output_tokens")) {
        Take(reported_.output);
      } else if (cursor_.KeyIs("total_tokens")) {
        Take(reported_.total);
      } else if (cursor_.KeyIs("prompt_cache_hit_tokens")) {
        Take(reported_.cache_hit);
      } else if (cursor_.KeyIs("prompt_cache_miss_tokens")) {
        Take(reported_.cache_miss);
      } else if (cursor_.KeyIs("prompt_tokens_details") || cursor_.KeyIs("input_tokens_details")) {
        ReadInputDetails();
      } else if (cursor_.KeyIs("completion_tokens_details") || cursor_.KeyIs("output_tokens_details")) {
        ReadOutputDetails();
      } else if (cursor_.KeyIs("server_tool_use")) {
        ReadServerTools();
      }
    }
    if (!cursor_.End() || !reported_.any) return std::nullopt;
    return reported_;
  }

 private:
  void ReadInputDetails() {
    if (!cursor_.EnterObject()) return;
    while (cursor_.NextMember()) {
      if (cursor_.KeyIs("cached_tokens")) {
        Take(reported_.cached);
      } else if (cursor_.KeyIs("cache_write_tokens")) {
        Take(reported_.cache_write);
      } else if (cursor_.KeyIs("cache_write_1h_tokens")) {
        Take(reported_.cache_write_1h);
      } else if (cursor_.KeyIs("cache_write_tokens_details")) {
        ReadWrites();
      } else if (cursor_.KeyIs("audio_tokens")) {
        Take(reported_.input_audio);
      } else if (cursor_.KeyIs("image_tokens")) {
        Take(reported_.input_image);
      }
    }
  }

  void ReadWrites() {
    if (!cursor_.EnterObject()) return;
    while (cursor_.NextMember()) {
      if (cursor_.KeyIs("ttl_30m_tokens")) {
        Take(reported_.write_short);
      } else if (cursor_.KeyIs("ttl_12h_tokens")) {
        Take(reported_.write_long);
      }
    }
  }

  void ReadOutputDetails() {
    if (!cursor_.EnterObject()) return;
    while (cursor_.NextMember()) {
      if (cursor_.KeyIs("reasoning_tokens")) {
        Take(reported_.reasoning);
      } else if (cursor_.KeyIs("audio_tokens")) {
        Take(reported_.output_audio);
      } else if (cursor_.KeyIs("image_tokens")) {
        Take(reported_.output_image);
      } else if (cursor_.KeyIs("accepted_prediction_tokens")) {
        Take(reported_.predicted);
      } else if (cursor_.KeyIs("rejected_prediction_tokens")) {
        Take(reported_.mispredicted);
      }
    }
  }

  void ReadServerTools() {
    if (!internal::TakeServerTools(cursor_, reported_.searches, reported_.fetches)) {
      reported_.contradicts = true;
    }
  }

  void Take(Count& slot) {
    if (!internal::TakeCount(cursor_, slot)) reported_.contradicts = true;
    reported_.any |= slot.has_value();
  }

  JsonCursor cursor_;
  Reported reported_;
};

std::int64_t CachedInput(const Reported& reported, chat::Usage& usage) {
  if (reported.cached && reported.cache_hit && *reported.cached != *reported.cache_hit) {
    usage.inconsistent = true;
  }
  if (reported.cached) return *reported.cached;
  if (reported.cache_hit) return *reported.cache_hit;
  if (reported.input && reported.cache_miss) return Rest(*reported.input, *reported.cache_miss, usage);
  return 0;
}

// The whole input, from whatever tells it. Some spellings leave it to be worked out.
std::int64_t WholeInput(const Reported& reported, std::int64_t cached, chat::Usage& usage) {
  if (reported.input) return *reported.input;
  if (reported.cache_miss) return cached + *reported.cache_miss;
  if (reported.total) return Rest(*reported.total, reported.output.value_or(0), usage);
  usage.inconsistent = true;  // no call is without a prompt
  return 0;
}

std::int64_t WholeOutput(const Reported& reported, std::int64_t input, chat::Usage& usage) {
  if (reported.output) return *reported.output;
  return reported.total ? Rest(*reported.total, input, usage) : 0;
}

// What was written to the cache, by how long it stays there.
void SetWrites(const Reported& reported, chat::Usage& usage) {
  const Count& longer = reported.write_long ? reported.write_long : reported.cache_write_1h;
  usage.cache_write_1h = longer.value_or(0);
  const std::int64_t parts = reported.write_short.value_or(0) + usage.cache_write_1h;
  const std::int64_t whole = reported.cache_write.value_or(parts);
  if (reported.write_short && longer && whole != parts) usage.inconsistent = true;
  usage.cache_write_5m = reported.write_short.value_or(0) + Rest(whole, parts, usage);
}

// Splits the input that is neither cached nor written. Sounds and pictures can be either, so that of them no
// more than that is left to be counted here.
void SetFreshInput(const Reported& reported, std::int64_t input, chat::Usage& usage) {
  const std::int64_t fresh = Rest(input, usage.TotalInput(), usage);
  const std::int64_t audio = reported.input_audio.value_or(0);
  const std::int64_t image = reported.input_image.value_or(0);
  if (audio + image > input) usage.inconsistent = true;
  usage.input_audio = std::min(audio, fresh);
  usage.input_image = std::min(image, fresh - usage.input_audio);
  usage.input = fresh - usage.input_audio - usage.input_image;
}

}  // namespace

std::optional<chat::Usage> ReadUsage(std::string_view object) {
  const std::optional<Reported> reported = UsageReader(object).Read();
  if (!reported) return std::nullopt;

  chat::Usage usage;
  usage.inconsistent = reported->contradicts;
  usage.cached_input = CachedInput(*reported, usage);
  SetWrites(*reported, usage);
  usage.reasoning = reported->reasoning.value_or(0);
  usage.output_audio = reported->output_audio.value_or(0);
  usage.output_image = reported->output_image.value_or(0);

  const std::int64_t input = WholeInput(*reported, usage.cached_input, usage);
  const std::int64_t output = WholeOutput(*reported, input, usage);
  SetFreshInput(*reported, input, usage);
  usage.output = Rest(output, usage.TotalOutput(), usage);
  usage[chat::Meter::kSearch] = reported->searches.value_or(0);
  usage[chat::Meter::kFetch] = reported->fetches.value_or(0);

  const std::int64_t foretold = reported->predicted.value_or(0) + reported->mispredicted.value_or(0);
  if (foretold > usage.output) usage.inconsistent = true;
  if (reported->cache_miss && usage.cached_input + *reported->cache_miss != input) usage.inconsistent = true;
  if (reported->total && *reported->total != input + output) usage.inconsistent = true;
  return usage;
}

}  // namespace wire
