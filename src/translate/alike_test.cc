#include "translate/alike_internal.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "translate/dialects_internal.h"
#include "translate/played_stream_for_test.h"
#include "translate/translate.h"

namespace translate {
namespace {

using chat::Operation;

std::string Chunk(const std::string& delta, const std::string& behind = "") {
  return R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)" +
         delta + R"(,"finish_reason":null}])" + behind + "}";
}

const std::vector<std::string> kChat = {Chunk(R"({"role":"assistant","content":""})"),
                                        Chunk(R"({"reasoning_content":"think"})"),
                                        Chunk(R"({"reasoning_content":"more"})"),
                                        Chunk(R"({"content":"Hello"})"),
                                        Chunk(R"({"content":" wor\"ld\n"})"),
                                        Chunk(R"({"content":"\u4f60 你"})"),
                                        Chunk(R"({"content":""})"),
                                        Chunk(R"({"content":"a"})"),
                                        Chunk(R"({"content":null})"),
                                        Chunk(R"({"content":"b"})", R"(,"usage":{"prompt_tokens":1})"),
                                        Chunk(R"({"content":"c"})", R"(,"usage":{"prompt_tokens":1})"),
                                        Chunk(R"({"content":"x","refusal":"y"})"),
                                        Chunk(R"({"content":"x","refusal":"z"})"),
                                        Chunk(R"({"content":"d","mood":"good"})"),
                                        Chunk(R"({"content":"e","mood":"good"})"),
                                        Chunk(R"({"content":"\q"})"),
                                        Chunk(R"({"content":"f"})"),
                                        "[DONE]"};

std::string Delta(const std::string& index, const std::string& delta) {
  return R"({"type":"content_block_delta","index":)" + index + R"(,"delta":)" + delta + "}";
}

const std::vector<std::string> kMessages = {
    R"({"type":"message_start","message":{"id":"m","model":"c","content":[],"usage":{"input_tokens":1}}})",
    R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})",
    Delta("0", R"({"type":"text_delta","text":"a"})"),
    Delta("0", R"({"type":"text_delta","text":"b"})"),
    Delta("0", R"({"type":"text_delta","text":"c","mood":"good"})"),
    Delta("1", R"({"type":"text_delta","text":"d"})")};

// What the caller gets of the stream without looking at the frame before: as StreamTranslation, by hand.
std::string Read(Operation provider, const Between& between, const std::vector<std::string>& payloads) {
  const auto reader = WordsOf(provider).make_reader();
  const auto writer = WordsOf(between.request.operation).make_writer(between);
  std::string said;
  for (const std::string& payload : payloads) {
    std::vector<Event> events;
    const auto read = reader->Read(FrameOf(payload), events);
    for (const Event& event : events) {
      if (!writer->Write(event, said)) return said + "!";
      if (event.kind == Event::Kind::kEnd || event.kind == Event::Kind::kError) return said;
    }
    if (!read) return said + "?";
  }
  return said;
}

std::string Translate(const Between& between, const std::vector<std::string>& payloads) {
  StreamTranslation translation(between);
  std::string said;
  for (const std::string& payload : payloads) {
    if (!translation.Take(FrameOf(payload), said)) return said + "?";
  }
  return said;
}

void ExpectSame(Operation provider, Operation caller, const std::vector<std::string>& payloads) {
  Request request;
  request.operation = caller;
  const Between between = Answered(request, provider);
  ASSERT_EQ(Translate(between, payloads), Read(provider, between, payloads));
}

TEST(AlikeFramesTest, TheNextFrameTellsWhatReadingItTells) {
  for (const Operation caller : {Operation::kMessages, Operation::kResponses}) {
    ExpectSame(Operation::kChat, caller, kChat);
  }
  for (const Operation caller : {Operation::kChat, Operation::kResponses}) {
    ExpectSame(Operation::kMessages, caller, kMessages);
  }
}

TEST(AlikeFramesTest, DamagedFramesTellWhatReadingThemTells) {
  base::Random random(4711);
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::string> payloads = {kChat[0], kChat[3], kChat[4], kChat[3], kChat[7]};
    std::string& damaged = payloads[2 + static_cast<std::size_t>(i % 3)];
    damaged[random.Below(damaged.size())] = static_cast<char>(random.Below(256));
    ExpectSame(Operation::kChat, Operation::kMessages, payloads);
    if (HasFatalFailure()) return;
  }
}

TEST(AlikeFramesTest, OnlyTheStringOfTheSameKindFits) {
  internal::AlikeFrames alike;
  Event event;
  const std::string first = Chunk(R"({"content":"one"})");
  EXPECT_FALSE(alike.Fits(FrameOf(first), event));
  std::vector<Event> told(1);
  told[0] = {.kind = Event::Kind::kText, .part = 3};
  told[0].text = {std::string_view(first).substr(first.find("one"), 3)};
  alike.Keep(FrameOf(first), told);
  const std::string next = Chunk(R"({"content":"tw\"o"})");
  ASSERT_TRUE(alike.Fits(FrameOf(next), event));
  EXPECT_EQ(event.part, 3);
  EXPECT_EQ(event.text.inside, R"(tw\"o)");
  EXPECT_FALSE(alike.Fits(FrameOf(Chunk(R"({"content":""})")), event));
  EXPECT_FALSE(alike.Fits(FrameOf(Chunk(R"({"content":2})")), event));
  EXPECT_FALSE(alike.Fits(FrameOf(Chunk(R"({"content":"a"},"more":1)")), event));
  alike.Keep(FrameOf("[DONE]"), {});
  EXPECT_FALSE(alike.Fits(FrameOf(next), event));
}

}  // namespace
}  // namespace translate
