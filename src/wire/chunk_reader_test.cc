#include "wire/chunk_reader.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"

namespace wire {
namespace {

using chat::Operation;

class Texts final : public TextSink {
 public:
  void OnText(TextKind kind, std::string_view inside) override { all.emplace_back(kind, inside); }
  std::vector<std::pair<TextKind, std::string>> all{};
};

std::string Say(const base::Result<AnswerFacts>& facts, const Texts& texts) {
  std::string said = facts ? "facts" : "error";
  if (facts) {
    for (const std::string_view text :
         {facts->usage, facts->tool_usage, facts->service_tier.raw, facts->speed.raw, facts->model.raw}) {
      said.append("|").append(text);
    }
    said += "|" + std::to_string(facts->has_text) + std::to_string(facts->choices_empty) +
            std::to_string(static_cast<int>(facts->finish)) + std::to_string(facts->sign_of_life) +
            std::to_string(facts->ends) + std::to_string(facts->error.has_value()) +
            std::to_string(facts->sequence_number.value_or(-1));
  }
  for (const auto& [kind, text] : texts.all) said += "|" + std::to_string(static_cast<int>(kind)) + text;
  return said;
}

void ExpectSame(ChunkReader& reader, Operation operation, const std::string& payload) {
  const SseFrame frame{.kind = payload == "[DONE]" ? SseKind::kDone : SseKind::kData,
                       .bytes = payload,
                       .payload = payload,
                       .event = {}};
  Texts plain;
  Texts told;
  const std::string expected = Say(ReadFrame(operation, frame, &plain), plain);
  EXPECT_EQ(Say(reader.Read(frame, &told), told), expected) << payload;
}

std::string Chunk(const std::string& delta, const std::string& behind = "") {
  return R"({"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)" +
         delta + R"(,"finish_reason":null}],"service_tier":"default")" + behind + "}";
}

const std::vector<std::string>& ChatChunks() {
  static const std::vector<std::string> chunks = {
      Chunk(R"({"role":"assistant","content":""})"),
      Chunk(R"({"content":"Hello"})"),
      Chunk(R"({"content":" wor\"ld\n"})"),
      Chunk(R"({"content":"\u4f60 你"})"),
      Chunk(R"({"content":""})"),
      Chunk(R"({"content":"a"})"),
      Chunk(R"({"content":"b)"),
      Chunk("{\"content\":\"b\x01\"}"),
      Chunk("{\"content\":\"\xff\"}"),
      Chunk(R"({"content":"\q"})"),
      Chunk(R"({"content":"c"})"),
      Chunk(R"({"content":null})"),
      Chunk(R"({"content":"d"})", R"(,"usage":{"prompt_tokens":1})"),
      Chunk(R"({"content":"e"})", R"(,"model":"twice")"),
      Chunk(R"({"content":"f"})"),
      Chunk(R"({"reasoning_content":"think"})"),
      Chunk(R"({"reasoning_content":"more"})"),
      Chunk(R"({"reasoning":"hm"})"),
      Chunk(R"({"reasoning":"hm, so"})"),
      Chunk(R"({"reasoning_content":"a","reasoning":"a"})"),
      Chunk(R"({"reasoning_content":"b","reasoning":"b"})"),
      Chunk(R"({"reasoning_content":"c","reasoning":"b"})"),
      Chunk(R"({"content":"x","refusal":"y"})"),
      Chunk(R"({"content":"x","refusal":"z"})"),
      Chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{"}}]})"),
      Chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"}"}}]})"),
      "[DONE]",
      "{}",
      "",
      R"({"error":{"message":"no"}})"};
  return chunks;
}

TEST(ChunkReaderTest, SaysOfEachChunkWhatItWouldSayOfItAlone) {
  for (int from = 0; from < static_cast<int>(ChatChunks().size()); ++from) {
    ChunkReader reader(Operation::kChat);
    for (std::size_t i = static_cast<std::size_t>(from); i < ChatChunks().size(); ++i) {
      ExpectSame(reader, Operation::kChat, ChatChunks()[i]);
    }
  }
}

TEST(ChunkReaderTest, SaysTheSameOfAnyBytes) {
  base::Random random(41);
  std::optional<ChunkReader> reader;
  const std::string bytes = "\"\\{}[],:ab \xc3\xa9\x01";
  for (int i = 0; i < 20'000; ++i) {
    if (i % 8 == 0) reader.emplace(Operation::kChat);
    std::string payload = Chunk(R"({"content":"token )" + std::to_string(random.Below(100)) + "\"}");
    if (i % 2 == 1) payload[random.Below(payload.size())] = bytes[random.Below(bytes.size())];
    ExpectSame(*reader, Operation::kChat, payload);
  }
}

TEST(ChunkReaderTest, OtherDialectsAreReadThroughItToo) {
  ChunkReader messages(Operation::kMessages);
  const std::string begin =
      R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")";
  for (const char* const text : {"one", "two", "", "three"}) {
    ExpectSame(messages, Operation::kMessages, begin + text + "\"}}");
  }
  ExpectSame(messages, Operation::kMessages, R"({"type":"ping"})");
  ExpectSame(messages, Operation::kMessages, R"({"type":"message_stop"})");
  ChunkReader responses(Operation::kResponses);
  for (int i = 0; i < 12; ++i) {
    ExpectSame(responses, Operation::kResponses,
               R"({"type":"response.output_text.delta","sequence_number":)" + std::to_string(i) +
                   R"(,"delta":"word"})");
  }
}

TEST(ChunkReaderTest, AStreamWhoseChunksAreNotAlikeIsReadChunkByChunk) {
  ChunkReader reader(Operation::kChat);
  for (int i = 0; i < 30; ++i) {
    ExpectSame(reader, Operation::kChat,
               Chunk(R"({"content":"a"})", R"(,"obfuscation":")" + std::to_string(i) + "\""));
  }
}

}  // namespace
}  // namespace wire
