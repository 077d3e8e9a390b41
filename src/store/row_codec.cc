#include "store/row_codec.h"

#include <cstring>
#include <string>

#include "base/check.h"
#include "base/utf8.h"
#include "store/varint_internal.h"

namespace store {
namespace {

// What stands in files keeps its number for ever: a new name goes to the end.
static_assert(static_cast<int>(chat::Operation::kCountTokens) == 5);
static_assert(static_cast<int>(chat::Rung::kStrong) == 6);
static_assert(static_cast<int>(chat::FinishReason::kOther) == 6);
static_assert(static_cast<int>(chat::UsageSource::kNone) == 4);
static_assert(static_cast<int>(chat::Meter::kSecond) == 16 && chat::kMeters == 17);

constexpr std::size_t kTextBytesMax = kVarintBytesMax + kRowTextBytesMax;
constexpr std::size_t kPriceBytesMax = 3 * kTextBytesMax + kWideVarintBytesMax;
constexpr std::size_t kCallBytesMax = 1 + 2 * kVarintBytesMax + kTextBytesMax;
constexpr std::size_t kHeldBytesMax = kTextBytesMax + kWideVarintBytesMax;
constexpr std::size_t kAttemptBytesMax = 1 + 2 * kTextBytesMax + 2 * kVarintBytesMax + kUsageBytesMax +
                                         kPriceBytesMax + kCallBytesMax + kHeldBytesMax;
constexpr std::size_t kTexts = 15;  // beside the provider's usage
static_assert(64 + 8 * kVarintBytesMax + kTexts * kTextBytesMax + kVarintBytesMax +
                      kRowProviderUsageBytesMax + kRowTagsMax * 2 * kTextBytesMax + kUsageBytesMax +
                      kPriceBytesMax + kHeldBytesMax + kWideVarintBytesMax +
                      kRowAttemptsMax * kAttemptBytesMax <=
                  kRowBytesMax,
              "the longest row must fit");

enum Flag : std::uint8_t {
  kStream = 1 << 0,
  kAborted = 1 << 1,
  kBatch = 1 << 2,
  kInconsistent = 1 << 3,
  kHasDispatched = 1 << 4,
  kHasFirstToken = 1 << 5,
  kHasCost = 1 << 6,
  kHasSaved = 1 << 7,
};
enum AttemptFlag : std::uint8_t {
  kAttemptHasUsage = 1 << 0,
  kAttemptInconsistent = 1 << 1,
  kAttemptHasCost = 1 << 2,
};

std::int64_t Nanos(base::WallTime time) {
  return time.time_since_epoch().count();
}

// What only rows have.
class RowEncoder : public Encoder {
 public:
  using Encoder::Encoder;

  void Instant(base::WallTime time) {
    const std::int64_t nanos = Nanos(time);
    char bytes[sizeof nanos];
    std::memcpy(bytes, &nanos, sizeof nanos);
    Bytes({bytes, sizeof bytes});
  }
  void Since(base::WallTime start, base::WallTime time) {
    Signed(static_cast<std::int64_t>(static_cast<std::uint64_t>(Nanos(time)) -
                                     static_cast<std::uint64_t>(Nanos(start))));
  }
  void Text(std::string_view text, std::size_t bytes_max = kRowTextBytesMax) {
    const std::string_view kept = base::CutUtf8(text, bytes_max);
    Varint(kept.size());
    Bytes(kept);
  }
  void Price(const LedgerPrice& price) {
    Text(price.version);
    Text(price.phase);
    Text(price.currency.code());
    if (price.cost) Wide(*price.cost);
  }
  // Nothing where the price is known.
  void Held(const LedgerPrice& price) {
    if (!price.unknown()) return;
    Text(price.held.currency.code());
    if (!price.held.currency.none()) Wide(price.held.pico);
  }
};

class RowDecoder : public Decoder {
 public:
  using Decoder::Decoder;

  base::WallTime Instant() {
    const std::string_view bytes = Bytes(sizeof(std::int64_t));
    std::int64_t nanos = 0;
    bytes.copy(reinterpret_cast<char*>(&nanos), sizeof nanos);
    return base::WallTime(std::chrono::nanoseconds(nanos));
  }
  base::WallTime Since(base::WallTime start) {
    const auto nanos = static_cast<std::int64_t>(static_cast<std::uint64_t>(Nanos(start)) +
                                                 static_cast<std::uint64_t>(Signed()));
    return base::WallTime(std::chrono::nanoseconds(nanos));
  }
  std::string_view Text() { return Bytes(Varint()); }
  void Price(LedgerPrice& price, bool has_cost) {
    price.version = Text();
    price.phase = Text();
    price.currency = CurrencyCode();
    if (has_cost) price.cost = Wide();
  }
  void Held(LedgerPrice& price) {
    if (!price.unknown()) return;
    price.held.currency = CurrencyCode();
    if (!price.held.currency.none()) price.held.pico = Wide();
  }

 private:
  base::Currency CurrencyCode() {
    const std::string_view code = Text();
    if (code.empty()) return {};
    const auto currency = base::Currency::Parse(code);
    if (currency) return *currency;
    Break();
    return {};
  }
};

void EncodeAttempt(RowEncoder& out, const LedgerAttempt& attempt) {
  std::uint8_t flags = 0;
  if (attempt.usage) flags |= kAttemptHasUsage;
  if (attempt.usage && attempt.usage->inconsistent) flags |= kAttemptInconsistent;
  if (attempt.price.cost) flags |= kAttemptHasCost;
  out.Byte(flags);
  out.Text(attempt.model);
  out.Signed(attempt.status);
  out.Text(attempt.error);
  out.Varint(attempt.ms);
  if (attempt.usage) out.Usage(*attempt.usage);
  out.Price(attempt.price);
}

void DecodeAttempt(RowDecoder& in, LedgerAttempt& attempt) {
  const std::uint8_t flags = in.Byte();
  attempt = {};
  attempt.model = in.Text();
  attempt.status = static_cast<std::int32_t>(in.Signed());
  attempt.error = in.Text();
  attempt.ms = static_cast<std::uint32_t>(in.Varint());
  if ((flags & kAttemptHasUsage) != 0) {
    in.Usage(attempt.usage.emplace());
    attempt.usage->inconsistent = (flags & kAttemptInconsistent) != 0;
  }
  in.Price(attempt.price, (flags & kAttemptHasCost) != 0);
}

// 0 is none.
void EncodeOperation(RowEncoder& out, std::optional<chat::Operation> operation) {
  out.Byte(operation ? static_cast<std::uint8_t>(static_cast<int>(*operation) + 1) : 0);
}

std::optional<chat::Operation> DecodeOperation(RowDecoder& in) {
  const std::size_t code = in.Below(7);
  if (code == 0) return std::nullopt;
  return static_cast<chat::Operation>(code - 1);
}

// What rows of version 1 did not have from the beginning.
void EncodeLater(RowEncoder& out, const LedgerRow& row) {
  EncodeOperation(out, row.said_as);
  for (const LedgerAttempt& attempt : row.attempts) {
    if (!attempt.usage) continue;
    EncodeOperation(out, attempt.call ? std::optional(attempt.call->said_as) : std::nullopt);
    if (!attempt.call) continue;
    out.Since(row.started, attempt.call->dispatched);
    out.Since(row.started, attempt.call->completed);
    out.Text(attempt.call->service_tier);
  }
  out.Held(row.price);
  for (const LedgerAttempt& attempt : row.attempts) {
    if (attempt.usage) out.Held(attempt.price);
  }
}

void DecodeLater(RowDecoder& in, LedgerRow& row, std::span<LedgerAttempt> attempts) {
  if (in.at_end()) return;
  row.said_as = DecodeOperation(in);
  for (LedgerAttempt& attempt : attempts) {
    if (!attempt.usage) continue;
    const auto said_as = DecodeOperation(in);
    if (!said_as) continue;
    LedgerCall& call = attempt.call.emplace();
    call.said_as = *said_as;
    call.dispatched = in.Since(row.started);
    call.completed = in.Since(row.started);
    call.service_tier = in.Text();
  }
  if (in.at_end()) return;
  in.Held(row.price);
  for (LedgerAttempt& attempt : attempts) {
    if (attempt.usage) in.Held(attempt.price);
  }
}

std::uint8_t FlagsOf(const LedgerRow& row) {
  const auto flag = [](bool set, Flag value) { return static_cast<std::uint8_t>(set ? value : 0); };
  return static_cast<std::uint8_t>(
      flag(row.stream, kStream) | flag(row.aborted, kAborted) | flag(row.batch, kBatch) |
      flag(row.usage.inconsistent, kInconsistent) | flag(row.dispatched.has_value(), kHasDispatched) |
      flag(row.first_token.has_value(), kHasFirstToken) | flag(row.price.cost.has_value(), kHasCost) |
      flag(row.saved.has_value(), kHasSaved));
}

// Those of one text each, in their order in the file.
template <class Row, class F>
void ForEachText(Row& row, F each) {
  each(row.request_id);
  each(row.key_id);
  each(row.org);
  each(row.team);
  each(row.project);
  each(row.user);
  each(row.session);
  each(row.asked_model);
  each(row.provider);
  each(row.model);
  each(row.response_model);
  each(row.reason);
  each(row.dropped);
  each(row.error);
  each(row.service_tier);
}

}  // namespace

std::size_t EncodeRow(const LedgerRow& row, std::span<char, kRowBytesMax> bytes) {
  CHECK(row.tags.size() <= kRowTagsMax && row.attempts.size() <= kRowAttemptsMax);
  RowEncoder out(bytes.data());
  out.Byte(kRowVersion);
  out.Byte(FlagsOf(row));
  out.Byte(static_cast<std::uint8_t>(row.operation));
  out.Byte(static_cast<std::uint8_t>(row.rung));
  out.Byte(static_cast<std::uint8_t>(row.finish));
  out.Byte(static_cast<std::uint8_t>(row.usage_source));
  out.Instant(row.started);
  if (row.dispatched) out.Since(row.started, *row.dispatched);
  if (row.first_token) out.Since(row.started, *row.first_token);
  out.Since(row.started, row.completed);
  out.Signed(row.status);
  ForEachText(row, [&](std::string_view text) { out.Text(text); });
  out.Text(row.provider_usage, kRowProviderUsageBytesMax);
  out.Varint(row.tags.size());
  for (const auto& [name, value] : row.tags) {
    out.Text(name);
    out.Text(value);
  }
  out.Usage(row.usage);
  out.Price(row.price);
  if (row.saved) out.Wide(*row.saved);
  out.Varint(row.attempts.size());
  for (const LedgerAttempt& attempt : row.attempts) EncodeAttempt(out, attempt);
  EncodeLater(out, row);
  return out.size();
}

base::Result<> DecodedRow::Decode(std::string_view bytes) {
  RowDecoder in(bytes);
  if (const std::uint8_t version = in.Byte(); version != kRowVersion) {
    return base::Fail(base::Code::kInvalid, "a row of version " + std::to_string(version) +
                                                ", which this Sluice does not know: use a newer one");
  }
  row_ = {};
  const std::uint8_t flags = in.Byte();
  row_.stream = (flags & kStream) != 0;
  row_.aborted = (flags & kAborted) != 0;
  row_.batch = (flags & kBatch) != 0;
  row_.operation = static_cast<chat::Operation>(in.Below(6));
  row_.rung = static_cast<chat::Rung>(in.Below(7));
  row_.finish = static_cast<chat::FinishReason>(in.Below(7));
  row_.usage_source = static_cast<chat::UsageSource>(in.Below(5));
  row_.started = in.Instant();
  if ((flags & kHasDispatched) != 0) row_.dispatched = in.Since(row_.started);
  if ((flags & kHasFirstToken) != 0) row_.first_token = in.Since(row_.started);
  row_.completed = in.Since(row_.started);
  row_.status = static_cast<std::int32_t>(in.Signed());
  ForEachText(row_, [&](std::string_view& text) { text = in.Text(); });
  row_.provider_usage = in.Text();
  const std::size_t tags = in.Below(kRowTagsMax + 1);
  for (std::size_t i = 0; i < tags; ++i) {
    tags_[i].first = in.Text();
    tags_[i].second = in.Text();
  }
  row_.tags = std::span(tags_).first(tags);
  in.Usage(row_.usage);
  row_.usage.inconsistent = (flags & kInconsistent) != 0;
  in.Price(row_.price, (flags & kHasCost) != 0);
  if ((flags & kHasSaved) != 0) row_.saved = in.Wide();
  const std::size_t attempts = in.Below(kRowAttemptsMax + 1);
  for (std::size_t i = 0; i < attempts; ++i) DecodeAttempt(in, attempts_[i]);
  DecodeLater(in, row_, std::span(attempts_).first(attempts));
  row_.attempts = std::span<const LedgerAttempt>(attempts_).first(attempts);
  if (in.broken()) {
    return base::Fail(base::Code::kInvalid, "a row that ends too early or has a number out of its range");
  }
  return {};
}

}  // namespace store
