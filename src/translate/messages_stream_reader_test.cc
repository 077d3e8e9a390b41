#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "translate/dialects_internal.h"
#include "wire/sse.h"

namespace translate {
namespace {

using Kind = Event::Kind;

// What a stream tells, one short line an event; the last line is the error that broke it, if one did.
std::vector<std::string> Tell(std::string_view stream) {
  std::vector<std::string> lines;
  const auto reader = MakeMessagesStreamReader();
  wire::SseFramer framer(1 << 20);
  framer.Feed(stream);
  while (const auto frame = framer.Next()) {
    if (frame->kind != wire::SseKind::kData && frame->kind != wire::SseKind::kDone) continue;
    std::vector<Event> events;
    const auto read = reader->Read(*frame, events);
    for (const Event& event : events) {
      const std::string part = std::to_string(event.part);
      const std::string text(event.text.inside);
      switch (event.kind) {
        case Kind::kStart:
          lines.push_back("start " + event.id.Plain() + " " + event.model.Plain() + " " +
                          event.service_tier.Plain());
          break;
        case Kind::kPartBegin:
          lines.push_back("begin " + part + " " + std::to_string(static_cast<int>(event.part_kind)) + " " +
                          event.id.Plain() + " " + event.name.Plain() +
                          (event.whole != nullptr ? "whole " + event.whole->signature.Plain() : ""));
          break;
        case Kind::kText:
          lines.push_back("text " + part + " " + text);
          break;
        case Kind::kReasoning:
          lines.push_back("reasoning " + part + " " + text);
          break;
        case Kind::kSignature:
          lines.push_back("signature " + part + " " + std::to_string(static_cast<int>(event.mind)) + " " +
                          text);
          break;
        case Kind::kArguments:
          lines.push_back("arguments " + part + " " + text);
          break;
        case Kind::kCitation:
          lines.push_back("citation " + part + " " + std::string(event.raw));
          break;
        case Kind::kLogprobs:
          lines.push_back("logprobs");
          break;
        case Kind::kPartEnd:
          lines.push_back("end " + part);
          break;
        case Kind::kFinish:
          lines.push_back("finish " + std::string(chat::Name(event.finish.reason)) + " " +
                          event.finish.stop_sequence.Plain());
          break;
        case Kind::kUsage:
          lines.push_back("usage " + std::to_string(event.usage.TotalInput()) + " " +
                          std::to_string(event.usage.TotalOutput()));
          break;
        case Kind::kAlive:
          lines.push_back("alive");
          break;
        case Kind::kError:
          lines.push_back("error " + event.error.type.Plain() + " " + event.error.message.Plain());
          break;
        case Kind::kEnd:
          lines.push_back("done");
          break;
      }
    }
    if (!read) lines.push_back(read.error().detail);
  }
  return lines;
}

using Lines = std::vector<std::string>;

constexpr std::string_view kStart =
    "event: message_start\ndata: "
    "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","
    "\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}}\n\n";

std::string Data(std::string_view json) {
  return "data: " + std::string(json) + "\n\n";
}

// As the API sends it: thoughts, text and a call, with pings and the empty pieces that blocks begin with.
TEST(MessagesStreamReaderTest, AStreamWithThoughtsAndACall) {
  constexpr std::string_view kStream = R"(event: message_start
data: {"type":"message_start","message":{"model":"claude-sonnet-4-5-20250929","id":"msg_01A","type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"cache_creation_input_tokens":10,"cache_read_input_tokens":20,"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":6},"output_tokens":1,"service_tier":"standard"}}           }

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}      }

event: ping
data: {"type": "ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"I see\n"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQBCg=="}           }

event: content_block_stop
data: {"type":"content_block_stop","index":0             }

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Look"}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"char_location","cited_text":"x"}}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: content_block_start
data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"get","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\": 1}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":2}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":3,"cache_creation_input_tokens":10,"cache_read_input_tokens":20,"output_tokens":89}               }

event: message_stop
data: {"type":"message_stop"        }

)";
  EXPECT_EQ(Tell(kStream),
            (Lines{"start msg_01A claude-sonnet-4-5-20250929 standard", "usage 33 1", "begin 0 7  ", "alive",
                   "reasoning 0 I see\\n", "signature 0 2 EqQBCg==", "end 0", "begin 1 0  ", "text 1 Look",
                   R"(citation 1 {"type":"char_location","cited_text":"x"})", "end 1",
                   "begin 2 5 toolu_1 get", "arguments 2 ", R"(arguments 2 {\"a\": 1})", "end 2",
                   "finish tool_calls ", "usage 33 89", "done"}));
}

TEST(MessagesStreamReaderTest, WhatOnlyMessagesKnowsIsOnePart) {
  const std::string stream =
      std::string(kStart) +
      Data(
          R"({"type":"content_block_start","index":0,"content_block":{"type":"redacted_thinking","data":"dd"}})") +
      Data(R"({"type":"content_block_stop","index":0})") +
      Data(
          R"({"type":"content_block_start","index":1,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}})") +
      Data(
          R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}})") +
      Data(R"({"type":"content_block_stop","index":1})");
  EXPECT_EQ(Tell(stream), (Lines{"start msg_1 m ", "usage 5 1", "begin 0 7  whole dd", "end 0",
                                 "begin 1 8  whole ", "end 1"}));
}

TEST(MessagesStreamReaderTest, InputThatComesWithTheBlockIsToldAtItsEnd) {
  const std::string begin =
      std::string(kStart) +
      Data(
          R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{"a":"b"}}})");
  const std::string end = Data(R"({"type":"content_block_stop","index":0})");
  EXPECT_EQ(Tell(begin + end).at(3), R"(arguments 0 {\"a\":\"b\"})");
  const Lines pieces = Tell(
      begin +
      Data(
          R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}})") +
      end);
  EXPECT_EQ(pieces.at(3), "arguments 0 {}");
  EXPECT_EQ(pieces.at(4), "end 0");
}

TEST(MessagesStreamReaderTest, InputThatComesWithTheBlockIsNotLostToAnEmptyPieceOrAMissingEnd) {
  const auto begin = [](const std::string& index, const std::string& input) {
    return Data(R"({"type":"content_block_start","index":)" + index +
                R"(,"content_block":{"type":"tool_use","id":"t","name":"f","input":)" + input + "}}");
  };
  const std::string stream =
      std::string(kStart) + begin("0", R"({"a":1})") +
      Data(
          R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":""}})") +
      begin("1", R"({"b":2})") +
      Data(R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":3}})") +
      Data(R"({"type":"message_stop"})");
  const Lines told = Tell(stream);
  const Lines ends(told.end() - 5, told.end());
  EXPECT_EQ(ends, (Lines{R"(arguments 0 {\"a\":1})", "end 0", R"(arguments 1 {\"b\":2})", "end 1", "done"}));
}

// Servers that only speak the dialect leave things out, and send what they hold to be harmless.
TEST(MessagesStreamReaderTest, AStreamOfAnotherServer) {
  const std::string stream =
      Data(R"({"type":"message_start","message":{"id":"x","model":"deepseek-flash"}})") +
      Data(R"({"type":"ping"})") +
      Data(R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":"first"}})") +
      Data(R"({"type":"of the future","index":7})") +
      Data(R"({"type":"content_block_delta","index":0,"delta":{"type":"newer_delta","x":1}})") +
      Data(
          R"({"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"END"},"usage":{"input_tokens":2,"output_tokens":3}})") +
      Data(R"({"type":"message_stop"})") + "data: [DONE]\n\n";
  EXPECT_EQ(Tell(stream), (Lines{"start x deepseek-flash ", "alive", "begin 0 0  ", "text 0 first",
                                 "finish stop END", "usage 2 3", "end 0", "done"}));
}

TEST(MessagesStreamReaderTest, AnErrorEndsIt) {
  EXPECT_EQ(Tell(Data(R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})") +
                 std::string(kStart)),
            (Lines{"error overloaded_error Overloaded"}));
}

TEST(MessagesStreamReaderTest, WhatIsNoStreamOfMessagesIsBroken) {
  const std::string start(kStart);
  const std::string block =
      Data(R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})");
  for (const std::string& stream :
       {Data("[]"), Data("{"), "data: [DONE]\n\n" + start, start + start, block, start + block + block,
        start + Data(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}})"),
        start + Data(R"({"type":"content_block_stop"})"), start + Data(R"({"type":"message_stop"})"),
        start + block + Data(R"({"type":"content_block_delta","index":0})"),
        start + block +
            Data(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":1}})")}) {
    const Lines lines = Tell(stream);
    ASSERT_FALSE(lines.empty());
    const bool said = lines.back().find("broken") != std::string::npos ||
                      lines.back().find("must be") != std::string::npos ||
                      lines.back().find("is no JSON") != std::string::npos;
    EXPECT_TRUE(said || stream.starts_with("data: [DONE]")) << stream << lines.back();
  }
}

TEST(MessagesStreamReaderTest, OpenBlocksHaveALimit) {
  std::string stream(kStart);
  for (int i = 0; i < 64; ++i) {
    stream += Data(R"({"type":"content_block_start","index":)" + std::to_string(i) +
                   R"(,"content_block":{"type":"text","text":""}})");
  }
  EXPECT_EQ(Tell(stream).back(), "begin 63 0  ");
  stream += Data(R"({"type":"content_block_start","index":64,"content_block":{"type":"text","text":""}})");
  EXPECT_EQ(Tell(stream).back(), "the stream of Messages is broken: more than 64 blocks are open");
}

}  // namespace
}  // namespace translate
