#include "gateway/relay.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "gateway/relay_fixture_for_test.h"

namespace gateway {
namespace {

using routing::Outcome;

std::string Numbered(std::string_view type, int number, std::string_view more = {}) {
  return "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) +
         "\",\"sequence_number\":" + std::to_string(number) + std::string(more) + "}\n\n";
}

std::string Ended(std::string_view type, int number, std::string_view response) {
  return Numbered(type, number, R"(,"response":{"model":"g",)" + std::string(response) + "}");
}

const std::string kCreated =
    Ended("response.created", 0, R"("status":"in_progress","output":[],"usage":null)");
const std::string kDelta = Numbered("response.output_text.delta", 1, R"(,"delta":"hello")");
const std::string kCompleted = Ended(
    "response.completed", 2,
    R"("status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"hello"}]}],)"
    R"("usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":3},"output_tokens":5})");

class ResponsesRelayTest : public RelayTest {
 protected:
  ResponsesRelayTest() { options_.operation = chat::Operation::kResponses; }
};

TEST_F(ResponsesRelayTest, BytesAreTheSameWhereverTheyAreCut) {
  const std::string text = kCreated + kDelta + kCompleted;
  for (std::size_t cut = 1; cut < text.size(); cut += 7) {
    PassCut(text, cut);
    EXPECT_EQ(got_, text) << cut;
    EXPECT_EQ(outcome_, Outcome::kAnswered) << cut;
    EXPECT_EQ(error_, "") << cut;
    EXPECT_EQ(record_.usage, (chat::Usage{.input = 4, .cached_input = 3, .output = 5})) << cut;
    EXPECT_EQ(record_.finish, chat::FinishReason::kStop) << cut;
    EXPECT_EQ(record_.text_bytes, 5u) << cut;
    EXPECT_EQ(record_.response_model, "g") << cut;
    EXPECT_TRUE(record_.first_token) << cut;
  }
}

TEST_F(ResponsesRelayTest, TheLastEventAloneIsAnAnswer) {
  EXPECT_EQ(Pass(kCompleted), kCompleted);
  EXPECT_EQ(outcome_, Outcome::kAnswered);
  EXPECT_EQ(error_, "");
}

TEST_F(ResponsesRelayTest, AnIncompleteAnswerIsAGoodEnd) {
  const std::string end =
      Ended("response.incomplete", 2,
            R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})");
  EXPECT_EQ(Pass(kCreated + kDelta + end), kCreated + kDelta + end);
  EXPECT_EQ(error_, "");
  EXPECT_EQ(record_.finish, chat::FinishReason::kLength);
}

TEST_F(ResponsesRelayTest, AStreamWithoutItsEndEndsWithAnErrorEventOfTheNextNumber) {
  Begin();
  Say(kCreated + kDelta);
  Heard(kDelta);
  Finish();
  EXPECT_EQ(outcome_, Outcome::kAnswered);
  EXPECT_EQ(error_, "truncated");
  EXPECT_EQ(record_.error_code, "upstream_error");
  const std::string event = got_.substr((kCreated + kDelta).size());
  EXPECT_TRUE(event.starts_with("event: error\ndata: {\"type\":\"error\",\"code\":\"upstream_error\","))
      << event;
  EXPECT_NE(event.find("without response.completed"), std::string::npos) << event;
  EXPECT_NE(event.find(R"("sequence_number":2,)"), std::string::npos) << event;
}

TEST_F(ResponsesRelayTest, AFailureBeforeAnythingHasLeftIsTriedElsewhereWithItsUsage) {
  const std::string failed = Ended("response.failed", 1,
                                   R"("status":"failed","error":{"code":"server_error","message":"m"},)"
                                   R"("usage":{"input_tokens":7,"output_tokens":0})");
  const std::string error = Numbered("error", 1, R"(,"code":"server_error","message":"m")");
  for (const std::string& end : {failed, error, kCreated + failed, kCreated + error}) {
    EXPECT_EQ(Pass(end), "");
    EXPECT_EQ(outcome_, Outcome::kServerError);
    EXPECT_EQ(error_, "error_in_200");
  }
  Pass(failed);
  EXPECT_EQ(record_.usage, (chat::Usage{.input = 7}));
}

TEST_F(ResponsesRelayTest, AFailureInTheMiddleIsPassedOnAndIsNoGoodEnd) {
  const std::string failed =
      Ended("response.failed", 2, R"("status":"failed","error":{"code":"server_error","message":"m"})");
  const std::string error = Numbered("error", 2, R"(,"code":"server_error","message":"m")");
  for (const std::string& end : {failed, error}) {
    Begin();
    Say(kCreated + kDelta);
    Heard(kDelta);
    Say(end);
    Finish();
    EXPECT_EQ(got_, kCreated + kDelta + end);
    EXPECT_EQ(outcome_, Outcome::kAnswered);
    EXPECT_EQ(error_, "error_in_stream");
    EXPECT_EQ(record_.error_code, "upstream_error");
  }
}

TEST_F(ResponsesRelayTest, AFailureThatLiesInTheRequestIsAnAnswer) {
  const std::string failed =
      Ended("response.failed", 1, R"("status":"failed","error":{"code":"invalid_prompt","message":"m"})");
  EXPECT_EQ(Pass(kCreated + failed), kCreated + failed);
  EXPECT_EQ(outcome_, Outcome::kAnswered);
  EXPECT_EQ(error_, "");
  EXPECT_EQ(record_.error_code, "");
}

TEST_F(ResponsesRelayTest, WholeAnswerTellsItsUsage) {
  whole_ = true;
  Pass(R"({"status":"completed","model":"g","output":[{"type":"function_call","arguments":"{}"}],)"
       R"("usage":{"input_tokens":7,"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2}}})");
  EXPECT_EQ(outcome_, Outcome::kAnswered);
  EXPECT_EQ(record_.usage, (chat::Usage{.input = 7, .output = 3, .reasoning = 2}));
  EXPECT_EQ(record_.finish, chat::FinishReason::kToolCalls);
}

}  // namespace
}  // namespace gateway
