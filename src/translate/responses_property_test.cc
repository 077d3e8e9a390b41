#include <gtest/gtest.h>

#include "translate/dialects_internal.h"
#include "translate/json_value_for_test.h"
#include "translate/responses_generator_for_test.h"
#include "wire/sse.h"

namespace translate {
namespace {

constexpr std::uint64_t kSeeds = 400;
constexpr Target kTarget{.operation = chat::Operation::kResponses, .model = "gpt-5.2"};

class ResponsesPropertyTest : public ::testing::Test {
 protected:
  ResponsesPropertyTest() : asked_(*ReadResponsesRequest(R"({"model":"m","input":"q"})")) {}

  Between Here() const { return {.request = asked_, .now = 1234, .request_id = "req_g"}; }

  std::string WrittenAnswer(std::string_view body) const {
    const auto answer = ReadResponsesAnswer(body);
    if (!answer) return answer.error().detail;
    std::string out;
    Losses losses;
    WriteResponsesAnswer(*answer, Here(), out, losses);
    return losses.AnyUnsayable() ? losses.FirstName(body) + " was lost" : out;
  }

  // The frames that our own events of `stream` become, or what was wrong with it.
  std::string WrittenStream(std::string_view stream) const {
    const auto reader = MakeResponsesStreamReader();
    const auto writer = MakeResponsesStreamWriter(Here());
    std::string out;
    wire::SseFramer framer(1U << 20U);
    framer.Feed(stream);
    while (const auto frame = framer.Next()) {
      if (frame->kind != wire::SseKind::kData) continue;
      std::vector<Event> events;
      if (const auto read = reader->Read(*frame, events); !read) return read.error().detail;
      for (const Event& event : events) writer->Write(event, out);
    }
    return out;
  }

  // The response in the last event.
  static std::string LastResponse(std::string_view frames) {
    const std::size_t data = frames.rfind("\ndata: ");
    const std::size_t at = frames.find("\"response\":", data);
    if (data == std::string_view::npos || at == std::string_view::npos) return std::string(frames);
    return std::string(frames.substr(at + 11, frames.size() - at - 11 - 3));
  }

  const Request asked_;
};

TEST_F(ResponsesPropertyTest, ARequestComesBackWithTheSameValue) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto reach =
        seed % 3 == 0 ? ResponsesGenerator::Reach::kEverywhere : ResponsesGenerator::Reach::kOwn;
    const std::string body = ResponsesGenerator(seed).Request(reach);
    const auto request = ReadResponsesRequest(body);
    ASSERT_TRUE(request.has_value()) << seed << request.error().detail << "\n" << body;
    std::string again;
    Losses losses;
    WriteResponsesRequest(*request, kTarget, again, losses);
    ASSERT_EQ(ValueOf(again), ValueOf(body)) << seed;
    ASSERT_FALSE(losses.AnyUnsayable()) << seed << losses.FirstName(body) << body;
    ASSERT_TRUE(losses.Names(body).empty()) << seed << losses.Names(body).front() << body;
  }
}

TEST_F(ResponsesPropertyTest, AnAnswerComesBackWithTheSameValue) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const std::string body = ResponsesGenerator(seed).Answer();
    ASSERT_EQ(ValueOf(WrittenAnswer(body)), ValueOf(body)) << seed;
  }
}

TEST_F(ResponsesPropertyTest, AStreamEndsWithTheAnswerThatItTold) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    ResponsesGenerator generator(seed);
    const std::string body = generator.Answer();
    const std::string stream = generator.Stream(body);
    const std::string written = WrittenStream(stream);
    ASSERT_EQ(ValueOf(LastResponse(written)), ValueOf(body)) << seed << "\n" << stream;
    ASSERT_EQ(ValueOf(LastResponse(WrittenStream(written))), ValueOf(body)) << seed << "\n" << written;
  }
}

// Whatever is cut off, swapped or doubled: an answer, an error, but no harm.
TEST_F(ResponsesPropertyTest, BrokenTextsDoNoHarm) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    ResponsesGenerator generator(seed);
    base::Random random(seed);
    for (std::string body : {generator.Request(), generator.Answer(), generator.Stream(generator.Answer())}) {
      for (int i = 0; i < 3; ++i) {
        const std::size_t at = random.Below(body.size());
        const std::size_t other = random.Below(body.size());
        if (random.Below(2) == 0) {
          std::swap(body[at], body[other]);
        } else {
          body.erase(at, random.Below(20));
        }
        if (body.empty()) body = "{}";
      }
      std::string out;
      Losses losses;
      if (const auto request = ReadResponsesRequest(body))
        WriteResponsesRequest(*request, kTarget, out, losses);
      WrittenAnswer(body);
      WrittenStream(body);
    }
  }
}

}  // namespace
}  // namespace translate
