#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "translate/dialects_internal.h"
#include "translate/json_value_for_test.h"
#include "wire/sse.h"

namespace translate {
namespace {

using Kind = Event::Kind;
using Lines = std::vector<std::string>;

// Writes events and shows the frames, each as its data alone.
class Stage {
 public:
  explicit Stage(chat::Operation provider = chat::Operation::kChat)
      : writer_(MakeMessagesStreamWriter({.request = request_, .provider = provider, .request_id = "r1"})) {}

  Stage& Say(const Event& event) {
    writer_->Write(event, out_);
    return *this;
  }
  Stage& Start() {
    Event event{.kind = Kind::kStart};
    event.id = {"id1"};
    event.model = {"m"};
    return Say(event);
  }
  Stage& Begin(int part, Part::Kind kind, std::string_view id = {}, std::string_view name = {}) {
    Event event{.kind = Kind::kPartBegin};
    event.part = part;
    event.part_kind = kind;
    event.id = {id};
    event.name = {name};
    return Say(event);
  }
  Stage& Piece(Kind kind, int part, std::string_view text) {
    Event event{.kind = kind};
    event.part = part;
    event.text = {text};
    return Say(event);
  }
  Stage& End(int part) {
    Event event{.kind = Kind::kPartEnd};
    event.part = part;
    return Say(event);
  }
  Stage& Finish(chat::FinishReason reason) {
    Event event{.kind = Kind::kFinish};
    event.finish.reason = reason;
    return Say(event).Say({.kind = Kind::kEnd});
  }
  StreamWriter& writer() { return *writer_; }
  std::string& out() { return out_; }

  // Frames from the one at `from` on; each must name its type twice.
  Lines Frames(std::size_t from = 0) {
    Lines lines;
    wire::SseFramer framer(1 << 20);
    framer.Feed(out_);
    while (const auto frame = framer.Next()) {
      std::string value = ValueOf(frame->payload);
      EXPECT_NE(value.find("\"type\":\"" + std::string(frame->event) + "\""), std::string::npos) << value;
      lines.push_back(std::move(value));
    }
    EXPECT_TRUE(framer.Tail().empty());
    lines.erase(lines.begin(), lines.begin() + static_cast<long>(std::min(from, lines.size())));
    return lines;
  }

 private:
  Request request_;
  std::unique_ptr<StreamWriter> writer_;
  std::string out_;
};

std::string TextDelta(int index, std::string_view text) {
  return R"({"delta":{"text":")" + std::string(text) + R"(","type":"text_delta"},"index":)" +
         std::to_string(index) + R"(,"type":"content_block_delta"})";
}
std::string JsonDelta(int index, std::string_view text) {
  return R"({"delta":{"partial_json":")" + std::string(text) + R"(","type":"input_json_delta"},"index":)" +
         std::to_string(index) + R"(,"type":"content_block_delta"})";
}
std::string CallStart(int index, std::string_view id) {
  return R"({"content_block":{"id":")" + std::string(id) +
         R"(","input":{},"name":"f","type":"tool_use"},"index":)" + std::to_string(index) +
         R"(,"type":"content_block_start"})";
}
std::string Stop(int index) {
  return R"({"index":)" + std::to_string(index) + R"(,"type":"content_block_stop"})";
}

constexpr std::string_view kNoUsage =
    R"({"cache_creation":{"ephemeral_1h_input_tokens":0,"ephemeral_5m_input_tokens":0},"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"input_tokens":0,"output_tokens":0})";

TEST(MessagesStreamWriterTest, AStreamOfText) {
  Stage stage;
  stage.Start().Begin(0, Part::Kind::kText).Piece(Kind::kText, 0, "").Piece(Kind::kText, 0, "a\\n");
  Event usage{.kind = Kind::kUsage};
  usage.usage = {.input = 7, .cached_input = 2, .output = 3};
  stage.End(0).Say(usage).Finish(chat::FinishReason::kStop);
  EXPECT_EQ(
      stage.Frames(),
      (Lines{
          R"({"message":{"content":[],"id":"id1","model":"m","role":"assistant","stop_reason":null,"stop_sequence":null,"type":"message","usage":)" +
              std::string(kNoUsage) + R"(},"type":"message_start"})",
          R"({"content_block":{"text":"","type":"text"},"index":0,"type":"content_block_start"})",
          TextDelta(0, "a\\n"), Stop(0),
          R"({"delta":{"stop_reason":"end_turn","stop_sequence":null},"type":"message_delta","usage":{"cache_creation":{"ephemeral_1h_input_tokens":0,"ephemeral_5m_input_tokens":0},"cache_creation_input_tokens":0,"cache_read_input_tokens":2,"input_tokens":7,"output_tokens":3}})",
          R"({"type":"message_stop"})"}));
}

TEST(MessagesStreamWriterTest, TheFirstPieceLeavesAtOnce) {
  Stage stage;
  stage.Start().Begin(0, Part::Kind::kText).Piece(Kind::kText, 0, "a");
  EXPECT_EQ(stage.Frames(2), Lines{TextDelta(0, "a")});
}

TEST(MessagesStreamWriterTest, AThoughtIsSealedAtItsEndWithTheLastSeal) {
  Stage stage;
  stage.Begin(0, Part::Kind::kReasoning).Piece(Kind::kReasoning, 0, "hm");
  Event seal{.kind = Kind::kSignature};
  seal.text = {"first"};
  seal.mind = Mind::kAnthropic;
  stage.Say(seal);
  seal.text = {"enc"};
  seal.mind = Mind::kOpenai;
  seal.id = {"rs_1"};
  stage.Say(seal).End(0);
  EXPECT_EQ(
      stage.Frames(),
      (Lines{
          R"({"content_block":{"signature":"","thinking":"","type":"thinking"},"index":0,"type":"content_block_start"})",
          R"({"delta":{"thinking":"hm","type":"thinking_delta"},"index":0,"type":"content_block_delta"})",
          R"({"delta":{"signature":"sluice.openai.rs_1.enc","type":"signature_delta"},"index":0,"type":"content_block_delta"})",
          Stop(0)}));
  Stage plain;
  plain.Begin(0, Part::Kind::kReasoning).Piece(Kind::kReasoning, 0, "hm").End(0);
  EXPECT_NE(plain.out().find(R"("signature":"sluice.plain.")"), std::string::npos);
}

TEST(MessagesStreamWriterTest, PartsThatSayNothingAreNoBlocks) {
  Stage stage;
  stage.Begin(0, Part::Kind::kReasoning).End(0).Begin(1, Part::Kind::kText).Piece(Kind::kText, 1, "").End(1);
  stage.Begin(2, Part::Kind::kAudio).Piece(Kind::kText, 2, "x").End(2);
  EXPECT_TRUE(stage.out().empty());
}

TEST(MessagesStreamWriterTest, ASealedThoughtWithoutTextIsABlock) {
  Stage stage;
  Part whole{.kind = Part::Kind::kReasoning};
  whole.mind = Mind::kAnthropic;
  whole.redacted = true;
  whole.signature = {"dd"};
  Event begin{.kind = Kind::kPartBegin};
  begin.part_kind = Part::Kind::kReasoning;
  begin.whole = &whole;
  stage.Say(begin).End(0);
  EXPECT_EQ(
      stage.Frames(),
      (Lines{
          R"({"content_block":{"data":"dd","type":"redacted_thinking"},"index":0,"type":"content_block_start"})",
          Stop(0)}));
  Stage other;
  whole.mind = Mind::kOpenai;
  whole.id = {"rs_1"};
  other.Say(begin).End(0);
  EXPECT_EQ(
      other.Frames(1).at(0),
      R"({"delta":{"signature":"sluice.openai.rs_1.dd","type":"signature_delta"},"index":0,"type":"content_block_delta"})");
}

TEST(MessagesStreamWriterTest, ACallThatIsWholeEndsBeforeTheNextBegins) {
  Stage stage;
  stage.Begin(0, Part::Kind::kToolCall, "a", "f")
      .Piece(Kind::kArguments, 0, R"({\"x\":\"}\\\")")
      .Piece(Kind::kArguments, 0, R"(\"})");
  stage.Begin(1, Part::Kind::kToolCall, "b", "f").Piece(Kind::kArguments, 1, "{}").End(0).End(1);
  EXPECT_EQ(stage.Frames(),
            (Lines{CallStart(0, "a"), JsonDelta(0, R"({\"x\":\"}\\\")"), JsonDelta(0, R"(\"})"), Stop(0),
                   CallStart(1, "b"), JsonDelta(1, "{}"), Stop(1)}));
}

TEST(MessagesStreamWriterTest, OfPartsThatAreToldSideBySideOneIsOpenAtATime) {
  Stage stage;
  stage.Begin(0, Part::Kind::kToolCall, "a", "f").Begin(1, Part::Kind::kToolCall, "b", "f");
  stage.Piece(Kind::kArguments, 1, "{").Begin(2, Part::Kind::kText).Piece(Kind::kText, 2, "x");
  stage.Piece(Kind::kArguments, 0, "{").Piece(Kind::kArguments, 1, "}").Piece(Kind::kArguments, 0, " ");
  EXPECT_EQ(stage.Frames(), (Lines{CallStart(0, "a"), JsonDelta(0, "{"), JsonDelta(0, " ")}));
  stage.Piece(Kind::kArguments, 0, "}");  // whole: the others have their turn, and the second is whole, too
  EXPECT_EQ(stage.Frames(3),
            (Lines{JsonDelta(0, "}"), Stop(0), CallStart(1, "b"), JsonDelta(1, "{}"), Stop(1),
                   R"({"content_block":{"text":"","type":"text"},"index":2,"type":"content_block_start"})",
                   TextDelta(2, "x")}));
  stage.End(0).End(1).Piece(Kind::kText, 2, "y").End(2).Finish(chat::FinishReason::kStop);
  EXPECT_EQ(stage.Frames(10).at(0), TextDelta(2, "y"));
  EXPECT_EQ(stage.Frames(10).at(1), Stop(2));
  EXPECT_NE(stage.out().find(R"("stop_reason":"tool_use")"), std::string::npos);
}

TEST(MessagesStreamWriterTest, WhatHasEndedWhileItWaitedIsSaidWhole) {
  Stage stage;
  stage.Begin(0, Part::Kind::kText).Piece(Kind::kText, 0, "a").Begin(1, Part::Kind::kToolCall, "b", "f");
  stage.Piece(Kind::kArguments, 1, "{}").End(1).Begin(2, Part::Kind::kReasoning);
  Event seal{.kind = Kind::kSignature};
  seal.part = 2;
  seal.text = {"enc"};
  seal.mind = Mind::kAnthropic;
  stage.Say(seal).End(2);
  EXPECT_EQ(stage.Frames(2), Lines{});
  stage.End(0);
  const Lines rest = stage.Frames(2);
  ASSERT_EQ(rest.size(), 7U);
  EXPECT_EQ(Lines(rest.begin(), rest.begin() + 4),
            (Lines{Stop(0), CallStart(1, "b"), JsonDelta(1, "{}"), Stop(1)}));
  EXPECT_EQ(rest.back(), Stop(2));
}

TEST(MessagesStreamWriterTest, WhatWaitsAtTheEndIsSaid) {
  Stage stage;
  stage.Begin(0, Part::Kind::kText).Piece(Kind::kText, 0, "a").Begin(1, Part::Kind::kToolCall, "b", "f");
  stage.Piece(Kind::kArguments, 1, "{").Finish(chat::FinishReason::kLength);
  EXPECT_EQ(stage.Frames(2).at(0), Stop(0));
  EXPECT_EQ(stage.Frames(3).at(0), CallStart(1, "b"));
  EXPECT_EQ(stage.Frames(3).at(1), JsonDelta(1, "{"));
  EXPECT_EQ(stage.Frames(3).at(2), Stop(1));
}

TEST(MessagesStreamWriterTest, ARefusalIsTextThatEndsInARefusal) {
  Stage stage;
  stage.Begin(0, Part::Kind::kRefusal).Piece(Kind::kText, 0, "no").End(0).Finish(chat::FinishReason::kStop);
  EXPECT_EQ(stage.Frames().at(1), TextDelta(0, "no"));
  EXPECT_NE(stage.out().find(R"("stop_reason":"refusal")"), std::string::npos);
}

TEST(MessagesStreamWriterTest, WhatIsOpenAtTheEndIsEnded) {
  Stage stage;
  stage.Begin(0, Part::Kind::kText).Piece(Kind::kText, 0, "a").Finish(chat::FinishReason::kLength);
  EXPECT_EQ(stage.Frames().at(2), Stop(0));
}

TEST(MessagesStreamWriterTest, SignsOfLifeAndErrors) {
  Stage stage;
  stage.Say({.kind = Kind::kAlive});
  Event error{.kind = Kind::kError};
  error.error = {.type = {"rate_limit_exceeded"}, .message = {"too \\\"much\\\""}};
  stage.Say(error);
  stage.writer().WriteError("upstream_error", "deadline_exceeded", "no time", stage.out());
  stage.writer().WriteError("upstream_error", "upstream_error", "gone", stage.out());
  EXPECT_EQ(
      stage.Frames(),
      (Lines{
          R"({"type":"ping"})",
          R"({"error":{"code":"rate_limit_exceeded","message":"too \"much\"","type":"rate_limit_error"},"request_id":"r1","type":"error"})",
          R"({"error":{"code":"deadline_exceeded","message":"no time","type":"timeout_error"},"request_id":"r1","type":"error"})",
          R"({"error":{"code":"upstream_error","message":"gone","type":"api_error"},"request_id":"r1","type":"error"})"}));
}

}  // namespace
}  // namespace translate
