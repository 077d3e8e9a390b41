// What saying a request, its answer, or one chunk of a stream in another dialect costs beside passing it on.

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "translate/translate.h"
#include "wire/sse.h"

namespace {

using chat::Flavour;
using chat::Operation;

constexpr std::string_view kProse =
    "A lock gate holds the water of the upper reach until the boat is in the chamber, and then lets through "
    "just as much as it takes to bring it down. ";

std::string Text(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += kProse;
  return text;
}

std::string RequestOf(Operation operation, std::size_t bytes) {
  const std::string text = Text(bytes);
  switch (operation) {
    case Operation::kMessages:
      return R"({"model":"m","max_tokens":1024,"system":"Be brief.","messages":[{"role":"user","content":")" +
             text + R"("}]})";
    case Operation::kResponses:
      return R"({"model":"m","instructions":"Be brief.","input":")" + text + R"("})";
    default:
      return R"({"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":")" +
             text + R"("}],"max_tokens":1024})";
  }
}

std::string AnswerOf(Operation operation) {
  const std::string text = Text(400);
  switch (operation) {
    case Operation::kMessages:
      return R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":")" +
             text + R"("}],"stop_reason":"end_turn","usage":{"input_tokens":100,"output_tokens":64}})";
    case Operation::kResponses:
      return R"({"id":"resp_1","object":"response","status":"completed","model":"m","output":[{"type":"message",)"
             R"("id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":")" +
             text +
             R"(","annotations":[]}]}],"usage":{"input_tokens":100,"output_tokens":64,"total_tokens":164}})";
    default:
      return R"({"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":)"
             R"({"role":"assistant","content":")" +
             text +
             R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":64,"total_tokens":164}})";
  }
}

Flavour FlavourOf(Operation operation) {
  return operation == Operation::kMessages ? Flavour::kAnthropic : Flavour::kOpenai;
}

std::string_view ModelOf(Operation operation) {
  return operation == Operation::kMessages ? "claude-sonnet-5" : "gpt-5-mini";
}

// A request of `from` to a provider of `to`, and its answer back.
void RoundTrip(benchmark::State& state, Operation from, Operation to) {
  const std::string body = RequestOf(from, static_cast<std::size_t>(state.range(0)));
  const std::string answer = AnswerOf(to);
  for (auto _ : state) {
    const auto request = translate::ReadRequest(from, body);
    const auto said =
        translate::WriteRequest(*request, {.operation = to, .flavour = FlavourOf(to), .model = ModelOf(to)});
    const translate::Between between{
        .request = *request, .provider = to, .flavour = FlavourOf(to), .now = 1, .request_id = "req_1"};
    const auto back = translate::TranslateAnswer(between, answer);
    if (!said || !back) state.SkipWithError("it is not translated");
    benchmark::DoNotOptimize(back);
  }
}

BENCHMARK_CAPTURE(RoundTrip, chat_to_messages, Operation::kChat, Operation::kMessages)
    ->Arg(1 << 10)
    ->Arg(200 << 10);
BENCHMARK_CAPTURE(RoundTrip, chat_to_responses, Operation::kChat, Operation::kResponses)->Arg(1 << 10);
BENCHMARK_CAPTURE(RoundTrip, messages_to_chat, Operation::kMessages, Operation::kChat)
    ->Arg(1 << 10)
    ->Arg(200 << 10);
BENCHMARK_CAPTURE(RoundTrip, messages_to_responses, Operation::kMessages, Operation::kResponses)
    ->Arg(1 << 10);
BENCHMARK_CAPTURE(RoundTrip, responses_to_chat, Operation::kResponses, Operation::kChat)->Arg(1 << 10);
BENCHMARK_CAPTURE(RoundTrip, responses_to_messages, Operation::kResponses, Operation::kMessages)
    ->Arg(1 << 10);

struct Stream {
  std::string beginning;  // frames
  std::string chunk;      // the frame whose cost is measured
};

std::string Event(std::string_view name, std::string_view members) {
  return "event: " + std::string(name) + "\ndata: {\"type\":\"" + std::string(name) + "\"," +
         std::string(members) + "}\n\n";
}

std::string ChatChunk(std::string_view delta) {
  return R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,)"
         R"("delta":{)" +
         std::string(delta) + R"(},"finish_reason":null}]})" + "\n\n";
}

Stream StreamOf(Operation operation) {
  switch (operation) {
    case Operation::kMessages:
      return {
          Event("message_start", R"("message":{"id":"msg_1","type":"message","role":"assistant","model":"m",)"
                                 R"("content":[],"usage":{"input_tokens":1,"output_tokens":1}})") +
              Event("content_block_start", R"("index":0,"content_block":{"type":"text","text":""})"),
          Event("content_block_delta", R"("index":0,"delta":{"type":"text_delta","text":" water"})")};
    case Operation::kResponses:
      return {
          Event("response.created", R"("sequence_number":0,"response":{"id":"resp_1","object":"response",)"
                                    R"("status":"in_progress","model":"m","output":[]})") +
              Event("response.output_item.added",
                    R"("sequence_number":1,"output_index":0,"item":{"type":"message","id":"msg_1",)"
                    R"("role":"assistant","content":[]})") +
              Event("response.content_part.added",
                    R"("sequence_number":2,"item_id":"msg_1","output_index":0,"content_index":0,)"
                    R"("part":{"type":"output_text","text":"","annotations":[]})"),
          Event("response.output_text.delta",
                R"("sequence_number":3,"item_id":"msg_1","output_index":0,"content_index":0,)"
                R"("delta":" water")")};
    default:
      return {ChatChunk(R"("role":"assistant","content":"")"), ChatChunk(R"("content":" water")")};
  }
}

// One chunk of a provider of `to`, for a caller of `from`.
void Chunk(benchmark::State& state, Operation from, Operation to) {
  const std::string body = RequestOf(from, 100);
  const auto request = translate::ReadRequest(from, body);
  const translate::Between between{
      .request = *request, .provider = to, .flavour = FlavourOf(to), .now = 1, .request_id = "req_1"};
  const Stream stream = StreamOf(to);
  constexpr std::size_t kChunks = 10'000;  // what a stream keeps for its end is bounded
  std::string out;
  std::size_t left = 0;
  std::optional<translate::StreamTranslation> translation;
  wire::SseFramer framer(1 << 20);
  const auto take = [&](std::string_view frames) {
    framer.Feed(frames);
    while (const auto frame = framer.Next()) {
      if (!translation->Take(*frame, out)) state.SkipWithError("it is not translated");
    }
  };
  for (auto _ : state) {
    if (left == 0) {
      state.PauseTiming();
      translation.emplace(between);
      take(stream.beginning);
      left = kChunks;
      state.ResumeTiming();
    }
    --left;
    out.clear();
    take(stream.chunk);
    benchmark::DoNotOptimize(out.data());
  }
}

BENCHMARK_CAPTURE(Chunk, chat_for_messages, Operation::kMessages, Operation::kChat);
BENCHMARK_CAPTURE(Chunk, messages_for_chat, Operation::kChat, Operation::kMessages);
BENCHMARK_CAPTURE(Chunk, chat_for_responses, Operation::kResponses, Operation::kChat);
BENCHMARK_CAPTURE(Chunk, responses_for_messages, Operation::kMessages, Operation::kResponses);

}  // namespace
