// How long the scanner lets a request or a chunk wait.

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "wire/answer_reader.h"
#include "wire/request.h"
#include "wire/splice.h"
#include "wire/sse.h"
#include "wire/usage_reader.h"

namespace {

constexpr std::string_view kProse =
    "You are a careful assistant. Answer in short sentences, name your sources, and say so when you do not "
    "know. ";
constexpr std::string_view kCode = R"(  if (count > 0) {\n    printf(\"%d\\n\", count);\n  }\n)";
constexpr std::string_view kChinese = "请用简短的句子回答，并说明资料来源；如果不知道，就直接说不知道。";

// A streamed chat request of about `bytes`, most of it one prompt made of `text`.
std::string Request(std::size_t bytes, std::string_view text) {
  std::string body =
      R"({"model":"deepseek-flash","stream":true,"temperature":0.7,"max_tokens":1024,"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":")";
  while (body.size() < bytes) body += text;
  return body + R"("}],"user":"ann","stream_options":{"include_usage":true}})";
}

// Tool schemas: short strings, many brackets, hardly a long run.
std::string ToolRequest(std::size_t bytes) {
  std::string body = R"({"model":"deepseek-flash","messages":[],"tools":[{})";
  while (body.size() < bytes) {
    body +=
        R"(, {"type": "function", "function": {"name": "find", "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}}, "required": ["city"]}}})";
  }
  return body + "]}";
}

void Parse(benchmark::State& state, const std::string& body) {
  for (auto _ : state) benchmark::DoNotOptimize(wire::ParseRequest(chat::Operation::kChat, body));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void ParseProse(benchmark::State& state) {
  Parse(state, Request(static_cast<std::size_t>(state.range(0)), kProse));
}
void ParseCode(benchmark::State& state) {
  Parse(state, Request(static_cast<std::size_t>(state.range(0)), kCode));
}
void ParseChinese(benchmark::State& state) {
  Parse(state, Request(static_cast<std::size_t>(state.range(0)), kChinese));
}
void ParseTools(benchmark::State& state) {
  Parse(state, ToolRequest(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(ParseProse)->Arg(1 << 10)->Arg(16 << 10)->Arg(200 << 10);
BENCHMARK(ParseCode)->Arg(1 << 10)->Arg(200 << 10);
BENCHMARK(ParseChinese)->Arg(1 << 10)->Arg(200 << 10);
BENCHMARK(ParseTools)->Arg(1 << 10)->Arg(16 << 10);

void SpliceModelAndUsage(benchmark::State& state) {
  const std::string body = R"({"model":"m","stream":true,"messages":[{"role":"user","content":"hello"}]})";
  const auto request = wire::ParseRequest(chat::Operation::kChat, body);
  for (auto _ : state)
    benchmark::DoNotOptimize(wire::Splice(*request, {.model = "other", .force_usage = true}));
}
BENCHMARK(SpliceModelAndUsage);

constexpr std::string_view kFrame =
    "data: {\"id\":\"0b5f1a5e-7c1d-4c52-8a5e\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,"
    "\"model\":\"deepseek-flash\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" answer\"},"
    "\"finish_reason\":null}],\"usage\":null}\n\n";

void FrameChunk(benchmark::State& state) {
  wire::SseFramer framer(1 << 20);
  for (auto _ : state) {
    framer.Feed(kFrame);
    while (const auto frame = framer.Next()) benchmark::DoNotOptimize(frame->payload);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kFrame.size()));
}
BENCHMARK(FrameChunk);

void FrameAndReadChunk(benchmark::State& state) {
  wire::SseFramer framer(1 << 20);
  for (auto _ : state) {
    framer.Feed(kFrame);
    while (const auto frame = framer.Next()) {
      benchmark::DoNotOptimize(wire::ReadChunk(chat::Operation::kChat, frame->payload));
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kFrame.size()));
}
BENCHMARK(FrameAndReadChunk);

void ReadUsage(benchmark::State& state) {
  constexpr std::string_view kUsage =
      R"({"prompt_tokens":1000,"completion_tokens":200,"total_tokens":1200,"prompt_tokens_details":{"cached_tokens":896},"completion_tokens_details":{"reasoning_tokens":150},"prompt_cache_hit_tokens":896,"prompt_cache_miss_tokens":104})";
  for (auto _ : state) benchmark::DoNotOptimize(wire::ReadUsage(kUsage));
}
BENCHMARK(ReadUsage);

}  // namespace
