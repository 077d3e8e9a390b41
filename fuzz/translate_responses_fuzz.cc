// Arbitrary bytes as a request, an answer and the stream of an answer in OpenAI Responses' dialect. What is
// read is said in every dialect, and everything that is said has to be JSON; what we say in Responses' own
// words has to be readable again.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "translate/dialects_internal.h"
#include "wire/json_scanner.h"
#include "wire/request.h"
#include "wire/sse.h"

namespace {

using chat::Flavour;
using chat::Operation;
using translate::Between;
using translate::Event;
using translate::Losses;
using translate::Target;

constexpr Target kTargets[] = {
    {.operation = Operation::kResponses, .flavour = Flavour::kOpenai, .model = "gpt-5.2"},
    {.operation = Operation::kResponses, .flavour = Flavour::kCompatible, .model = "m"},
    {.operation = Operation::kChat, .flavour = Flavour::kOpenai, .model = "gpt-4o"},
    {.operation = Operation::kChat, .flavour = Flavour::kDeepseek, .model = "m"},
    {.operation = Operation::kMessages, .flavour = Flavour::kAnthropic, .model = "claude-opus-4-6"},
    {.operation = Operation::kMessages, .flavour = Flavour::kDeepseek, .model = "m"},
};

void CheckRequest(std::string_view body) {
  if (!wire::ParseRequest(Operation::kResponses, body)) return;
  const auto request = translate::ReadResponsesRequest(body);
  if (!request) return;
  for (const Target& target : kTargets) {
    std::string said;
    Losses losses;
    if (target.operation == Operation::kResponses) WriteResponsesRequest(*request, target, said, losses);
    if (target.operation == Operation::kChat) WriteChatRequest(*request, target, said, losses);
    if (target.operation == Operation::kMessages) WriteMessagesRequest(*request, target, said, losses);
    CHECK(wire::ScanJson(said).has_value());
    CHECK(target.operation != Operation::kResponses || translate::ReadResponsesRequest(said).has_value());
    losses.Names(body);
    if (losses.AnyUnsayable()) losses.Refusal(body, "elsewhere");
  }
}

void CheckAnswer(std::string_view body, const Between& between) {
  const auto answer = translate::ReadResponsesAnswer(body);
  if (!answer) return;
  for (const auto write :
       {translate::WriteResponsesAnswer, translate::WriteChatAnswer, translate::WriteMessagesAnswer}) {
    std::string said;
    Losses losses;
    write(*answer, between, said, losses);
    CHECK(wire::ScanJson(said).has_value());
    losses.Names(body);
  }
}

// Reads the frames of `stream` and has each writer say what they tell; returns what is said in our own words.
std::string CheckStream(std::string_view stream, const Between& between) {
  const auto reader = translate::MakeResponsesStreamReader();
  const std::unique_ptr<translate::StreamWriter> writers[] = {translate::MakeResponsesStreamWriter(between),
                                                              translate::MakeChatStreamWriter(between),
                                                              translate::MakeMessagesStreamWriter(between)};
  std::string said[3];
  wire::SseFramer framer(1U << 20U);
  framer.Feed(stream);
  bool whole = true;
  while (const auto frame = framer.Next()) {
    if (frame->kind != wire::SseKind::kData && frame->kind != wire::SseKind::kDone) continue;
    std::vector<Event> events;
    whole = whole && reader->Read(*frame, events).has_value();
    for (const Event& event : events) {
      for (std::size_t i = 0; i < 3; ++i) writers[i]->Write(event, said[i]);
    }
    if (!whole) break;
  }
  for (std::size_t i = 0; i < 3; ++i) writers[i]->WriteError("server_error", "broken", "It broke.", said[i]);
  for (const std::string& one : said) {
    wire::SseFramer again(64U << 20U);
    again.Feed(one);
    while (const auto frame = again.Next()) {
      CHECK(frame->kind != wire::SseKind::kData || wire::ScanJson(frame->payload).has_value());
    }
    CHECK(again.Tail().empty());
  }
  return said[0];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // On several lines, since the events say it again.
  static const auto request = translate::ReadResponsesRequest(R"({"model":"m","input":"q","metadata":{
    "a":"b"},
    "stream":true})");
  const Between between{
      .request = *request, .provider = Operation::kResponses, .now = 1, .request_id = "req_1"};
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  CheckRequest(input);
  CheckAnswer(input, between);
  CheckStream(CheckStream(input, between), between);
  return 0;
}
