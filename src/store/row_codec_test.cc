#include "store/row_codec.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/encoding.h"
#include "store/row_for_test.h"

namespace store {
namespace {

std::string Encode(const LedgerRow& row) {
  std::vector<char> bytes(kRowBytesMax);
  return {bytes.data(), EncodeRow(row, std::span<char, kRowBytesMax>(bytes.data(), kRowBytesMax))};
}

TEST(RowCodecTest, ARowOfAnythingComesBackAsItWas) {
  RowMaker rows(7);
  DecodedRow decoded;
  for (int i = 0; i < 3'000; ++i) {
    const LedgerRow& row = rows.Any();
    const std::string bytes = Encode(row);
    ASSERT_TRUE(decoded.Decode(bytes)) << i;
    ASSERT_TRUE(SameRow(decoded.row(), row)) << "seed 7, row " << i;
  }
}

TEST(RowCodecTest, TheNumbersFarthestFromZeroComeBack) {
  const base::Int128 least = base::Int128{1} << 127;
  const std::int64_t low = std::numeric_limits<std::int64_t>::min();
  const std::int64_t high = std::numeric_limits<std::int64_t>::max();
  LedgerRow row;
  row.started = base::WallTime(std::chrono::nanoseconds(high));
  row.completed = base::WallTime(std::chrono::nanoseconds(low));
  row.status = std::numeric_limits<std::int32_t>::min();
  row.usage.input = low;
  row.usage.units[6] = high;
  row.price.cost = least;
  row.saved = ~least;
  const std::string bytes = Encode(row);
  DecodedRow decoded;
  ASSERT_TRUE(decoded.Decode(bytes));
  EXPECT_TRUE(SameRow(decoded.row(), row));
}

// A row without what is held for its unknown prices, cut off where that would stand.
std::string WithoutHeld(const LedgerRow& row) {
  std::vector<LedgerAttempt> attempts(row.attempts.begin(), row.attempts.end());
  LedgerRow plain = row;
  std::size_t later = 0;
  const auto drop = [&later](LedgerPrice& price) {
    price.held = {};
    later += price.unknown() ? 1 : 0;
  };
  drop(plain.price);
  for (LedgerAttempt& attempt : attempts) {
    if (attempt.usage) drop(attempt.price);
  }
  plain.attempts = attempts;
  std::string bytes = Encode(plain);
  bytes.resize(bytes.size() - later);
  return bytes;
}

// What is left of a row with what an early Sluice did not write cut off.
std::string Early(const LedgerRow& row) {
  std::vector<LedgerAttempt> attempts(row.attempts.begin(), row.attempts.end());
  std::size_t later = 1;
  for (LedgerAttempt& attempt : attempts) {
    attempt.call.reset();
    later += attempt.usage ? 1 : 0;
  }
  LedgerRow plain = row;
  plain.attempts = attempts;
  plain.said_as.reset();
  std::string bytes = WithoutHeld(plain);
  bytes.resize(bytes.size() - later);
  return bytes;
}

// The same price as such a row tells it.
LedgerPrice NotHeld(LedgerPrice price) {
  price.held = {};
  return price;
}

TEST(RowCodecTest, WhatIsHeldForUnknownPricesComesBack) {
  LedgerPrice unknown{.version = kUnknownPrice, .phase = {}, .currency = {}, .cost = {}};
  std::vector<LedgerAttempt> attempts(3);
  for (LedgerAttempt& attempt : attempts) attempt.price = unknown;
  attempts[1].usage.emplace();
  attempts[1].price.held = {.pico = 7, .currency = base::Currency::kUsd};
  attempts[2].usage.emplace();
  LedgerRow row;
  row.attempts = attempts;
  row.price = unknown;
  row.price.held = {.pico = ~(base::Int128{1} << 127), .currency = base::Currency::kCny};
  const std::string bytes = Encode(row);
  DecodedRow decoded;
  ASSERT_TRUE(decoded.Decode(bytes));
  EXPECT_TRUE(SameRow(decoded.row(), row));
  row.price.version = "v";  // a known price holds nothing
  const std::string known = Encode(row);
  ASSERT_TRUE(decoded.Decode(known));
  EXPECT_TRUE(decoded.row().price.held == base::Money());
  EXPECT_EQ(decoded.row().attempts[1].price, attempts[1].price);
}

TEST(RowCodecTest, ARowThatWasWrittenBeforeAnythingWasHeldHoldsNothing) {
  RowMaker rows(8);
  DecodedRow decoded;
  for (int i = 0; i < 40; ++i) {
    const LedgerRow& row = rows.Any();
    const std::string bytes = WithoutHeld(row);
    ASSERT_TRUE(decoded.Decode(bytes)) << i;
    EXPECT_EQ(decoded.row().said_as, row.said_as);
    EXPECT_EQ(decoded.row().price, NotHeld(row.price));
    ASSERT_EQ(decoded.row().attempts.size(), row.attempts.size());
    for (std::size_t k = 0; k < row.attempts.size(); ++k) {
      EXPECT_EQ(decoded.row().attempts[k].call, row.attempts[k].call);
      EXPECT_EQ(decoded.row().attempts[k].price, NotHeld(row.attempts[k].price));
    }
  }
}

TEST(RowCodecTest, ARowOfAnEarlySluiceIsReadWithoutWhatItDoesNotTell) {
  RowMaker rows(8);
  DecodedRow decoded;
  for (int i = 0; i < 40; ++i) {
    const LedgerRow& row = rows.Any();
    const std::string bytes = Early(row);
    ASSERT_TRUE(decoded.Decode(bytes)) << i;
    EXPECT_FALSE(decoded.row().said_as);
    EXPECT_EQ(decoded.row().saved, row.saved);
    ASSERT_EQ(decoded.row().attempts.size(), row.attempts.size());
    for (std::size_t k = 0; k < row.attempts.size(); ++k) {
      EXPECT_FALSE(decoded.row().attempts[k].call);
      EXPECT_EQ(decoded.row().attempts[k].price, NotHeld(row.attempts[k].price));
    }
  }
}

TEST(RowCodecTest, EveryBeginningOfARowIsRefused) {
  RowMaker rows(8);
  DecodedRow decoded;
  for (int i = 0; i < 40; ++i) {
    const LedgerRow& row = rows.Any();
    const std::string bytes = Encode(row);
    const std::size_t early = Early(row).size();
    const std::size_t without_held = WithoutHeld(row).size();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      if (size == early || size == without_held) continue;
      const std::string part = bytes.substr(0, size);  // so that a sanitizer sees what is read behind it
      ASSERT_FALSE(decoded.Decode(part)) << i << " " << size;
    }
  }
}

TEST(RowCodecTest, WhatALaterSluiceAddsAtTheEndIsPassedOver) {
  RowMaker rows(9);
  const LedgerRow& row = rows.Any();
  DecodedRow decoded;
  const std::string longer = Encode(row) + "something new";
  ASSERT_TRUE(decoded.Decode(longer));
  EXPECT_TRUE(SameRow(decoded.row(), row));
}

TEST(RowCodecTest, AnotherVersionIsRefusedWithItsNumber) {
  std::string bytes = Encode(RowMaker(1).Any());
  bytes[0] = 2;
  DecodedRow decoded;
  const auto read = decoded.Decode(bytes);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, base::Code::kInvalid);
  EXPECT_NE(read.error().detail.find("version 2"), std::string::npos);
}

TEST(RowCodecTest, ARungThatDoesNotExistIsRefused) {
  std::string bytes = Encode(LedgerRow{});
  DecodedRow decoded;
  ASSERT_TRUE(decoded.Decode(bytes));
  bytes[3] = 7;
  EXPECT_FALSE(decoded.Decode(bytes));
}

TEST(RowCodecTest, TheLongestRowFitsAndItsTextsAreCut) {
  const std::string text(kRowTextBytesMax + 1, 'x');
  const std::string usage(kRowProviderUsageBytesMax + 1, 'u');
  chat::Usage most;
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    most[static_cast<chat::Meter>(i)] = std::numeric_limits<std::int64_t>::min();
  }
  const LedgerPrice price{
      .version = text, .phase = text, .currency = base::Currency::kUsd, .cost = base::Int128{1} << 127};
  const std::vector<LedgerAttempt> attempts(
      kRowAttemptsMax,
      {.model = text,
       .status = std::numeric_limits<int>::min(),
       .error = text,
       .ms = std::numeric_limits<std::uint32_t>::max(),
       .usage = most,
       .price = price,
       .call = LedgerCall{.said_as = {}, .dispatched = {}, .completed = {}, .service_tier = text}});
  const std::vector<std::pair<std::string_view, std::string_view>> tags(kRowTagsMax, {text, text});
  LedgerRow row;
  for (std::string_view* const at :
       {&row.request_id, &row.key_id, &row.org, &row.team, &row.project, &row.user, &row.session,
        &row.asked_model, &row.provider, &row.model, &row.response_model, &row.reason, &row.dropped,
        &row.error, &row.service_tier}) {
    *at = text;
  }
  row.tags = tags;
  row.attempts = attempts;
  row.provider_usage = usage;
  row.usage = most;
  row.price = price;
  row.saved = base::Int128{1} << 127;
  const std::string bytes = Encode(row);
  EXPECT_LE(bytes.size(), kRowBytesMax);
  DecodedRow decoded;
  ASSERT_TRUE(decoded.Decode(bytes));
  EXPECT_EQ(decoded.row().team, text.substr(0, kRowTextBytesMax));
  EXPECT_EQ(decoded.row().provider_usage, usage.substr(0, kRowProviderUsageBytesMax));
  EXPECT_EQ(decoded.row().attempts.size(), kRowAttemptsMax);
  EXPECT_EQ(decoded.row().attempts[19].price.cost, price.cost);
}

TEST(RowCodecTest, ATextIsCutBetweenTwoCharacters) {
  std::string user(kRowTextBytesMax - 1, 'x');
  user += "\u00e9";  // its first byte would fit
  LedgerRow row;
  row.user = user;
  const std::string bytes = Encode(row);
  DecodedRow decoded;
  ASSERT_TRUE(decoded.Decode(bytes));
  EXPECT_EQ(decoded.row().user, user.substr(0, kRowTextBytesMax - 1));
  const std::string no_text(kRowTextBytesMax + 9, '\x80');
  row.user = no_text;
  const std::string other = Encode(row);
  ASSERT_TRUE(decoded.Decode(other));
  EXPECT_EQ(decoded.row().user.size(), kRowTextBytesMax);
}

}  // namespace
}  // namespace store
