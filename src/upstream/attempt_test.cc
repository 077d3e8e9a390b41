#include "upstream/attempt.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "upstream/played_provider_for_test.h"

namespace upstream {
namespace {

using namespace std::chrono_literals;
using base::Code;
using routing::Outcome;

// What one attempt made of what the provider did.
struct Result {
  Outcome outcome = Outcome::kAnswered;
  int status = 0;
  std::string error;
  std::string detail;
  std::string words;
  std::optional<std::chrono::milliseconds> retry_after;
};

class AttemptTest : public PlayedProvider {
 protected:
  void Answer(int status, std::string fields = "", std::string body = "{}") {
    Play([status, fields, body](net::Exchange& exchange) -> net::Task<void> {
      [[maybe_unused]] const auto sent = co_await exchange.Reply(status, fields, body);
    });
  }
  // Bytes that are no answer, then the end of the connection.
  void Misbehave(std::string bytes) {
    Play([bytes](net::Exchange& exchange) -> net::Task<void> {
      const std::string_view pieces[] = {bytes};
      [[maybe_unused]] const auto sent = co_await exchange.connection_for_faults().Send(pieces);
    });
  }

  Result Call(const Request& request = {.model = "m", .path = "/v1/x", .fields = {}, .body = {}}) {
    return thread_.Await<Result>([&] { return Run(request); });
  }
  net::Task<Result> Run(Request request) {
    auto place = co_await provider_->Enter("m", thread_.loop(), *cancel_);
    Attempt attempt(provider_, pools_->For(provider_), std::move(*place), *cancel_);
    Result result;
    result.outcome = co_await attempt.Start(request);
    result.status = attempt.status();
    result.error = attempt.error();
    result.detail = attempt.detail();
    co_await attempt.ReadWords();
    result.words = attempt.words();
    result.retry_after = attempt.retry_after();
    co_return result;
  }

  // Whether four more failures, one fewer than it takes by themselves, make the provider rest.
  bool CountedAsFailure() {
    for (int i = 0; i < 4; ++i) provider_->CallFailed();
    return !provider_->Ailment("m").empty();
  }
  std::uint64_t Errors(const char* code) { return metrics_.errors.With({"p", code}).Value(); }

  std::optional<net::Cancel> cancel_{std::in_place};
};

TEST_F(AttemptTest, RequestHasItsHostKeyFieldsLengthAndBody) {
  std::string seen;
  Play([&seen](net::Exchange& exchange) -> net::Task<void> {
    const net::RequestHead& head = exchange.request();
    seen = std::string(head.method) + " " + std::string(head.target);
    for (const net::Field& field : head.fields)
      seen += "\n" + std::string(field.name) + ": " + std::string(field.value);
    const auto body = co_await exchange.ReadBody();
    seen += "\n\n" + std::string(body->view());
    [[maybe_unused]] const auto sent = co_await exchange.Reply(200, "", "");
  });
  const std::string_view body[] = {"one ", "", "two"};
  const Result got = Call(
      {.model = "m", .path = "/v1/chat/completions?x=1", .fields = "x-a: 1\r\nx-b: 2\r\n", .body = body});
  EXPECT_EQ(got.outcome, Outcome::kAnswered);
  EXPECT_EQ(seen, "POST /v1/chat/completions?x=1\nhost: 127.0.0.1:" + std::to_string(server_->local().port) +
                      "\nauthorization: Bearer key-a\nx-a: 1\nx-b: 2\ncontent-length: 7\n\none two");
}

TEST_F(AttemptTest, KeyOfAMessagesCallHasAHeaderOfItsOwn) {
  settings_.dialect = config::ApiDialect::kAnthropic;
  std::string key;
  bool bearer = true;
  Play([&](net::Exchange& exchange) -> net::Task<void> {
    key = exchange.request().fields.Find("x-api-key").value_or("");
    bearer = exchange.request().fields.Find("authorization").has_value();
    [[maybe_unused]] const auto sent = co_await exchange.Reply(200, "", "");
  });
  Request request{.model = "m", .path = "/v1/messages", .fields = {}, .body = {}};
  request.dialect = chat::Dialect::kAnthropic;
  EXPECT_EQ(Call(request).status, 200);
  EXPECT_EQ(key, "key-a");
  EXPECT_FALSE(bearer);
}

TEST_F(AttemptTest, AnOpenaiServerThatTakesMessagesKnowsItsKeysInOneWay) {
  settings_.dialect = config::ApiDialect::kOpenAi;
  std::string bearer;
  Play([&](net::Exchange& exchange) -> net::Task<void> {
    bearer = exchange.request().fields.Find("authorization").value_or("");
    [[maybe_unused]] const auto sent = co_await exchange.Reply(200, "", "");
  });
  Request request{.model = "m", .path = "/v1/messages", .fields = {}, .body = {}};
  request.dialect = chat::Dialect::kAnthropic;
  EXPECT_EQ(Call(request).status, 200);
  EXPECT_EQ(bearer, "Bearer key-a");
}

TEST_F(AttemptTest, GetHasNoLengthAndNoKeyMeansNoAuthorization) {
  settings_.keys.clear();
  std::size_t fields = 0;
  Play([&fields](net::Exchange& exchange) -> net::Task<void> {
    fields = exchange.request().fields.size();
    [[maybe_unused]] const auto sent = co_await exchange.Reply(200, "", "");
  });
  EXPECT_EQ(Call({.method = "GET", .model = "m", .path = "/v1/models", .fields = {}, .body = {}}).status,
            200);
  EXPECT_EQ(fields, 1u);  // host
}

TEST_F(AttemptTest, MistakesOfTheCallerAreAnswers) {
  Answer(422);
  const Result got = Call();
  EXPECT_EQ(got.outcome, Outcome::kAnswered);
  EXPECT_EQ(got.status, 422);
  EXPECT_EQ(got.error, "");
  EXPECT_FALSE(CountedAsFailure());
}

TEST_F(AttemptTest, RefusalOfALargeBodyThatIsNotReadIsAnAnswer) {
  Answer(413);
  const std::string large(32 * base::MiB, 'x');
  const std::string_view body[] = {large};
  const Result got = Call({.model = "m", .path = "/v1/x", .fields = {}, .body = body});
  EXPECT_EQ(got.outcome, Outcome::kAnswered);
  EXPECT_EQ(got.status, 413);
  EXPECT_FALSE(CountedAsFailure());
}

TEST_F(AttemptTest, RefusedKeyIsPutAside) {
  Answer(402);
  const Result got = Call();
  EXPECT_EQ(got.outcome, Outcome::kKeyRefused);
  EXPECT_EQ(got.error, "402");
  EXPECT_EQ(provider_->Ailment("m"), "no key of p is accepted");
}

TEST_F(AttemptTest, ForbiddenModelIsPutAsideAndItsKeyIsNot) {
  Answer(403, "",
         R"({"error":{"message":"Project x does not have access to model m","code":"model_not_found"}})");
  const Result got = Call();
  EXPECT_EQ(got.outcome, Outcome::kKeyRefused);
  EXPECT_EQ(got.words, "Project x does not have access to model m");
  EXPECT_EQ(provider_->Ailment("m"), "no key of p may use this model");
  EXPECT_EQ(provider_->Ailment("other"), "");
  EXPECT_EQ(alarms_, std::vector<std::string>{"key_put_aside"});
}

TEST_F(AttemptTest, ForbiddenKeyIsPutAsideWhereTheErrorSaysSo) {
  Answer(403, "", R"({"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}})");
  EXPECT_EQ(Call().outcome, Outcome::kKeyRefused);
  EXPECT_EQ(provider_->Ailment("other"), "no key of p is accepted");
}

// A provider that refuses requests with an account, and answers `alone` to those without.
class AccountTest : public AttemptTest {
 protected:
  void Refuse(int status, std::string body, int alone, std::string alone_body = "{}") {
    Play([=, this](net::Exchange& exchange) -> net::Task<void> {
      const net::Fields& fields = exchange.request().fields;
      const bool named = fields.Find("openai-organization") || fields.Find("openai-project");
      if (!named) ++asked_alone_;
      const std::string& text = named ? body : alone_body;
      [[maybe_unused]] const auto sent = co_await exchange.Reply(named ? status : alone, "", text);
    });
  }
  Outcome With(std::string_view fields) {
    return Call({.model = "m", .path = "/v1/x", .fields = fields, .body = {}}).outcome;
  }
  int asked_alone_ = 0;
};

TEST_F(AccountTest, RefusalOfAnAccountThatTheCallerNamedSaysNothingAboutTheKey) {
  Refuse(401, "{}", 200);
  EXPECT_EQ(With("x-a: 1\r\nOpenAI-Organization: org-x\r\n"), Outcome::kAccountRefused);
  EXPECT_EQ(With("openai-project: proj_x\r\nx-a: 1\r\n"), Outcome::kAccountRefused);
  EXPECT_EQ(provider_->Ailment("m"), "");
  EXPECT_EQ(asked_alone_, 1);  // not for every such request
  EXPECT_TRUE(alarms_.empty());
}

TEST_F(AccountTest, ForbiddenAccountSaysNothingEither) {
  Refuse(403, "{}", 403);
  EXPECT_EQ(With("openai-project: proj_x\r\n"), Outcome::kAccountRefused);
  EXPECT_EQ(provider_->Ailment("m"), "");
}

TEST_F(AccountTest, RevokedKeyIsNoticedByTheCodeOfTheError) {
  Refuse(401, R"({"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}})", 200);
  EXPECT_EQ(With("openai-organization: org-x\r\n"), Outcome::kKeyRefused);
  EXPECT_EQ(provider_->Ailment("m"), "no key of p is accepted");
  EXPECT_EQ(alarms_, std::vector<std::string>{"key_put_aside"});
  EXPECT_EQ(asked_alone_, 0);
}

TEST_F(AccountTest, RevokedKeyIsNoticedWhenItIsRefusedAlone) {
  Refuse(401, "not JSON", 401);
  EXPECT_EQ(With("openai-organization: org-x\r\n"), Outcome::kKeyRefused);
  EXPECT_EQ(alarms_, std::vector<std::string>{"key_put_aside"});
}

TEST_F(AccountTest, KeyThatMayNotListModelsIsGood) {
  Refuse(401, "{}", 401, R"({"error":{"message":"Missing scopes: api.model.read","code":"missing_scope"}})");
  EXPECT_EQ(With("openai-organization: org-x\r\n"), Outcome::kAccountRefused);
  EXPECT_EQ(provider_->Ailment("m"), "");
}

TEST_F(AccountTest, BalanceIsTheKeysWhateverTheCallerNames) {
  Refuse(402, "{}", 200);
  EXPECT_EQ(With("openai-project: proj_x\r\n"), Outcome::kKeyRefused);
}

TEST_F(AccountTest, OtherHeadersNameNoAccount) {
  Refuse(401, "{}", 401);
  EXPECT_EQ(With("x-openai-project: proj_x\r\n"), Outcome::kKeyRefused);
}

TEST_F(AttemptTest, ProviderThatKnowsNoAccountsRefusesTheKey) {
  settings_.dialect = config::ApiDialect::kDeepSeek;
  Answer(401);
  EXPECT_EQ(Call({.model = "m", .path = "/v1/x", .fields = "openai-project: x\r\n", .body = {}}).outcome,
            Outcome::kKeyRefused);
}

TEST_F(AttemptTest, LimitOfAListOfModelsSaysNothingOfOtherCalls) {
  Answer(429, "retry-after: 30\r\n");
  Request list{.method = "GET", .path = "/v1/models", .fields = {}, .body = {}};
  list.lists_models = true;
  EXPECT_EQ(Call(list).outcome, Outcome::kOverloaded);
  EXPECT_EQ(provider_->Ailment("m"), "");
}

TEST_F(AttemptTest, AccountWithoutQuotaLetsTheWholeKeyRest) {
  Answer(429, "retry-after: 30\r\n",
         R"({"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}})");
  EXPECT_EQ(Call().outcome, Outcome::kOverloaded);
  EXPECT_GT(provider_->WaitForLimit("other"), 29s);
}

TEST_F(AttemptTest, LimitedModelRestsAsLongAsTheAnswerSays) {
  Answer(429, "retry-after: 30\r\n");
  const Result got = Call();
  EXPECT_EQ(got.outcome, Outcome::kOverloaded);
  EXPECT_EQ(got.retry_after, 30s);
  EXPECT_GT(provider_->WaitForLimit("m"), 29s);
  EXPECT_EQ(provider_->Ailment("other"), "");
  EXPECT_EQ(Errors("429"), 1u);
}

TEST_F(AttemptTest, LimitIsNoFailureOfTheProvider) {
  Answer(429, "retry-after: 0\r\n");
  EXPECT_EQ(Call().outcome, Outcome::kOverloaded);
  EXPECT_FALSE(CountedAsFailure());
}

TEST_F(AttemptTest, ServerErrorCountsAsAFailure) {
  Answer(503, "retry-after: 2\r\n");
  const Result got = Call();
  EXPECT_EQ(got.outcome, Outcome::kServerError);
  EXPECT_EQ(got.status, 503);
  EXPECT_EQ(got.retry_after, 2s);
  EXPECT_EQ(Errors("503"), 1u);
  EXPECT_TRUE(CountedAsFailure());
}

TEST_F(AttemptTest, AnswerThatIsNotHttpIsAServerError) {
  Misbehave("SSH-2.0-OpenSSH_9.2\r\n\r\n");
  const Result got = Call();
  EXPECT_EQ(got.outcome, Outcome::kServerError);
  EXPECT_EQ(got.error, "malformed");
  EXPECT_EQ(got.status, 0);
  EXPECT_TRUE(CountedAsFailure());
}

TEST_F(AttemptTest, ConnectionThatClosesBeforeTheAnswerIsUnreachable) {
  Misbehave("");
  const Result got = Call();
  EXPECT_EQ(got.outcome, Outcome::kUnreachable);
  EXPECT_EQ(got.error, "closed");
  EXPECT_TRUE(CountedAsFailure());
}

TEST_F(AttemptTest, RefusedConnectionIsUnreachable) {
  Answer(200);
  server_->Drain();
  thread_.Do([] {});
  const Result got = Call();
  EXPECT_EQ(got.outcome, Outcome::kUnreachable);
  EXPECT_EQ(got.error, "connect");
  EXPECT_EQ(Errors("connect"), 1u);
}

TEST_F(AttemptTest, SilenceTimesOut) {
  settings_.timeout.first_byte = 20ms;
  Play([](net::Exchange& exchange) -> net::Task<void> {
    net::Event gone;
    const net::Cancel::Hook hook(exchange.cancel(), [&gone](Code) { gone.Notify(); });
    const auto body = co_await exchange.ReadBody();
    if (!exchange.cancel().why()) co_await gone;
  });
  const Result got = Call();
  EXPECT_EQ(got.outcome, Outcome::kTimedOut);
  EXPECT_EQ(got.error, "timeout");
  EXPECT_EQ(got.detail, "no answer began within the first-byte timeout");
  EXPECT_TRUE(CountedAsFailure());
}

TEST_F(AttemptTest, WhoeverStopsItIsNamedAndTheProviderIsNotBlamed) {
  Code why = Code::kCancelled;
  Play([this, &why](net::Exchange& exchange) -> net::Task<void> {
    cancel_->Fire(why);
    const auto body = co_await exchange.ReadBody();
  });
  for (const auto& [code, word] :
       {std::pair(Code::kCancelled, "cancelled"), std::pair(Code::kTimeout, "deadline"),
        std::pair(Code::kUnavailable, "draining")}) {
    why = code;
    thread_.Do([this] { cancel_.emplace(); });
    const Result got = Call();
    EXPECT_EQ(got.outcome, Outcome::kStopped) << word;
    EXPECT_EQ(got.error, word);
    EXPECT_EQ(Errors(word), 0u);
  }
  EXPECT_FALSE(CountedAsFailure());
}

TEST_F(AttemptTest, PlaceIsGivenBackWithTheAttempt) {
  settings_.in_flight_max = 1;
  Answer(200);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Call().status, 200);
  EXPECT_EQ(metrics_.in_flight.With({"p"}).Value(), 0);
}

}  // namespace
}  // namespace upstream
