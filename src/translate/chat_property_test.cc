#include <gtest/gtest.h>

#include "translate/assembled_for_test.h"
#include "translate/chat_generator_for_test.h"
#include "translate/dialects_internal.h"
#include "translate/json_value_for_test.h"
#include "wire/request.h"

namespace translate {
namespace {

constexpr std::uint64_t kSeeds = 300;

wire::SseFrame FrameOf(std::string_view payload) {
  wire::SseFrame frame;
  frame.kind = payload == "[DONE]" ? wire::SseKind::kDone : wire::SseKind::kData;
  frame.payload = payload;
  return frame;
}

TEST(ChatPropertyTest, ARequestIsSaidAgainWithTheSameValue) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    for (const auto reach : {ChatGenerator::Reach::kOwn, ChatGenerator::Reach::kShared}) {
      const std::string body = ChatGenerator(seed).Request(reach);
      ASSERT_TRUE(wire::ParseRequest(chat::Operation::kChat, body)) << body;
      const auto request = ReadChatRequest(body);
      ASSERT_TRUE(request) << request.error().detail << "\n" << body;
      Losses losses;
      std::string out;
      WriteChatRequest(*request, {.flavour = chat::Flavour::kOpenai, .model = "m"}, out, losses);
      EXPECT_EQ(ValueOf(out), ValueOf(body)) << seed;
      EXPECT_EQ(losses.Names(body), std::vector<std::string>{}) << seed;
    }
  }
}

TEST(ChatPropertyTest, AnAnswerIsSaidAgainWithTheSameValue) {
  const Request request;
  const Between between{.request = request, .request_id = "r"};
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const std::string body = ChatGenerator(seed).Answer().whole;
    const auto answer = ReadChatAnswer(body);
    ASSERT_TRUE(answer) << answer.error().detail << "\n" << body;
    Losses losses;
    std::string out;
    WriteChatAnswer(*answer, between, out, losses);
    EXPECT_EQ(ValueOf(out), ValueOf(body)) << seed;
    EXPECT_EQ(losses.Names(body), std::vector<std::string>{}) << seed;
  }
}

// The frames of a stream, put together and said as a whole answer.
std::string WholeOf(const std::vector<std::string>& frames, std::string* rewritten) {
  Request request;
  request.include_usage = true;
  const Between between{.request = request, .request_id = "r"};
  const auto reader = MakeChatStreamReader();
  const auto writer = MakeChatStreamWriter(between);
  Assembled assembled;
  for (const std::string& frame : frames) {
    std::vector<Event> events;
    const auto read = reader->Read(FrameOf(frame), events);
    EXPECT_TRUE(read) << read.error().detail << "\n" << frame;
    for (const Event& event : events) {
      assembled.Take(event);
      if (rewritten != nullptr) writer->Write(event, *rewritten);
    }
  }
  EXPECT_TRUE(assembled.ended());
  Losses losses;
  std::string out;
  WriteChatAnswer(assembled.Get(), between, out, losses);
  return out;
}

TEST(ChatPropertyTest, AStreamTellsWhatTheWholeAnswerSays) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto answered = ChatGenerator(seed).Answer();
    std::string rewritten;
    EXPECT_EQ(ValueOf(WholeOf(answered.frames, &rewritten)), ValueOf(answered.whole)) << seed;
    wire::SseFramer framer(1 << 20);
    framer.Feed(rewritten);
    std::vector<std::string> again;
    while (const auto frame = framer.Next()) again.emplace_back(frame->payload);
    EXPECT_EQ(ValueOf(WholeOf(again, nullptr)), ValueOf(answered.whole)) << seed;
  }
}

TEST(ChatPropertyTest, WhateverIsReadCanBeSaidToAnybody) {
  const Target targets[] = {{.flavour = chat::Flavour::kOpenai, .model = "gpt-5"},
                            {.flavour = chat::Flavour::kDeepseek, .model = "d"},
                            {.flavour = chat::Flavour::kCompatible, .model = "q"}};
  std::size_t said = 0;
  for (std::uint64_t seed = 0; seed < 3 * kSeeds; ++seed) {
    ChatGenerator generator(seed);
    const std::string body = generator.Broken(generator.Request());
    if (!wire::ParseRequest(chat::Operation::kChat, body)) continue;
    const auto request = ReadChatRequest(body);
    if (!request) continue;
    for (const Target& target : targets) {
      Losses losses;
      std::string out;
      WriteChatRequest(*request, target, out, losses);
      EXPECT_TRUE(wire::ScanJson(out)) << body << "\n" << out;
      EXPECT_LE(losses.Names(body).size(), kDroppedNamesMax + 1);
    }
    ++said;
  }
  EXPECT_GT(said, kSeeds / 3);
}

TEST(ChatPropertyTest, ABrokenAnswerOrStreamIsReadOrRefused) {
  const Request request;
  const Between between{.request = request, .request_id = "r"};
  for (std::uint64_t seed = 0; seed < 3 * kSeeds; ++seed) {
    ChatGenerator generator(seed);
    const auto answered = generator.Answer();
    const std::string body = generator.Broken(answered.whole);
    if (const auto answer = ReadChatAnswer(body)) {
      Losses losses;
      std::string out;
      WriteChatAnswer(*answer, between, out, losses);
      EXPECT_TRUE(wire::ScanJson(out)) << body << "\n" << out;
    }
    const auto reader = MakeChatStreamReader();
    Assembled assembled;  // fails the test if an event is told out of turn
    for (const std::string& frame : answered.frames) {
      std::vector<Event> events;
      const std::string payload = frame == "[DONE]" || seed % 3 != 0 ? frame : generator.Broken(frame);
      if (!reader->Read(FrameOf(payload), events)) break;
      for (const Event& event : events) assembled.Take(event);
    }
  }
}

}  // namespace
}  // namespace translate
