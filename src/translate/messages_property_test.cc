#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "translate/dialects_internal.h"
#include "translate/json_value_for_test.h"
#include "translate/losses.h"
#include "translate/messages_assembler_for_test.h"
#include "translate/messages_generator_for_test.h"
#include "wire/sse.h"

namespace translate {
namespace {

using Reach = MessagesGenerator::Reach;

constexpr std::uint64_t kSeeds = 400;

// Both sides speak Messages: nothing may change.
Between Mirror(const Request& request) {
  return {.request = request, .provider = chat::Operation::kMessages, .request_id = "r"};
}

std::string Translated(std::string_view stream) {
  const Request request;
  const auto reader = MakeMessagesStreamReader();
  const auto writer = MakeMessagesStreamWriter(Mirror(request));
  std::string out;
  wire::SseFramer framer(stream.size() + 1);
  framer.Feed(stream);
  std::vector<Event> events;
  while (const auto frame = framer.Next()) {
    events.clear();
    if (const auto read = reader->Read(*frame, events); !read) return read.error().detail;
    for (const Event& event : events) writer->Write(event, out);
  }
  return out;
}

TEST(MessagesPropertyTest, ARequestThatIsReadAndWrittenIsTheSame) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto asked = MessagesGenerator(seed).Request(seed % 2 == 0 ? Reach::kOwn : Reach::kShared);
    const auto request = ReadMessagesRequest(asked.body);
    ASSERT_TRUE(request) << "seed " << seed << ": " << request.error().detail << asked.body;
    std::string out;
    Losses losses;
    WriteMessagesRequest(*request, {.flavour = chat::Flavour::kAnthropic, .model = asked.model}, out, losses);
    ASSERT_EQ(ValueOf(out), ValueOf(asked.body)) << "seed " << seed;
    ASSERT_TRUE(losses.Names(asked.body).empty()) << "seed " << seed << ": " << losses.Names(asked.body)[0];
  }
}

TEST(MessagesPropertyTest, AnAnswerThatIsReadAndWrittenIsTheSame) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const std::string whole = MessagesGenerator(seed).Answer().whole;
    const auto answer = ReadMessagesAnswer(whole);
    ASSERT_TRUE(answer) << "seed " << seed << ": " << answer.error().detail << whole;
    std::string out;
    Losses losses;
    WriteMessagesAnswer(*answer, Mirror(Request()), out, losses);
    ASSERT_EQ(ValueOf(out), ValueOf(whole)) << "seed " << seed;
    ASSERT_TRUE(losses.Names(whole).empty()) << "seed " << seed;
  }
}

TEST(MessagesPropertyTest, AStreamThatIsReadAndWrittenTellsTheSameAnswer) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto told = MessagesGenerator(seed).Answer();
    ASSERT_EQ(ValueOf(AssembleMessages(told.stream)), ValueOf(told.whole)) << "seed " << seed;
    ASSERT_EQ(ValueOf(AssembleMessages(Translated(told.stream))), ValueOf(told.whole)) << "seed " << seed;
  }
}

// What is damaged is refused or read; what is read is written as JSON.
TEST(MessagesPropertyTest, NoDamageDoesHarm) {
  base::Random random(4711);
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    MessagesGenerator generator(seed);
    std::string body = generator.Request().body;
    std::string stream = generator.Answer().stream;
    for (int i = 0; i < 3; ++i) {
      constexpr std::string_view kBytes = "\"{}[]:,0n\\a";
      body[random.Below(body.size())] = kBytes[random.Below(kBytes.size())];
      stream[random.Below(stream.size())] = kBytes[random.Below(kBytes.size())];
      for (const auto flavour : {chat::Flavour::kAnthropic, chat::Flavour::kDeepseek}) {
        if (const auto request = ReadMessagesRequest(body)) {
          std::string out;
          Losses losses;
          WriteMessagesRequest(*request, {.flavour = flavour, .model = "claude-opus-4-6"}, out, losses);
          ASSERT_FALSE(ValueOf(out).starts_with("malformed")) << "seed " << seed << ": " << out;
          losses.Names(body);
        }
      }
      Translated(stream);
    }
  }
}

}  // namespace
}  // namespace translate
