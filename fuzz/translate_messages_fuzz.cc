// Whatever comes as a request, an answer or a stream of Anthropic Messages is read or refused; what is read
// is said in each dialect as well-formed JSON. What is said in Messages' own words is read again, and said
// again it is the same.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/utf8.h"
#include "translate/dialects_internal.h"
#include "wire/json_scanner.h"
#include "wire/request.h"
#include "wire/sse.h"

namespace {

using chat::Flavour;
using chat::Operation;
using translate::Between;
using translate::Losses;
using translate::Request;
using translate::Target;

constexpr std::size_t kFrameMax = 1 << 20;

void CheckNames(const Losses& losses, std::string_view body) {
  for (const std::string& name : losses.Names(body)) {
    CHECK(!name.empty());
    for (const char c : name) CHECK(c > ' ' && c < 0x7f && c != ',');
  }
  if (losses.AnyUnsayable()) CHECK(base::IsUtf8(losses.Refusal(body, "it").detail));
}

// `whole` is false if something was left out.
std::string Say(const Request& request, const Target& target, bool& whole) {
  std::string out;
  Losses losses;
  switch (target.operation) {
    case Operation::kChat:
      WriteChatRequest(request, target, out, losses);
      break;
    case Operation::kResponses:
      WriteResponsesRequest(request, target, out, losses);
      break;
    default:
      WriteMessagesRequest(request, target, out, losses);
  }
  CHECK(wire::ScanJson(out).has_value());
  CheckNames(losses, request.body);
  whole = losses.Names(request.body).empty();
  return out;
}

void CheckRequest(std::string_view body) {
  constexpr Target kTargets[] = {
      {.operation = Operation::kChat, .flavour = Flavour::kOpenai, .model = "gpt-5.2"},
      {.operation = Operation::kChat, .flavour = Flavour::kDeepseek, .model = "deepseek-flash"},
      {.operation = Operation::kChat, .flavour = Flavour::kCompatible, .model = "m"},
      {.operation = Operation::kResponses, .flavour = Flavour::kOpenai, .model = "gpt-5.2"},
      {.operation = Operation::kMessages, .flavour = Flavour::kDeepseek, .model = "deepseek-flash"},
      {.operation = Operation::kMessages, .flavour = Flavour::kAnthropic, .model = "claude-sonnet-4-5"},
      {.operation = Operation::kMessages, .flavour = Flavour::kAnthropic, .model = "claude-opus-5"}};
  if (!wire::ParseRequest(Operation::kMessages, body)) return;
  const auto request = translate::ReadMessagesRequest(body);
  if (!request) {
    CHECK(base::IsUtf8(request.error().detail));
    return;
  }
  for (const Target& target : kTargets) {
    bool whole = false;
    const std::string said = Say(*request, target, whole);
    if (target.operation != Operation::kMessages) continue;
    const auto again = translate::ReadMessagesRequest(said);
    CHECK(again.has_value());
    const bool same_ids = said.find("\"sluice_") == std::string::npos;  // an id of ours is made anew
    if (whole && same_ids) CHECK(Say(*again, target, whole) == said);
  }
}

void CheckAnswer(std::string_view body, const Between& between) {
  const auto answer = translate::ReadMessagesAnswer(body);
  if (!answer) return;
  for (const auto write :
       {translate::WriteChatAnswer, translate::WriteResponsesAnswer, translate::WriteMessagesAnswer}) {
    std::string out;
    Losses losses;
    write(*answer, between, out, losses);
    CHECK(wire::ScanJson(out).has_value());
    CheckNames(losses, body);
  }
}

// What each writer makes of a stream, and of its break if the reader finds one; the last is in our own words.
std::vector<std::string> Tell(std::string_view stream, const Between& between) {
  const auto reader = translate::MakeMessagesStreamReader();
  std::vector<std::unique_ptr<translate::StreamWriter>> writers;
  writers.push_back(translate::MakeChatStreamWriter(between));
  writers.push_back(translate::MakeResponsesStreamWriter(between));
  writers.push_back(translate::MakeMessagesStreamWriter(between));
  std::vector<std::string> outs(writers.size());
  wire::SseFramer framer(kFrameMax);
  framer.Feed(stream);
  bool whole = true;
  while (whole) {
    const auto frame = framer.Next();
    if (!frame) break;
    if (frame->kind != wire::SseKind::kData && frame->kind != wire::SseKind::kDone) continue;
    std::vector<translate::Event> events;
    whole = reader->Read(*frame, events).has_value();
    for (std::size_t i = 0; i < writers.size(); ++i) {
      for (const translate::Event& event : events) writers[i]->Write(event, outs[i]);
      if (!whole) writers[i]->WriteError("upstream_error", "upstream_error", "It broke.", outs[i]);
    }
  }
  return outs;
}

void CheckStream(std::string_view stream, const Between& between) {
  const std::vector<std::string> outs = Tell(stream, between);
  for (const std::string& out : outs) {
    wire::SseFramer framer(out.size() + 1);
    framer.Feed(out);
    while (const auto frame = framer.Next()) {
      CHECK(frame->kind != wire::SseKind::kData || wire::ScanJson(frame->payload).has_value());
    }
    CHECK(framer.Tail().empty());
  }
  const std::string& own = outs.back();
  const bool good = own.find("event: error") == std::string::npos;  // errors have a code besides
  if (good && own.size() < kFrameMax) CHECK(Tell(own, between).back() == own);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const Request caller;
  const Between between{
      .request = caller, .provider = Operation::kMessages, .flavour = Flavour::kAnthropic, .request_id = "r"};
  CheckRequest(input);
  CheckAnswer(input, between);
  CheckStream(input, between);
  return 0;
}
