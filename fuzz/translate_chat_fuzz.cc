// Whatever bytes come as a request, an answer or a stream of chat completions are read or refused; what is
// read is said in each dialect as well-formed JSON, and every name that is told can stand in a header.

#include <array>
#include <cstddef>
#include <cstdint>
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

constexpr std::size_t kFrameMax = 1 << 16;

void CheckNames(const std::vector<std::string>& names) {
  CHECK(names.size() <= translate::kDroppedNamesMax + 1);
  for (const std::string& name : names) {
    CHECK(!name.empty());
    for (const char c : name) CHECK(c > ' ' && c < 0x7f && c != ',');
  }
}

void CheckError(const base::Error& error) {
  CHECK(error.code == base::Code::kInvalid && !error.detail.empty() && base::IsUtf8(error.detail));
}

void SayRequest(std::string_view body) {
  if (!wire::ParseRequest(Operation::kChat, body)) return;
  const auto request = translate::ReadChatRequest(body);
  if (!request) return CheckError(request.error());
  for (const Flavour flavour :
       {Flavour::kOpenai, Flavour::kDeepseek, Flavour::kAnthropic, Flavour::kCompatible}) {
    const translate::Target target{.flavour = flavour, .model = "gpt-5.2"};
    for (const auto write :
         {translate::WriteChatRequest, translate::WriteResponsesRequest, translate::WriteMessagesRequest}) {
      std::string out;
      translate::Losses losses;
      write(*request, target, out, losses);
      CHECK(wire::ScanJson(out).has_value());
      CheckNames(losses.Names(body));
      if (losses.AnyUnsayable()) CheckError(losses.Refusal(body, "it"));
    }
  }
}

void SayAnswer(std::string_view body, const translate::Between& between) {
  const auto answer = translate::ReadChatAnswer(body);
  if (!answer) return CheckError(answer.error());
  for (const auto write :
       {translate::WriteChatAnswer, translate::WriteResponsesAnswer, translate::WriteMessagesAnswer}) {
    std::string out;
    translate::Losses losses;
    write(*answer, between, out, losses);
    CHECK(wire::ScanJson(out).has_value());
    CheckNames(losses.Names(body));
  }
}

// Each frame that is written is one.
void CheckFrames(std::string_view frames) {
  wire::SseFramer framer(frames.size() + 1);
  framer.Feed(frames);
  while (const auto frame = framer.Next()) {
    if (frame->kind == wire::SseKind::kData) CHECK(wire::ScanJson(frame->payload).has_value());
  }
  CHECK(framer.Tail().empty());
}

void SayStream(std::string_view stream, const translate::Between& between) {
  const auto reader = translate::MakeChatStreamReader();
  const std::array writers = {translate::MakeChatStreamWriter(between),
                              translate::MakeResponsesStreamWriter(between),
                              translate::MakeMessagesStreamWriter(between)};
  std::array<std::string, writers.size()> outs;
  wire::SseFramer framer(kFrameMax);
  framer.Feed(stream);
  while (const auto frame = framer.Next()) {
    if (frame->kind != wire::SseKind::kData && frame->kind != wire::SseKind::kDone) continue;
    std::vector<translate::Event> events;
    const auto read = reader->Read(*frame, events);
    for (const translate::Event& event : events) {
      for (std::size_t i = 0; i < writers.size(); ++i) writers[i]->Write(event, outs[i]);
    }
    if (read) continue;
    CheckError(read.error());
    break;
  }
  for (const std::string& out : outs) CheckFrames(out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  SayRequest(bytes);
  translate::Request caller;
  caller.include_usage = true;
  const translate::Between between{.request = caller, .provider = Operation::kChat, .request_id = "r"};
  SayAnswer(bytes, between);
  SayStream(bytes, between);
  return 0;
}
