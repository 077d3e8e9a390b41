#include "gateway/asked.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace gateway {
namespace {

using namespace std::chrono_literals;
using base::Code;
using chat::Operation;

net::Fields With(std::initializer_list<std::pair<std::string_view, std::string_view>> list) {
  net::Fields fields;
  for (const auto& [name, value] : list) fields.Add({name, value});
  return fields;
}

Asked Ask(std::string_view method, std::string_view path, const net::Fields& fields = {}) {
  net::RequestHead head;
  head.method = method;
  head.path = path.substr(0, path.find('?'));
  if (head.path.size() < path.size()) head.query = path.substr(head.path.size() + 1);
  head.fields = fields;
  return ReadRoute(head);
}

config::ProviderSettings ProviderOf(config::ApiDialect dialect, std::string base_path = "") {
  config::ProviderSettings provider;
  provider.dialect = dialect;
  provider.base_url.path = std::move(base_path);
  return provider;
}

struct Known {
  std::string_view path;
  Operation operation;
  bool beta;
};

constexpr Known kKnown[] = {{"/chat/completions", Operation::kChat, false},
                            {"/completions", Operation::kCompletion, false},
                            {"/embeddings", Operation::kEmbedding, false},
                            {"/responses", Operation::kResponses, false},
                            {"/beta/chat/completions", Operation::kChat, true},
                            {"/beta/completions", Operation::kCompletion, true},
                            {"/messages", Operation::kMessages, false},
                            {"/messages/count_tokens", Operation::kCountTokens, false}};

TEST(RouteTest, GenerationsAreServedWithAndWithoutTheVersion) {
  for (const Known& known : kKnown) {
    for (const std::string& path : {std::string(known.path), "/v1" + std::string(known.path)}) {
      const Asked asked = Ask("POST", path);
      EXPECT_EQ(asked.route, Route::kGenerate) << path;
      EXPECT_EQ(asked.operation, known.operation) << path;
      EXPECT_EQ(asked.beta, known.beta) << path;
      EXPECT_EQ(asked.name, known.path);
    }
  }
}

TEST(RouteTest, GenerationsArePosted) {
  for (const Known& known : kKnown) {
    for (const std::string_view method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post", "POSTS"}) {
      const Asked asked = Ask(method, known.path);
      EXPECT_EQ(asked.route, Route::kWrongMethod) << method;
      EXPECT_EQ(asked.name, known.path);
    }
  }
}

TEST(RouteTest, ModelsAreRead) {
  for (const std::string_view method : {"GET", "HEAD"}) {
    EXPECT_EQ(Ask(method, "/v1/models").route, Route::kModels);
    EXPECT_EQ(Ask(method, "/models").route, Route::kModels);
    EXPECT_EQ(Ask(method, "/v1/models/gpt-5").route, Route::kModel);
  }
  EXPECT_EQ(Ask("POST", "/v1/models").route, Route::kWrongMethod);
  EXPECT_EQ(Ask("DELETE", "/v1/models/gpt-5").route, Route::kWrongMethod);
}

TEST(RouteTest, ModelMayHaveSlashesAndItsNameStaysOutOfTheLabel) {
  const Asked asked = Ask("GET", "/v1/models/deepseek/deepseek-chat");
  EXPECT_EQ(asked.model, "deepseek/deepseek-chat");
  EXPECT_EQ(asked.name, "/models/{id}");
}

TEST(RouteTest, AModelsNameMayBeEscaped) {
  EXPECT_EQ(ModelAsked("deepseek/deepseek-flash"), "deepseek/deepseek-flash");
  EXPECT_EQ(ModelAsked("deepseek%2Fdeepseek%2dflash"), "deepseek/deepseek-flash");
  EXPECT_EQ(ModelAsked("ft%3agpt"), "ft:gpt");
  for (const std::string_view odd : {"%", "a%2", "%zz", "%-1", "%+1", "% 1"}) EXPECT_EQ(ModelAsked(odd), odd);
  EXPECT_EQ(ModelAsked(""), "");
}

TEST(RouteTest, AnythingElseIsUnknownAndNamedSo) {
  for (const std::string_view path :
       {"/", "", "/v1", "/v1/", "/v2/chat/completions", "/v1/v1/chat/completions", "/v1/chat/completions/",
        "/v1//chat/completions", "/V1/chat/completions", "/v1/Chat/Completions", "/v1/chat/completions%20",
        "/v1chat/completions", "/chat/completionsx", "/models/", "/v1/beta/embeddings", "*"}) {
    const Asked asked = Ask("POST", path);
    EXPECT_EQ(asked.route, Route::kUnknown) << path;
    EXPECT_EQ(asked.name, "unknown") << path;
  }
}

TEST(RouteTest, WhatIsBelowResponsesIsKnownAndItsNameStaysOutOfTheLabel) {
  for (const std::string_view path : {"/v1/responses/resp_1", "/responses/resp_1/input_items",
                                      "/v1/responses/resp_1/cancel", "/v1/responses/input_tokens"}) {
    for (const std::string_view method : {"GET", "POST", "DELETE"}) {
      const Asked asked = Ask(method, path);
      EXPECT_EQ(asked.route, Route::kStoredResponse) << path;
      EXPECT_EQ(asked.name, "/responses/{id}");
      EXPECT_EQ(asked.dialect, chat::Dialect::kResponses);
    }
  }
  EXPECT_EQ(Ask("GET", "/v1/responses").route, Route::kWrongMethod);
  EXPECT_EQ(Ask("POST", "/v1/responsesx").route, Route::kUnknown);
}

TEST(RouteTest, MessagesAreServedUnderAnthropicToo) {
  for (const std::string_view path : {"/anthropic/v1/messages", "/anthropic/messages"}) {
    EXPECT_EQ(Ask("POST", path).operation, Operation::kMessages) << path;
    EXPECT_EQ(Ask("POST", path).name, "/messages") << path;
  }
  EXPECT_EQ(Ask("POST", "/anthropic/v1/messages/count_tokens").operation, Operation::kCountTokens);
  EXPECT_EQ(Ask("GET", "/anthropic/v1/models").route, Route::kModels);
  EXPECT_EQ(Ask("GET", "/anthropic/messages").route, Route::kWrongMethod);
  for (const std::string_view path :
       {"/anthropic/v1/chat/completions", "/anthropic", "/anthropic/", "/anthropicv1/messages",
        "/anthropic/v1/responses", "/anthropic/responses/resp_1", "/anthropic/anthropic/messages",
        "/v1/anthropic/messages"}) {
    EXPECT_EQ(Ask("POST", path).route, Route::kUnknown) << path;
  }
}

TEST(RouteTest, ThePathTellsTheDialectAndElseTheHeaderOfAnthropicsClients) {
  using chat::Dialect;
  const net::Fields version = With({{"Anthropic-Version", "2023-06-01"}});
  EXPECT_EQ(Ask("POST", "/v1/messages").dialect, Dialect::kAnthropic);
  EXPECT_EQ(Ask("GET", "/v1/messages").dialect, Dialect::kAnthropic);
  EXPECT_EQ(Ask("POST", "/v1/responses", version).dialect, Dialect::kResponses);
  EXPECT_EQ(Ask("POST", "/v1/chat/completions", version).dialect, Dialect::kOpenai);
  EXPECT_EQ(Ask("GET", "/v1/models").dialect, Dialect::kOpenai);
  EXPECT_EQ(Ask("GET", "/v1/models", version).dialect, Dialect::kAnthropic);
  EXPECT_EQ(Ask("GET", "/anthropic/v1/models").dialect, Dialect::kAnthropic);
  EXPECT_EQ(Ask("GET", "/nowhere").dialect, Dialect::kOpenai);
  EXPECT_EQ(Ask("GET", "/nowhere", version).dialect, Dialect::kAnthropic);
}

// Where a request goes that is passed on in its own dialect.
std::string PathAt(const Asked& asked, const config::ProviderSettings& provider) {
  return std::string(ProviderPath(asked, asked.operation, provider));
}

TEST(ProviderPathTest, WhatIsTranslatedGoesWhereTheOtherDialectIsTaken) {
  const auto anthropic = ProviderOf(config::ApiDialect::kAnthropic);
  const auto openai = ProviderOf(config::ApiDialect::kOpenAi, "/v1");
  const auto deepseek = ProviderOf(config::ApiDialect::kDeepSeek);
  EXPECT_EQ(ProviderPath(Ask("POST", "/v1/messages?beta=true"), Operation::kChat, openai),
            "/v1/chat/completions");
  EXPECT_EQ(ProviderPath(Ask("POST", "/v1/messages"), Operation::kResponses, openai), "/v1/responses");
  EXPECT_EQ(ProviderPath(Ask("POST", "/beta/chat/completions"), Operation::kMessages, anthropic),
            "/v1/messages");
  EXPECT_EQ(ProviderPath(Ask("POST", "/v1/responses"), Operation::kMessages, deepseek),
            "/anthropic/v1/messages");
}

TEST(ProviderPathTest, ATranslationForBetaGoesThere) {
  config::ProviderSettings deepseek;
  deepseek.dialect = config::ApiDialect::kDeepSeek;
  EXPECT_EQ(ProviderPath(Ask("POST", "/v1/messages"), Operation::kChat, deepseek, true),
            "/beta/chat/completions");
  EXPECT_EQ(ProviderPath(Ask("POST", "/v1/messages"), Operation::kChat, deepseek, false),
            "/chat/completions");
}

TEST(ProviderPathTest, BetaIsKeptForDeepSeekOnly) {
  const auto deepseek = ProviderOf(config::ApiDialect::kDeepSeek);
  const auto openai = ProviderOf(config::ApiDialect::kOpenAi, "/v1");
  EXPECT_EQ(PathAt(Ask("POST", "/beta/completions"), deepseek), "/beta/completions");
  EXPECT_EQ(PathAt(Ask("POST", "/beta/completions"), openai), "/v1/completions");
  EXPECT_EQ(PathAt(Ask("POST", "/v1/chat/completions"), deepseek), "/chat/completions");
  EXPECT_EQ(PathAt(Ask("POST", "/v1/chat/completions"), openai), "/v1/chat/completions");
}

TEST(ProviderPathTest, MessagesGoWhereTheProviderTakesThem) {
  const auto anthropic = ProviderOf(config::ApiDialect::kAnthropic);
  const auto deepseek = ProviderOf(config::ApiDialect::kDeepSeek);
  const auto behind = ProviderOf(config::ApiDialect::kAnthropic, "/anthropic");
  EXPECT_EQ(PathAt(Ask("POST", "/messages"), anthropic), "/v1/messages");
  EXPECT_EQ(PathAt(Ask("POST", "/v1/messages"), deepseek), "/anthropic/v1/messages");
  EXPECT_EQ(PathAt(Ask("POST", "/v1/messages"), behind), "/anthropic/v1/messages");
  EXPECT_EQ(PathAt(Ask("POST", "/anthropic/v1/messages/count_tokens"), anthropic),
            "/v1/messages/count_tokens");
}

TEST(ProviderPathTest, ResponsesStandBesideChat) {
  auto openai = ProviderOf(config::ApiDialect::kOpenAi, "/v1");
  EXPECT_EQ(PathAt(Ask("POST", "/responses?a=b"), openai), "/v1/responses");
  openai.endpoints = {chat::Dialect::kAnthropic};
  EXPECT_EQ(PathAt(Ask("POST", "/v1/messages"), openai), "/v1/messages");
}

TEST(ProviderPathTest, OnlyTheQueryOfMessagesIsPassedOn) {
  const auto anthropic = ProviderOf(config::ApiDialect::kAnthropic);
  const auto openai = ProviderOf(config::ApiDialect::kOpenAi);
  EXPECT_EQ(PathAt(Ask("POST", "/v1/messages?beta=true"), anthropic), "/v1/messages?beta=true");
  EXPECT_EQ(PathAt(Ask("POST", "/v1/embeddings?key=secret"), openai), "/embeddings");
}

TEST(WishesTest, NothingAskedIsNothingWished) {
  const auto wishes = ReadWishes(With({{"content-type", "x"}, {"deadline", "5s"}, {"x-sluice-user", "u"}}));
  ASSERT_TRUE(wishes);
  EXPECT_FALSE(wishes->deadline);
  EXPECT_FALSE(wishes->explain_only);
}

TEST(WishesTest, DeadlineIsATimeWithItsUnit) {
  EXPECT_EQ(ReadWishes(With({{"x-sluice-deadline", "20s"}}))->deadline, 20s);
  EXPECT_EQ(ReadWishes(With({{"X-Sluice-Deadline", "500ms"}}))->deadline, 500ms);
  EXPECT_EQ(ReadWishes(With({{"x-sluice-deadline", "2m"}}))->deadline, 2min);
}

TEST(WishesTest, DeadlineThatIsNoTimeIsRefusedWithASentence) {
  for (const std::string_view value :
       {"", "20", "0s", "0ms", "-5s", "1.5s", "soon", "20 s", "99999999999999999999s", "20S"}) {
    const auto wishes = ReadWishes(With({{"x-sluice-deadline", value}}));
    ASSERT_FALSE(wishes) << value;
    EXPECT_EQ(wishes.error().code, Code::kInvalid);
    EXPECT_NE(wishes.error().detail.find("x-sluice-deadline"), std::string::npos);
  }
}

TEST(WishesTest, ExplainKnowsOneValue) {
  EXPECT_TRUE(ReadWishes(With({{"x-sluice-explain", "only"}}))->explain_only);
  for (const std::string_view value : {"", "true", "ONLY", "only, only"}) {
    EXPECT_FALSE(ReadWishes(With({{"x-sluice-explain", value}}))) << value;
  }
}

TEST(PresentedKeyTest, BearerComesBeforeXApiKey) {
  EXPECT_EQ(PresentedKey(With({{"authorization", "Bearer abc"}})), "abc");
  EXPECT_EQ(PresentedKey(With({{"Authorization", "bearer abc"}})), "abc");
  EXPECT_EQ(PresentedKey(With({{"authorization", "BEARER \t abc"}})), "abc");
  EXPECT_EQ(PresentedKey(With({{"x-api-key", "xyz"}})), "xyz");
  EXPECT_EQ(PresentedKey(With({{"x-api-key", "xyz"}, {"authorization", "Bearer abc"}})), "abc");
}

TEST(PresentedKeyTest, OtherSchemesAreNoKey) {
  for (const std::string_view value : {"Basic eDp5", "Bearer", "abc", "Bearerabc", ""}) {
    EXPECT_EQ(PresentedKey(With({{"authorization", value}})), "") << value;
  }
  EXPECT_EQ(PresentedKey(With({{"authorization", "Basic eDp5"}, {"x-api-key", "xyz"}})), "xyz");
  EXPECT_EQ(PresentedKey(With({})), "");
}

}  // namespace
}  // namespace gateway
