#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/block_allocator.h"
#include "chat/dialect.h"
#include "chat/usage.h"
#include "wire/answer_reader.h"

namespace wire {

// Of the provider's own words about the tokens of one answer, as they are kept.
inline constexpr std::size_t kUsageTextBytesMax = 16 * 1024;
inline constexpr std::size_t kServiceTierBytesMax = 64;  // a longer one is cut

// What an answer says about its tokens and how they were served, gathered while it passes: a whole answer, or
// the events of a stream one by one. Belongs to one thread.
class UsageNotes {
 public:
  explicit UsageNotes(chat::Dialect dialect) : dialect_(dialect) {}

  void Learn(const AnswerFacts& facts);
  std::optional<chat::Usage> Read() const;

  // The provider's own JSON: the last `usage` object, of Messages that told it more than once an array of
  // all. Empty: it said nothing, or more than kUsageTextBytesMax. Valid until the next Learn.
  std::string_view Verbatim() const;

  // How the provider says that it served the call, which decides the price; empty: it did not say. Of
  // Messages another speed than the standard one is part of it, and a region that is not the whole world:
  // "fast-us". Valid until the next Learn.
  std::string_view service_tier() const { return tier_; }

 private:
  void KeepUsage(std::string_view object);
  void KeepTier(const AnswerFacts& facts);

  const chat::Dialect dialect_;
  base::BlockString usage_;  // as Verbatim gives it, whatever its size
  std::size_t objects_ = 0;  // in it
  std::size_t first_size_ = 0;
  base::BlockString tier_;  // of the next three
  base::BlockString plain_tier_;
  base::BlockString speed_;
  base::BlockString region_;
  std::array<std::int64_t, chat::kUnitMeters> units_{};  // told beside `usage`
  bool bad_units_ = false;
};

}  // namespace wire
