#include "gateway/relay.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "gateway/relay_fixture_for_test.h"

namespace gateway {
namespace {

using routing::Outcome;

std::string Named(std::string_view name, std::string_view rest = "") {
  return "event: " + std::string(name) + "\ndata: {\"type\":\"" + std::string(name) + "\"" +
         std::string(rest) + "}\n\n";
}

const std::string kStart = Named("message_start", R"(,"message":{"model":"c","usage":{"input_tokens":7,)"
                                                  R"("cache_read_input_tokens":20,"output_tokens":1}})");
const std::string kText =
    Named("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"hello"})");
const std::string kLast =
    Named("message_delta", R"(,"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5})");
const std::string kStop = Named("message_stop");

class MessagesRelayTest : public RelayTest {
 protected:
  MessagesRelayTest() { options_.operation = chat::Operation::kMessages; }
};

TEST_F(MessagesRelayTest, BytesAreTheSameWhereverTheyAreCut) {
  const std::string text = kStart + Named("ping") + kText + kLast + kStop;
  for (std::size_t cut = 1; cut < text.size(); cut += 7) {
    PassCut(text, cut);
    EXPECT_EQ(got_, text) << cut;
    EXPECT_EQ(outcome_, Outcome::kAnswered) << cut;
    EXPECT_EQ(record_.usage, (chat::Usage{.input = 7, .cached_input = 20, .output = 5})) << cut;
    EXPECT_EQ(record_.finish, chat::FinishReason::kStop) << cut;
    EXPECT_EQ(record_.text_bytes, 5u) << cut;
    EXPECT_EQ(record_.response_model, "c") << cut;
    EXPECT_TRUE(record_.first_token) << cut;
  }
}

TEST_F(MessagesRelayTest, PingsWaitForTheAnswerToBeginAndAreNoToken) {
  Begin();
  Say(Named("ping"));
  Say(Named("ping"));
  Say(kStart);
  Say(Named("ping"));
  WaitOut();
  Heard(Named("ping") + Named("ping") + kStart + Named("ping"));
  EXPECT_FALSE(record_.first_token);
  Say(kText + kLast + kStop);
  Finish();
  EXPECT_TRUE(record_.first_token);
}

TEST_F(MessagesRelayTest, PingsLeaveWhenTheAnswerTakesTooLongToBegin) {
  Begin();
  Say(Named("ping"));
  Do([this] { clock_.Advance(options_.commit_after); });
  Say(Named("ping"));
  Heard(Named("ping") + Named("ping"));
  Finish();
  EXPECT_EQ(outcome_, Outcome::kAnswered);
  EXPECT_EQ(error_, "truncated");
}

TEST_F(MessagesRelayTest, AStreamWithoutItsStopEndsWithAnErrorEvent) {
  for (const std::string& end : {std::string(), std::string("data: [DONE]\n\n"), Named("ping")}) {
    Begin();
    Say(kStart + kText + end);
    Heard(end.empty() ? kText : end);
    Finish();
    EXPECT_EQ(outcome_, Outcome::kAnswered);
    EXPECT_EQ(error_, "truncated");
    EXPECT_EQ(record_.error_code, "upstream_error");
    EXPECT_TRUE(got_.starts_with(kStart + kText + end + "event: error\ndata: {\"type\":\"error\",")) << got_;
    EXPECT_NE(got_.find("without message_stop"), std::string::npos) << got_;
    EXPECT_EQ(record_.usage, (chat::Usage{.input = 7, .cached_input = 20, .output = 1}));
  }
}

TEST_F(MessagesRelayTest, TheStopMayLackItsBlankLine) {
  EXPECT_EQ(Pass(kStart + kText + kLast + kStop.substr(0, kStop.size() - 2)),
            kStart + kText + kLast + kStop.substr(0, kStop.size() - 2));
  EXPECT_EQ(error_, "");
}

TEST_F(MessagesRelayTest, OverloadedBeforeAnythingHasLeftIsAFailure) {
  const std::string overloaded =
      Named("error", R"(,"error":{"type":"overloaded_error","message":"Overloaded"})");
  for (const std::string& before : {std::string(), kStart, Named("ping")}) {
    EXPECT_EQ(Pass(before + overloaded), "");
    EXPECT_EQ(outcome_, Outcome::kServerError);
    EXPECT_EQ(error_, "error_in_200");
  }
}

TEST_F(MessagesRelayTest, OverloadedInTheMiddleIsPassedOn) {
  const std::string overloaded =
      Named("error", R"(,"error":{"type":"overloaded_error","message":"Overloaded"})");
  Begin();
  Say(kStart + kText);
  Heard(kText);
  Say(overloaded);
  Finish();
  EXPECT_EQ(got_, kStart + kText + overloaded);
  EXPECT_EQ(error_, "error_in_stream");
  EXPECT_EQ(record_.error_code, "upstream_error");
}

TEST_F(MessagesRelayTest, AStopAloneIsAFailure) {
  EXPECT_EQ(Pass(kStop), "");
  EXPECT_EQ(outcome_, Outcome::kServerError);
  EXPECT_EQ(error_, "empty");
}

TEST_F(MessagesRelayTest, WholeAnswerTellsItsUsage) {
  whole_ = true;
  const std::string answer =
      R"({"type":"message","model":"c","content":[{"type":"text","text":"hi"}],"stop_reason":"max_tokens",)"
      R"("usage":{"input_tokens":7,"output_tokens":5}})";
  EXPECT_EQ(Pass(answer), answer);
  EXPECT_EQ(record_.usage, (chat::Usage{.input = 7, .output = 5}));
  EXPECT_EQ(record_.finish, chat::FinishReason::kLength);
  EXPECT_EQ(record_.text_bytes, 2u);
}

TEST_F(MessagesRelayTest, ThoughtsOfACopyOfAnApiAreMarkedAndAllOtherBytesAreItsOwn) {
  options_.maker = "box";
  const std::string begun =
      "event: message_start\ndata: "
      "{\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"content\":[]}}\n\n";
  const std::string text =
      "data:{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}"
      "\r\n\r\n";
  const std::string end =
      "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n"
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  const std::string sealed =
      "event: content_block_delta\ndata: "
      "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":"
      "\"s\"}}\n\n";
  const std::string in_lines =
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\ndata: \"index\":0,"
      "\"delta\":{\"type\":\"signature_delta\",\"signature\":\"s\"}}\n\n";
  const std::string marked =
      "event: content_block_delta\ndata: "
      "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\","
      "\"signature\":\"sluice.of.box..s\"}}\n\n";
  EXPECT_EQ(Pass(begun + sealed + text + end), begun + marked + text + end);
  std::string joined = marked;
  joined.insert(joined.find("\"index\""), " ");
  EXPECT_EQ(Pass(begun + in_lines + text + end), begun + joined + text + end);
}

}  // namespace
}  // namespace gateway
