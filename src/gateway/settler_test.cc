#include "gateway/settler.h"

#include <gtest/gtest.h>

#include <coroutine>
#include <string>
#include <vector>

#include "net/loop.h"
#include "net/task.h"
#include "pricing/book.h"
#include "pricing/shipped.h"
#include "store/directory_for_test.h"
#include "store/disk.h"
#include "store/ledger.h"
#include "store/row_json.h"

namespace gateway {
namespace {

using chat::UsageSource;

// p/small costs 1 and 2 USD for a million tokens read and written, p/large ten times that; y/small is priced
// in yuan, and of q nothing is known.
std::shared_ptr<const pricing::Book> Prices() {
  config::Settings settings;
  for (const char* name : {"p", "q", "y"}) settings.providers[name] = {};
  settings.providers["y"].currency = base::Currency::kCny;
  const auto price = [&settings](const std::string& model, int input, base::Currency currency) {
    config::PriceSettings& written = settings.prices[model];
    written.currency = currency;
    written.amounts[static_cast<std::size_t>(chat::Meter::kInput)] = input * base::Int128{base::kPico};
    written.amounts[static_cast<std::size_t>(chat::Meter::kOutput)] = 2 * input * base::Int128{base::kPico};
  };
  price("p/small", 1, base::Currency::kUsd);
  price("p/large", 10, base::Currency::kUsd);
  price("y/small", 7, base::Currency::kCny);
  auto book = pricing::Book::Make({}, settings);
  EXPECT_TRUE(book) << book.error().detail;
  return std::move(*book);
}

class SettlerTest : public testing::Test {
 protected:
  SettlerTest() {
    record_.id = "req_1";
    record_.started = clock_.WallNow();
    record_.operation = record_.said_as = chat::Operation::kChat;
    record_.provider = "p";
    record_.model = "small";
    record_.status = 200;
    record_.dispatched = record_.started;
    record_.attempts.push_back(
        {.provider = "p", .model = "small", .status = 200, .said_as = chat::Operation::kChat});
    by_.book = book_.get();
  }

  void Settle() { SettleWith(nullptr); }
  void SettleWith(store::Journal* journal) {
    net::Loop loop(clock_);
    Settler settler({.loop = loop, .clock = clock_, .journal = journal, .counter = counter_});
    loop.Post([&] {
      net::Spawn(Settled(settler));
      loop.Stop();
    });
    loop.Run();
  }
  net::Task<void> Settled(Settler& settler) {
    struct Settling {
      SettlerTest& test;
      Settler& settler;
      static bool await_ready() { return false; }
      void await_suspend(std::coroutine_handle<> waiter) const {
        settler.Settle(test.record_, test.by_, test.text_, nullptr, waiter);
      }
      static void await_resume() {}
    };
    Settling settling{*this, settler};
    co_await settling;
  }
  void Ask(const std::string& body, chat::Operation operation = chat::Operation::kChat) {
    body_ = body;
    request_ = *wire::ParseRequest(operation, body_);
    by_.request = &*request_;
  }
  void Deliver(std::string_view text) { text_.OnText(wire::TextKind::kContent, text); }
  static std::string Print(const std::optional<base::Int128>& pico) {
    return pico ? base::PrintPico(*pico) : "unknown";
  }

  base::FakeClock clock_;
  engine::TokenCounter counter_;
  const std::shared_ptr<const pricing::Book> book_ = Prices();
  RequestRecord record_;
  DeliveredText text_;
  SettledBy by_;
  std::string body_;
  std::optional<wire::RequestView> request_;
};

TEST_F(SettlerTest, AnAnswerCostsWhatItsPriceSays) {
  record_.usage = chat::Usage{.input = 1'000, .output = 100};
  Settle();
  EXPECT_EQ(Print(record_.cost), "0.0012");
  EXPECT_EQ(Print(record_.saved), "0");
  EXPECT_EQ(record_.price.currency, base::Currency::kUsd);
  EXPECT_EQ(record_.usage_source, UsageSource::kProvider);
  EXPECT_FALSE(record_.price.version.empty());
}

TEST_F(SettlerTest, WhatTheStrongestRungWouldHaveChargedMoreIsSaved) {
  const config::ModelRef strongest{"p", "large"};
  by_.strongest = &strongest;
  record_.usage = chat::Usage{.input = 1'000, .output = 100};
  Settle();
  EXPECT_EQ(Print(record_.cost), "0.0012");
  EXPECT_EQ(Print(record_.saved), "0.0108");
}

TEST_F(SettlerTest, NothingIsSaidToBeSavedAcrossCurrencies) {
  const config::ModelRef strongest{"y", "small"};
  by_.strongest = &strongest;
  record_.usage = chat::Usage{.input = 1'000};
  Settle();
  EXPECT_EQ(Print(record_.cost), "0.001");
  EXPECT_EQ(Print(record_.saved), "unknown");
}

TEST_F(SettlerTest, AnUnknownPriceIsNotZero) {
  record_.provider = "q";
  record_.usage = chat::Usage{.input = 1'000};
  Settle();
  EXPECT_EQ(Print(record_.cost), "unknown");
  EXPECT_EQ(record_.price.version, "unknown");
  EXPECT_TRUE(record_.price.currency.none());
}

TEST_F(SettlerTest, AFailedAttemptThatUsedTokensHasItsPrice) {
  record_.attempts.insert(
      record_.attempts.begin(),
      {.provider = "p", .model = "large", .status = 200, .error = "x", .usage = chat::Usage{.input = 1'000}});
  record_.usage = chat::Usage{.input = 1'000};
  Settle();
  EXPECT_EQ(Print(record_.attempts[0].price.cost), "0.01");
  EXPECT_EQ(Print(record_.price.cost), "0.001");
  EXPECT_EQ(Print(record_.cost), "0.011");
  EXPECT_EQ(Print(record_.saved), "-0.01");
}

TEST_F(SettlerTest, AnAnswerThatWasLostOnTheWayMakesTheCostUnknown) {
  record_.attempts.insert(record_.attempts.begin(), {.provider = "p",
                                                     .model = "large",
                                                     .status = 200,
                                                     .error = "not_json",
                                                     .usage = chat::Usage(),
                                                     .untold = true});
  record_.usage = chat::Usage{.input = 1'000};
  Settle();
  EXPECT_EQ(record_.attempts[0].price.version, pricing::kUnknownVersion);
  EXPECT_EQ(Print(record_.price.cost), "0.001");
  EXPECT_EQ(Print(record_.cost), "unknown");
}

TEST_F(SettlerTest, AWholeAnswerThatNobodyWaitedForHasAnUnknownPrice) {
  Ask(R"({"model":"small","messages":[{"role":"user","content":"What is a tide?"}]})");
  record_.status = 499;
  Settle();
  EXPECT_FALSE(record_.usage);
  EXPECT_EQ(record_.price.version, pricing::kUnknownVersion);
  EXPECT_EQ(Print(record_.cost), "unknown");
}

TEST_F(SettlerTest, WhatTheLastAttemptSaidOfItselfIsNotCountedOnceMore) {
  Ask(R"({"model":"small","messages":[{"role":"user","content":"What is a tide?"}]})");
  record_.attempts.back().error = "insufficient_system_resource";
  record_.attempts.back().usage = chat::Usage{.input = 1'000};
  record_.status = 502;
  Settle();
  EXPECT_FALSE(record_.usage);
  EXPECT_EQ(record_.usage_source, UsageSource::kNone);
  EXPECT_EQ(Print(record_.cost), "0.001");
}

TEST_F(SettlerTest, ARefusedRequestCostsNothing) {
  Ask(R"({"model":"m","messages":[{"role":"user","content":"hello"}]})");
  record_.status = 400;
  record_.attempts.back().status = 400;
  Settle();
  EXPECT_EQ(Print(record_.cost), "0");
  EXPECT_EQ(record_.usage_source, UsageSource::kNone);
  EXPECT_EQ(record_.price.version, "");
}

TEST_F(SettlerTest, AStreamThatBreaksOffIsCounted) {
  Ask(R"({"model":"m","stream":true,"messages":[{"role":"user","content":"what is the weather like"}]})");
  record_.stream = record_.aborted = true;
  Deliver("It is raining in Berlin, ");
  Deliver("and it will be tom\\u006frrow.");
  Settle();
  EXPECT_NE(record_.usage_source, UsageSource::kProvider);
  ASSERT_TRUE(record_.usage);
  EXPECT_GT(record_.usage->input, 4);
  EXPECT_GT(record_.usage->output, 8);
  EXPECT_LT(record_.usage->output, 20);
  EXPECT_NE(Print(record_.cost), "0");
}

TEST_F(SettlerTest, AnAnswerThatNeverToldItsTierHasTheOneThatWasAskedForWhereThereIsOne) {
  config::Settings settings;
  settings.providers["openai"] = settings.providers["deepseek"] = {};
  pricing::BookSources sources;
  sources.shipped = *pricing::ShippedCatalogue();
  const auto book = *pricing::Book::Make(std::move(sources), settings);
  const auto price_of = [&](std::string_view provider, std::string_view model, const std::string& tier) {
    Ask(R"({"model":"m","stream":true,"messages":[{"role":"user","content":"hello"}]})");
    request_->service_tier = tier;
    by_.book = book.get();
    record_.provider = provider;
    record_.model = model;
    record_.stream = record_.aborted = true;
    record_.usage.reset();
    record_.service_tier.clear();
    Settle();
    return record_.price.of == nullptr ? std::string("unknown") : record_.price.of->service_tier;
  };
  EXPECT_EQ(price_of("openai", "gpt-5", "flex"), "flex");
  EXPECT_EQ(record_.service_tier, "flex");
  EXPECT_EQ(price_of("openai", "gpt-5", "auto"), "");
  EXPECT_EQ(price_of("deepseek", "deepseek-flash", "flex"), "");
  EXPECT_EQ(record_.service_tier, "");
}

TEST_F(SettlerTest, ALongAnswerThatIsAllEscapesIsCountedWhole) {
  Ask(R"({"model":"m","stream":true,"messages":[]})");
  record_.stream = record_.aborted = true;
  for (std::size_t bytes = 0; bytes < 4 * DeliveredText::kBytesMax; bytes += 60) {
    std::string piece;
    for (int i = 0; i < 10; ++i) piece += "\\u4f60";
    Deliver(piece);
  }
  Settle();
  EXPECT_EQ(record_.usage_source, UsageSource::kEstimated);
  EXPECT_GT(record_.usage->output, static_cast<std::int64_t>(4 * DeliveredText::kBytesMax / 6 / 4));
}

TEST_F(SettlerTest, NumbersThatAreNoneAreFlaggedWhereTheyAreReplaced) {
  Ask(R"({"model":"m","messages":[{"role":"user","content":"hello"}]})");
  record_.provider_usage = R"({"prompt_tokens":"10"})";
  Settle();
  EXPECT_EQ(record_.usage_source, UsageSource::kEstimated);
  EXPECT_TRUE(record_.usage->inconsistent);
}

TEST_F(SettlerTest, AClientThatLeavesWhileNobodyWorksForItOwesNothing) {
  Ask(R"({"model":"m","messages":[{"role":"user","content":"hello"}]})");
  record_.aborted = true;
  record_.attempts.back() = {.provider = "p",
                             .model = "small",
                             .status = 429,
                             .error = "429",
                             .sent = true,
                             .said_as = chat::Operation::kChat};
  Settle();
  EXPECT_EQ(Print(record_.cost), "0");
  EXPECT_FALSE(record_.usage);
}

TEST_F(SettlerTest, WhatNeverLeftForTheProviderCostsNothing) {
  Ask(R"({"model":"m","messages":[{"role":"user","content":"hello"}]})");
  record_.aborted = true;
  record_.attempts.back() = {
      .provider = "p", .model = "small", .error = "cancelled", .said_as = chat::Operation::kChat};
  Settle();
  EXPECT_EQ(Print(record_.cost), "0");
  EXPECT_EQ(record_.usage_source, UsageSource::kNone);
}

TEST_F(SettlerTest, AStreamThatIsGivenUpOnBeforeItBeganHasItsPromptCounted) {
  Ask(R"({"model":"m","stream":true,"messages":[{"role":"user","content":"hello"}]})");
  record_.stream = record_.aborted = true;
  record_.status = 499;
  record_.attempts.back() = {.provider = "p",
                             .model = "small",
                             .error = "cancelled",
                             .sent = true,
                             .stream = true,
                             .said_as = chat::Operation::kChat};
  Settle();
  ASSERT_TRUE(record_.usage);
  EXPECT_GT(record_.usage->input, 0);
  EXPECT_GT(record_.cost.value_or(0), 0);
}

TEST_F(SettlerTest, AWholeAnswerThatIsGivenUpOnHasAnUnknownPrice) {
  Ask(R"({"model":"m","messages":[{"role":"user","content":"hello"}]})");
  record_.aborted = true;
  record_.status = 499;
  record_.attempts.back() = {.provider = "p",
                             .model = "small",
                             .error = "cancelled",
                             .sent = true,
                             .said_as = chat::Operation::kChat};
  Settle();
  EXPECT_FALSE(record_.usage);
  EXPECT_TRUE(record_.untold);
  EXPECT_EQ(record_.usage_source, UsageSource::kNone);
  EXPECT_EQ(record_.price.version, pricing::kUnknownVersion);
  EXPECT_EQ(Print(record_.cost), "unknown");
}

TEST_F(SettlerTest, WhoWasPassedOverByAllOwesNothing) {
  Ask(R"({"model":"m","messages":[{"role":"user","content":"hello"}]})");
  record_.attempts.back() = {.provider = "p", .model = "small", .error = "too_dear"};
  Settle();
  EXPECT_FALSE(record_.usage);
  EXPECT_EQ(Print(record_.cost), "0");
}

TEST_F(SettlerTest, ACallHasItsPriceWhereThereIsOneForCalls) {
  config::Settings settings;
  settings.providers["p"] = {};
  config::PriceSettings& written = settings.prices["p/small"];
  written.per = 1'000;
  written.amounts[static_cast<std::size_t>(chat::Meter::kInput)] = 0;
  written.amounts[static_cast<std::size_t>(chat::Meter::kOutput)] = 0;
  written.amounts[static_cast<std::size_t>(chat::Meter::kRequest)] = 5 * base::Int128{base::kPico};
  const auto book = pricing::Book::Make({}, settings);
  ASSERT_TRUE(book) << book.error().detail;
  by_.book = book->get();
  record_.usage = chat::Usage{.input = 1'000};
  Settle();
  EXPECT_EQ(Print(record_.cost), "0.005");
  EXPECT_EQ((*record_.usage)[chat::Meter::kRequest], 1);
}

TEST_F(SettlerTest, AnExplicitZeroOfTheProviderStaysZero) {
  Ask(R"({"model":"m","messages":[{"role":"user","content":"hello"}]})");
  record_.aborted = true;
  record_.finish = chat::FinishReason::kStop;
  record_.usage = chat::Usage{};
  Deliver("some text");
  Settle();
  EXPECT_EQ(*record_.usage, chat::Usage{});
  EXPECT_EQ(record_.usage_source, UsageSource::kProvider);
  EXPECT_EQ(Print(record_.cost), "0");
}

TEST_F(SettlerTest, MessagesThatBreakOffKeepTheirInputAndHaveTheirOutputCounted) {
  Ask(R"({"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hello"}]})",
      chat::Operation::kMessages);
  record_.operation = record_.said_as = chat::Operation::kMessages;
  record_.stream = record_.aborted = true;
  record_.usage = chat::Usage{.input = 1'234, .output = 1};
  Deliver("Good morning, how can I help you with the weather today?");
  Settle();
  EXPECT_EQ(record_.usage->input, 1'234);
  EXPECT_GT(record_.usage->output, 5);
  EXPECT_NE(record_.usage_source, UsageSource::kProvider);
}

TEST_F(SettlerTest, WhatWasHeardOutAfterAHangUpIsTheProvidersWord) {
  record_.aborted = true;
  record_.usage_source = UsageSource::kDrained;
  record_.usage = chat::Usage{.input = 5};
  Settle();
  EXPECT_EQ(record_.usage_source, UsageSource::kDrained);
  EXPECT_EQ(Print(record_.cost), "0.000005");
}

TEST_F(SettlerTest, TheRowSaysWhatTheRecordSays) {
  const store::TemporaryDirectory directory;
  store::SystemDisk disk;
  auto journal = store::Journal::Open(directory.path(), clock_, disk, {});
  ASSERT_TRUE(journal) << journal.error().detail;
  Attribution said;
  net::Fields fields;
  fields.Add({"x-sluice-user", "u1"});
  fields.Add({"x-sluice-tags", "app=shop"});
  ASSERT_TRUE(said.ReadFields(fields));
  by_.attribution = &said;
  record_.team = "red";
  record_.asked_model = "assistant";
  record_.reason = "as the test says";
  record_.finish = chat::FinishReason::kStop;
  record_.usage = chat::Usage{.input = 1'000, .output = 100};
  record_.provider_usage = R"({"prompt_tokens":1000})";
  SettleWith(journal->get());

  auto ledger = store::Ledger::Open(directory.path());
  ASSERT_TRUE(ledger) << ledger.error().detail;
  std::string json;
  const auto found =
      (*ledger)->Find("req_1", [&json](const store::LedgerRow& row) { json = store::RowJson(row); });
  ASSERT_TRUE(found && *found);
  for (const char* part :
       {R"("request_id":"req_1")", R"("team":"red")", R"("user":"u1")", R"("app":"shop")",
        R"("provider":"p")", R"("asked_model":"assistant")", R"("cost":"0.0012 USD")", R"("saved":"0 USD")",
        R"("prompt_tokens":1000)", R"("usage_source":"provider")", R"("model":"p/small")"}) {
    EXPECT_NE(json.find(part), std::string::npos) << part << " in " << json;
  }
}

TEST_F(SettlerTest, ARowHoldsWhatWasReservedForACallOfUnknownPriceAndNothingForOthers) {
  const store::TemporaryDirectory directory;
  store::SystemDisk disk;
  auto journal = store::Journal::Open(directory.path(), clock_, disk, {});
  ASSERT_TRUE(journal) << journal.error().detail;
  const base::Money reserved{.pico = 7 * base::Int128{base::kPico}, .currency = base::Currency::kUsd};
  record_.attempts.insert(record_.attempts.begin(), {.provider = "p",
                                                     .model = "large",
                                                     .error = "timeout",
                                                     .usage = chat::Usage(),
                                                     .untold = true,
                                                     .reserved = reserved});
  record_.reserved = {.pico = 9, .currency = base::Currency::kUsd};
  record_.usage = chat::Usage{.input = 1'000};
  SettleWith(journal->get());
  record_.id = "req_2";
  record_.usage.reset();
  record_.status = 499;
  SettleWith(journal->get());

  auto ledger = store::Ledger::Open(directory.path());
  ASSERT_TRUE(ledger) << ledger.error().detail;
  for (const auto& [id, held] : {std::pair("req_1", base::Money()), std::pair("req_2", record_.reserved)}) {
    const auto found = (*ledger)->Find(id, [&](const store::LedgerRow& row) {
      EXPECT_TRUE(row.price.held == held) << id;
      EXPECT_TRUE(row.attempts[0].price.held == reserved) << id;
    });
    EXPECT_TRUE(found && *found) << id;
  }
}

TEST_F(SettlerTest, WhoSettlesInOneTurnGoesOnWhenAllTheirRowsAreInTheJournal) {
  const store::TemporaryDirectory directory;
  store::SystemDisk disk;
  auto journal = store::Journal::Open(directory.path(), clock_, disk, {});
  ASSERT_TRUE(journal) << journal.error().detail;
  net::Loop loop(clock_);
  Settler settler({.loop = loop, .clock = clock_, .journal = journal->get(), .counter = counter_});
  std::vector<std::uint64_t> rows;  // in the journal when each went on
  const auto settle = [&]() -> net::Task<void> {
    co_await Settled(settler);
    rows.push_back((*journal)->Counts().rows);
  };
  loop.Post([&] {
    for (int i = 0; i < 5; ++i) net::Spawn(settle());
    EXPECT_EQ((*journal)->Counts().rows, 0u);
    loop.Stop();
  });
  loop.Run();
  EXPECT_EQ(rows, std::vector<std::uint64_t>(5, 5));
}

}  // namespace
}  // namespace gateway
