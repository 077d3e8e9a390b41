#include "store/row_json.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "store/json_check_internal.h"
#include "store/row_for_test.h"

namespace store {
namespace {

using namespace std::chrono_literals;

LedgerRow Simple() {
  LedgerRow row;
  row.request_id = "req_1";
  row.started = base::WallTime(1'790'000'000s);
  row.completed = row.started + 1'500ms;
  return row;
}

TEST(RowJsonTest, SaysEverythingUnderTheNamesThatArePromised) {
  const std::vector<std::pair<std::string_view, std::string_view>> tags = {{"app", "checkout"},
                                                                           {"env", "prod"}};
  std::vector<LedgerAttempt> attempts(2);
  attempts[0] = {.model = "deepseek/deepseek-v4-pro",
                 .status = 200,
                 .error = "broken",
                 .ms = 40,
                 .usage = chat::Usage{.input = 7},
                 .price = {.version = "v1", .phase = "", .currency = base::Currency::kUsd, .cost = 5},
                 .call = LedgerCall{.said_as = chat::Operation::kChat,
                                    .dispatched = Simple().started + 1ms,
                                    .completed = Simple().started + 41ms,
                                    .service_tier = "flex"}};
  attempts[1].model = "deepseek/deepseek-flash";
  attempts[1].status = 200;
  attempts[1].ms = 900;
  LedgerRow row = Simple();
  row.dispatched = row.started + 2ms;
  row.first_token = row.started + 300ms;
  row.key_id = "key_1";
  row.team = "support";
  row.project = "web";
  row.user = "u\"1";
  row.tags = tags;
  row.asked_model = "assistant";
  row.provider = "deepseek";
  row.model = "deepseek-flash";
  row.response_model = "deepseek-flash";
  row.said_as = chat::Operation::kMessages;
  row.rung = chat::Rung::kCheap;
  row.reason = "the default rung";
  row.attempts = attempts;
  row.stream = true;
  row.status = 200;
  row.finish = chat::FinishReason::kStop;
  row.usage.input = 120;
  row.usage.cached_input = 1'204;
  row.usage.output = 30;
  row.usage.units[1] = 2;
  row.usage_source = chat::UsageSource::kProvider;
  row.provider_usage = "{\"prompt_tokens\":\n 1324}";
  row.price = {.version = "2026-09-10-peak-5c1e9a77",
               .phase = "peak",
               .currency = base::Currency::kUsd,
               .cost = 123'450'000};
  row.saved = 1'000'000'000'000;
  EXPECT_EQ(
      RowJson(row),
      R"({"request_id":"req_1","started":"2026-09-21T14:13:20.000000Z","dispatched":"2026-09-21T14:13:20.002000Z",)"
      R"("first_token":"2026-09-21T14:13:20.300000Z","completed":"2026-09-21T14:13:21.500000Z","key_id":"key_1",)"
      R"("org":null,"team":"support","project":"web","user":"u\"1","session":null,)"
      R"("tags":{"app":"checkout","env":"prod"},"operation":"chat","asked_model":"assistant",)"
      R"("model":"deepseek/deepseek-flash","provider":"deepseek","response_model":"deepseek-flash",)"
      R"("asked_as":"messages",)"
      R"("rung":"cheap","reason":"the default rung","attempts":[{"model":"deepseek/deepseek-v4-pro",)"
      R"("status":200,"error":"broken","ms":40,"usage":{"input":7,"cached_input":0,"cache_write_5m":0,)"
      R"("cache_write_1h":0,"output":0,"reasoning":0,"input_audio":0,"input_image":0,"output_audio":0,)"
      R"("output_image":0,"units":{}},"asked_as":"chat","dispatched":"2026-09-21T14:13:20.001000Z",)"
      R"("completed":"2026-09-21T14:13:20.041000Z","service_tier":"flex",)"
      R"("price_version":"v1","price_phase":null,"cost":"0.000000000005 USD",)"
      R"("currency":"USD","held":null},{"model":"deepseek/deepseek-flash","status":200,"error":null,"ms":900}],)"
      R"("dropped":null,"stream":true,"aborted":false,"status":200,"error":null,"finish_reason":"stop",)"
      R"("usage":{"input":120,"cached_input":1204,"cache_write_5m":0,"cache_write_1h":0,"output":30,)"
      R"("reasoning":0,"input_audio":0,"input_image":0,"output_audio":0,"output_image":0,)"
      R"("units":{"search":2}},"usage_source":"provider","provider_usage":{"prompt_tokens":  1324},)"
      R"("service_tier":null,"batch":false,"price_version":"2026-09-10-peak-5c1e9a77","price_phase":"peak",)"
      R"("cost":"0.000123450005 USD","saved":"1 USD","currency":"USD","held":null})");
}

TEST(RowJsonTest, AnUnknownPriceHasNoAmount) {
  LedgerRow row = Simple();
  row.price.version = kUnknownPrice;
  const std::string json = RowJson(row);
  EXPECT_NE(
      json.find(
          R"("price_version":"unknown","price_phase":null,"cost":null,"saved":null,"currency":null,"held":null)"),
      std::string::npos)
      << json;
}

TEST(RowJsonTest, OfAnUnknownPriceItSaysWhatIsHeldForIt) {
  std::vector<LedgerAttempt> attempts(1);
  attempts[0].usage.emplace();
  attempts[0].price.version = kUnknownPrice;
  attempts[0].price.held = {.pico = base::kPico, .currency = base::Currency::kCny};
  LedgerRow row = Simple();
  row.price.version = kUnknownPrice;
  row.price.held = {.pico = 2 * base::kPico, .currency = base::Currency::kUsd};
  row.attempts = attempts;
  const std::string json = RowJson(row);
  EXPECT_NE(json.find(R"("cost":null,"currency":null,"held":"1 CNY"}])"), std::string::npos) << json;
  EXPECT_TRUE(json.ends_with(R"("currency":null,"held":"2 USD"})")) << json;
}

TEST(RowJsonTest, ACostIsUnknownWhenThatOfAFailedAttemptIs) {
  std::vector<LedgerAttempt> attempts(1);
  attempts[0].usage.emplace();
  attempts[0].price.version = kUnknownPrice;
  LedgerRow row = Simple();
  row.price = {.version = "v", .phase = "", .currency = base::Currency::kUsd, .cost = 7};
  row.attempts = attempts;
  EXPECT_EQ(CostOf(row), std::nullopt);
}

TEST(RowJsonTest, AFailedAttemptInAnotherCurrencyIsNotAdded) {
  std::vector<LedgerAttempt> attempts(2);
  attempts[0].price = {.version = "a", .phase = "", .currency = base::Currency::kCny, .cost = 100};
  attempts[1].price = {.version = "b", .phase = "", .currency = base::Currency::kUsd, .cost = 10};
  LedgerRow row = Simple();
  row.attempts = attempts;
  row.price = {.version = "v", .phase = "", .currency = base::Currency::kUsd, .cost = 7};
  EXPECT_EQ(CostOf(row), 17);
  row.price = {};  // nobody answered in the end
  EXPECT_EQ(CurrencyOf(row), base::Currency::kCny);
  EXPECT_EQ(CostOf(row), 100);
}

TEST(RowJsonTest, IsJsonWhateverTheRowHolds) {
  RowMaker rows(11);
  for (int i = 0; i < 300; ++i) {
    const std::string json = RowJson(rows.Any());
    ASSERT_TRUE(IsJson(json)) << json;
    ASSERT_EQ(json.find('\n'), std::string::npos);
  }
}

TEST(JsonCheckTest, TellsJsonFromWhatIsNone) {
  for (const std::string_view good :
       {R"({})", R"([])", R"( {"a" : [1, -0.5e+3, true, null, "x\u00e9\n"] } )", "0", R"("")"}) {
    EXPECT_TRUE(IsJson(good)) << good;
  }
  for (const std::string_view bad :
       {"",        "{",           R"({"a"})", R"({"a":})", R"({"a":1,})", "[1,]", "[1 2]", "01",
        "1.",      "-",           ".5",       "1e",        "tru",         "nul",  R"("a)", "\"a\nb\"",
        R"("\x")", R"("\u12g4")", "{} {}",    "{a:1}",     "\"\xff\"",    "]"}) {
    EXPECT_FALSE(IsJson(bad)) << bad;
  }
  EXPECT_TRUE(IsJson(std::string(60, '[') + std::string(60, ']')));
  EXPECT_FALSE(IsJson(std::string(100, '[') + std::string(100, ']')));
}

}  // namespace
}  // namespace store
