#include "gateway/worst_case.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"
#include "engine/token_counter.h"
#include "gateway/dearest_rates.h"
#include "pricing/priced_for_test.h"

namespace gateway {
namespace {

using base::Int128;
using chat::Meter;
using chat::Operation;
using namespace std::chrono_literals;

constexpr std::int64_t kContextMax = 1'000'000;

// Input 2 USD, cache writes 2.5 and 4, output 10 for a million.
pricing::Rates Plain() {
  pricing::Rates rates;
  rates[Meter::kInput] = 2 * base::kPico;
  rates[Meter::kCacheWrite5m] = 5 * base::kPico / 2;
  rates[Meter::kCacheWrite1h] = 4 * base::kPico;
  rates[Meter::kOutput] = 10 * base::kPico;
  return rates;
}

class WorstCaseTest : public testing::Test {
 protected:
  base::Result<WorstCase> Bound(Operation operation, const std::string& body, const pricing::Rates& rates,
                                std::int64_t output = 100) {
    body_ = body;
    request_ = *wire::ParseRequest(operation, body_);
    extent_ = wire::ReadExtent(request_);
    const CallBounds bounds{
        .input = InputBound(request_, extent_, kContextMax), .output = output, .context_max = kContextMax};
    return BoundCall(request_, extent_, rates, base::Currency::kUsd, bounds);
  }
  std::int64_t Input(const std::string& body, Operation operation = Operation::kChat) {
    body_ = body;
    request_ = *wire::ParseRequest(operation, body_);
    return InputBound(request_, wire::ReadExtent(request_), kContextMax);
  }

  std::string body_;
  wire::RequestView request_;
  wire::RequestExtent extent_;
};

TEST_F(WorstCaseTest, APromptIsAtMostATokenForEachByteAndItsForm) {
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":"hello"}]})";
  const auto size = static_cast<std::int64_t>(body.size());
  EXPECT_GE(Input(body), size);
  EXPECT_LE(Input(body), size + 1'000);
}

TEST_F(WorstCaseTest, APictureCountsByItselfAndAFileByTheContext) {
  const std::string data(300'000, 'A');
  const auto with = [&](const std::string& part) {
    return Input(R"({"model":"m","messages":[{"role":"user","content":[)" + part + "]}]}");
  };
  const std::int64_t picture = with(R"({"type":"image_url","image_url":{"url":")" + data + R"("}})");
  EXPECT_GE(picture, kImageTokensMax);
  EXPECT_LT(picture, 2 * kImageTokensMax);
  EXPECT_EQ(with(R"({"type":"file","file":{"file_id":"f"}})"), kContextMax);
}

TEST_F(WorstCaseTest, EveryMeterCountsAtItsDearest) {
  const auto chat = Bound(Operation::kChat, R"({"model":"m","messages":[]})", Plain());
  ASSERT_TRUE(chat);
  const std::int64_t input = InputBound(request_, extent_, kContextMax);
  EXPECT_EQ(chat->Pico(), Int128{input} * 2'500'000 + Int128{100} * 10'000'000);
  const auto kept_long =
      Bound(Operation::kMessages, R"({"model":"m","max_tokens":9,"cache_control":{"ttl":"1h"}})", Plain());
  ASSERT_TRUE(kept_long);
  const std::int64_t long_input = InputBound(request_, extent_, kContextMax);
  EXPECT_EQ(kept_long->Pico(), Int128{long_input} * 4'000'000 + Int128{100} * 10'000'000);
}

TEST_F(WorstCaseTest, EachAnswerThatIsAskedForCounts) {
  const auto one = Bound(Operation::kChat, R"({"model":"m","n":1})", Plain());
  const auto five = Bound(Operation::kChat, R"({"model":"m","n":5})", Plain());
  ASSERT_TRUE(one && five);
  EXPECT_EQ(five->Pico() - one->Pico(), Int128{400} * 10'000'000);
}

TEST_F(WorstCaseTest, ToolsOfTheProviderHaveTheModelReadItsContextAgain) {
  pricing::Rates rates = Plain();
  rates[Meter::kSearch] = 10'000 * base::kPico;
  const auto searches = Bound(
      Operation::kMessages, R"({"model":"m","tools":[{"type":"web_search_20250305","max_uses":2}]})", rates);
  ASSERT_TRUE(searches) << searches.error().detail;
  EXPECT_EQ(searches->Pico(),
            Int128{3 * kContextMax} * 2'500'000 + Int128{300} * 10'000'000 + Int128{2} * 10'000'000'000);
  const auto unlimited =
      Bound(Operation::kMessages, R"({"model":"m","tools":[{"type":"web_search_20250305"}]})", rates);
  ASSERT_FALSE(unlimited);
  EXPECT_NE(unlimited.error().detail.find("max_uses"), std::string::npos);
}

TEST_F(WorstCaseTest, WhatHasNoPriceHasNoBound) {
  pricing::Rates rates = Plain();
  rates[Meter::kOutput].reset();
  EXPECT_FALSE(Bound(Operation::kChat, R"({"model":"m"})", rates));
  EXPECT_TRUE(Bound(Operation::kEmbedding, R"({"model":"m","input":"a"})", rates));
  EXPECT_FALSE(Bound(Operation::kEmbedding, R"({"model":"m","input":"a"})", {}));
  EXPECT_EQ(Bound(Operation::kCountTokens, R"({"model":"m"})", {})->Pico(), 0);
}

TEST_F(WorstCaseTest, TheOutputLimitThatFitsIsTheLargest) {
  auto worst = Bound(Operation::kChat, R"({"model":"m","n":2})", Plain(), 1'000);
  ASSERT_TRUE(worst);
  for (const std::int64_t limit : {1, 2, 499, 999, 1'000}) {
    EXPECT_EQ(worst->OutputWithin(worst->Pico(limit)), limit);
    EXPECT_EQ(worst->OutputWithin(worst->Pico(limit) - 1),
              limit > 1 ? std::optional(limit - 1) : std::nullopt);
  }
  EXPECT_EQ(worst->OutputWithin(2 * worst->Pico()), 1'000);
  EXPECT_EQ(worst->OutputWithin(0), std::nullopt);
}

TEST_F(WorstCaseTest, AbsurdNumbersAreNotAffordableAndOverflowNothing) {
  const auto worst = Bound(Operation::kChat, R"({"model":"m","n":9223372036854775807})", Plain(), INT64_MAX);
  ASSERT_TRUE(worst);
  EXPECT_GT(worst->Pico(), Int128{1'000'000'000} * base::kPico);
}

// Whatever a provider does within what it was asked for, at whatever instant of the call its price is looked
// up: it costs no more than was reserved for it.
TEST_F(WorstCaseTest, NoAnswerWithinItsBoundsCostsMoreThanTheBound) {
  const auto book = pricing::ShippedBook();
  const base::WallTime begin = pricing::At("2026-08-01T00:00:00Z");
  base::Random random(20'261'130);
  const auto below = [&random](std::int64_t most) {
    return static_cast<std::int64_t>(random.Below(static_cast<std::uint64_t>(most)));
  };
  DearestRates dearest;
  std::size_t priced = 0;
  std::size_t near = 0;
  for (int round = 0; round < 3; ++round) {
    for (const pricing::Book::Listed& listed : book->List()) {
      if (listed.currency != book->CurrencyOf(listed.provider)) continue;
      const bool messages = listed.provider == "anthropic";
      const auto n = messages ? 1 : 1 + below(3);
      const std::string text(static_cast<std::size_t>(below(2) == 0 ? below(400) : below(400'000)), 'x');
      const bool kept_long = messages && below(2) == 0;
      body_ = R"({"model":"m","max_tokens":10,"messages":[{"role":"user","content":")" + text +
              R"("}],"n":)" + std::to_string(n) + (kept_long ? R"(,"cache_control":{"ttl":"1h"})" : "") + "}";
      request_ = *wire::ParseRequest(messages ? Operation::kMessages : Operation::kChat, body_);
      extent_ = wire::ReadExtent(request_);
      const std::int64_t limit = 1 + below(20'000);
      const std::int64_t input = InputBound(request_, extent_, kContextMax);
      const base::WallTime from = begin + std::chrono::minutes(below(120 * 24 * 60));
      const std::chrono::seconds lasts(below(7'200));
      const pricing::Rates* rates = dearest.Find(book, {.provider = listed.provider,
                                                        .model = listed.model,
                                                        .dialect = chat::DialectOf(request_.operation),
                                                        .from = from,
                                                        .until = from + lasts,
                                                        .input = input});
      if (rates == nullptr) continue;
      const auto worst =
          BoundCall(request_, extent_, *rates, listed.currency, {.input = input, .output = limit});
      if (!worst) continue;
      for (int answer = 0; answer < 20; ++answer) {
        chat::Usage usage;
        std::int64_t left = below(3) == 0 ? input : below(input + 1);
        for (std::int64_t* bucket : {&usage.cached_input, &usage.cache_write_5m}) {
          *bucket = below(left + 1);
          left -= *bucket;
        }
        (kept_long && below(2) == 0 ? usage.cache_write_1h : usage.input) = left;
        usage.output = below(3) == 0 ? limit * request_.n : below(limit * request_.n + 1);
        usage.reasoning = below(usage.output + 1);
        usage.output -= usage.reasoning;
        usage[Meter::kRequest] = 1;
        const base::WallTime dispatched = from + std::chrono::seconds(below(lasts.count() + 1));
        const base::WallTime completed =
            dispatched + std::chrono::seconds(below((from + lasts - dispatched) / 1s + 1));
        const auto* prices =
            book->Find(listed.provider, listed.model, listed.currency, chat::DialectOf(request_.operation));
        const pricing::Cost cost =
            book->Price(prices, listed.currency, usage, {.dispatched = dispatched, .completed = completed});
        if (!cost.pico) continue;
        ++priced;
        EXPECT_LE(*cost.pico, worst->Pico()) << listed.provider << "/" << listed.model << " " << body_.size();
        if (*cost.pico * 10 >= worst->Pico() * 9) ++near;
      }
    }
  }
  EXPECT_GT(priced, 2'000U);
  EXPECT_GT(near, 20U);  // the bound is not so high that it proves nothing
}

TEST(DearestRatesTest, ATierThatIsAskedForMayBeAnsweredAsTheOrdinaryOne) {
  const auto book = pricing::ShippedBook();
  DearestRates dearest;
  const auto output = [&](std::string_view tier) {
    const pricing::Rates* rates = dearest.Find(book, {.provider = "openai",
                                                      .model = "gpt-5.6-sol",
                                                      .service_tier = tier,
                                                      .from = pricing::At("2026-11-30T00:00:00Z"),
                                                      .until = pricing::At("2026-11-30T00:15:00Z"),
                                                      .input = 100});
    return rates == nullptr ? "unknown" : pricing::PrintRate(*rates, Meter::kOutput);
  };
  EXPECT_EQ(output(""), "20");
  EXPECT_EQ(output("auto"), "20");
  EXPECT_EQ(output("flex"), "20");
  EXPECT_EQ(output("priority"), "40");
  EXPECT_EQ(output("of tomorrow"), "unknown");
}

TEST(DearestRatesTest, APeakThatBeginsBeforeTheCallIsOverCounts) {
  const auto book = pricing::ShippedBook();
  DearestRates dearest;
  const auto output = [&](std::string_view from, std::chrono::seconds lasts) {
    const pricing::Rates* rates = dearest.Find(book, {.provider = "deepseek",
                                                      .model = "deepseek-flash",
                                                      .from = pricing::At(from),
                                                      .until = pricing::At(from) + lasts,
                                                      .input = 100});
    return rates == nullptr ? "unknown" : pricing::PrintRate(*rates, Meter::kOutput);
  };
  EXPECT_EQ(output("2026-11-30T00:30:00Z", 15min), "0.6");
  EXPECT_EQ(output("2026-11-30T00:50:00Z", 15min), "1.2");
  EXPECT_EQ(output("2026-11-30T00:50:30Z", 5min), "0.6");  // a deadline
  EXPECT_EQ(output("2026-11-30T03:50:00Z", 15min), "1.2");
  EXPECT_EQ(output("2026-11-30T04:30:00Z", 15min), "0.6");
}

}  // namespace
}  // namespace gateway
