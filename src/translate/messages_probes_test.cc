#include "translate/messages_answer_probes_for_test.h"
#include "translate/messages_probes_for_test.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "translate/dialects_internal.h"
#include "translate/json_value_for_test.h"
#include "translate/losses.h"

namespace translate {
namespace {

// What another dialect makes of a body: its own body, and the names of what is not in it.
struct Said {
  std::string body;
  std::vector<std::string> names;
};

Said SayRequest(std::string_view body, const Target& target) {
  const auto request = ReadMessagesRequest(body);
  EXPECT_TRUE(request) << body << request.error().detail;
  if (!request) return {};
  Said said;
  Losses losses;
  if (target.operation == chat::Operation::kResponses) {
    WriteResponsesRequest(*request, target, said.body, losses);
  } else {
    WriteChatRequest(*request, target, said.body, losses);
  }
  said.body = ValueOf(said.body);
  said.names = losses.Names(body);
  return said;
}

Said SayAnswer(std::string_view body, chat::Operation caller) {
  Request request;
  request.operation = caller;
  const Between between{.request = request,
                        .provider = chat::Operation::kMessages,
                        .flavour = chat::Flavour::kAnthropic,
                        .now = 1234,
                        .request_id = "r"};
  const auto answer = ReadMessagesAnswer(body);
  EXPECT_TRUE(answer) << body << answer.error().detail;
  if (!answer) return {};
  Said said;
  Losses losses;
  if (caller == chat::Operation::kResponses) {
    WriteResponsesAnswer(*answer, between, said.body, losses);
  } else {
    WriteChatAnswer(*answer, between, said.body, losses);
  }
  said.body = ValueOf(said.body);
  said.names = losses.Names(body);
  return said;
}

// The field is in the body, or its name, or that of what holds it, is among those that were left out.
testing::AssertionResult Told(const Said& with, const Said& without) {
  if (with.body.starts_with("malformed")) return testing::AssertionFailure() << with.body;
  if (with.body != without.body || with.names != without.names) return testing::AssertionSuccess();
  if (!with.names.empty()) return testing::AssertionSuccess();  // gone together with what holds it
  return testing::AssertionFailure() << "lost without a word: " << with.body;
}

TEST(MessagesProbesTest, NoFieldOfARequestIsLostWithoutAWord) {
  using chat::Flavour;
  using chat::Operation;
  for (const Target& target :
       {Target{.operation = Operation::kChat, .flavour = Flavour::kOpenai, .model = "gpt-5.2"},
        Target{.operation = Operation::kChat, .flavour = Flavour::kDeepseek, .model = "deepseek-flash"},
        Target{.operation = Operation::kChat, .flavour = Flavour::kCompatible, .model = "m"},
        Target{.operation = Operation::kResponses, .flavour = Flavour::kOpenai, .model = "gpt-5.2"}}) {
    for (const Probe& probe : kMessagesRequestProbes) {
      const std::string_view without = probe.without.empty() ? kPlainMessagesRequest : probe.without;
      EXPECT_TRUE(Told(SayRequest(probe.with, target), SayRequest(without, target)))
          << probe.field << " to " << chat::Name(target.flavour) << " " << chat::Name(target.operation);
    }
  }
}

TEST(MessagesProbesTest, NoFieldOfAnAnswerIsLostWithoutAWord) {
  for (const auto caller : {chat::Operation::kChat, chat::Operation::kResponses}) {
    for (const Probe& probe : kMessagesAnswerProbes) {
      if (probe.field == "id" && caller == chat::Operation::kResponses) continue;  // it makes its own
      const std::string_view without = probe.without.empty() ? kPlainMessagesAnswer : probe.without;
      EXPECT_TRUE(Told(SayAnswer(probe.with, caller), SayAnswer(without, caller)))
          << probe.field << " to " << chat::Name(caller);
    }
  }
}

}  // namespace
}  // namespace translate
