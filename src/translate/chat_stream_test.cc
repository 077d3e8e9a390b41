#include <gtest/gtest.h>

#include "translate/dialects_internal.h"
#include "wire/json_scanner.h"
#include "wire/sse.h"

namespace translate {
namespace {

// What a stream tells, one word an event: `begin0:text`, `text0(hi)`, `end0` and so on.
std::string Transcript(const std::vector<Event>& events) {
  std::string told;
  const auto say = [&](std::string_view word, int part, std::string_view text) {
    told += told.empty() ? "" : " ";
    told += word;
    if (part >= 0) told += std::to_string(part);
    told.append("(").append(text).append(")");
  };
  for (const Event& event : events) {
    switch (event.kind) {
      case Event::Kind::kStart:
        say("start", -1, std::string(event.id.inside) + "," + std::string(event.model.inside));
        break;
      case Event::Kind::kPartBegin: {
        constexpr std::string_view kKinds[] = {"text", "refusal", "image",  "document", "audio",
                                               "call", "result",  "reason", "other"};
        std::string text(kKinds[static_cast<std::size_t>(event.part_kind)]);
        if (event.custom) text += ",custom";
        if (!event.id.empty())
          text += "," + std::string(event.id.inside) + "," + std::string(event.name.inside);
        if (event.whole != nullptr) text += ",redacted:" + std::string(event.whole->signature.inside);
        say("begin", event.part, text);
        break;
      }
      case Event::Kind::kText:
        say("text", event.part, event.text.inside);
        break;
      case Event::Kind::kReasoning:
        say("think", event.part, event.text.inside);
        break;
      case Event::Kind::kSignature:
        say("seal", event.part, event.text.inside);
        break;
      case Event::Kind::kArguments:
        say("args", event.part, event.text.inside);
        break;
      case Event::Kind::kCitation:
        say("cite", event.part, event.raw);
        break;
      case Event::Kind::kLogprobs:
        say("logprobs", event.part, event.raw);
        break;
      case Event::Kind::kPartEnd:
        say("end", event.part, "");
        break;
      case Event::Kind::kFinish:
        say("finish", -1, Name(event.finish.reason));
        break;
      case Event::Kind::kUsage:
        say("usage", -1,
            std::to_string(event.usage.TotalInput()) + "," + std::to_string(event.usage.TotalOutput()));
        break;
      case Event::Kind::kAlive:
        say("alive", -1, "");
        break;
      case Event::Kind::kError:
        say("error", -1, event.error.type.Plain() + ":" + event.error.message.Plain());
        break;
      case Event::Kind::kEnd:
        say("done", -1, "");
        break;
    }
  }
  return told;
}

// The transcript of a stream, or what went wrong with it behind a `!`. Each payload is a frame; an empty one
// ends the stream.
std::string Read(const std::vector<std::string>& payloads) {
  const auto reader = MakeChatStreamReader();
  std::string told;
  for (const std::string& payload : payloads) {
    wire::SseFrame frame;
    frame.kind = payload.empty() ? wire::SseKind::kDone : wire::SseKind::kData;
    frame.payload = payload;
    std::vector<Event> events;
    const auto read = reader->Read(frame, events);
    const std::string some = Transcript(events);
    if (!some.empty()) told += (told.empty() ? "" : " ") + some;
    if (!read) return told + "!" + read.error().detail;
  }
  return told;
}

std::string Chunk(std::string_view delta, std::string_view rest = R"("finish_reason":null)") {
  return R"({"id":"i","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)" +
         std::string(delta) + "," + std::string(rest) + "}]}";
}

std::string Finish(std::string_view word) {
  return Chunk("{}", R"("finish_reason":")" + std::string(word) + '"');
}

// What is told of a stream with these deltas, behind its start.
std::string Told(const std::vector<std::string>& deltas, std::string_view finish = "stop") {
  std::vector<std::string> payloads;
  for (const std::string& delta : deltas) payloads.push_back(Chunk(delta));
  payloads.push_back(Finish(finish));
  payloads.emplace_back();
  std::string told = Read(payloads);
  const std::string start = "start(i,m) ";
  EXPECT_EQ(told.find(start), 0U) << told;
  return told.substr(std::min(told.size(), start.size()));
}

TEST(ChatStreamReaderTest, WhatOpenaiStreams) {
  EXPECT_EQ(
      Read(
          {R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"gpt-5.2","service_tier":"default",)"
           R"("system_fingerprint":null,"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},)"
           R"("logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"a1"})",
           R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"gpt-5.2","choices":[{"index":0,)"
           R"("delta":{"content":"He"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"b"})",
           R"({"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"llo \"you\""},"finish_reason":null}],"usage":null})",
           R"({"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null})",
           R"({"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12,)"
           R"("prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":)"
           R"({"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}})",
           ""}),
      R"(start(chatcmpl-1,gpt-5.2) begin0(text) text0(He) text0(llo \"you\") end0() finish(stop) usage(9,3) done())");
}

TEST(ChatStreamReaderTest, WhatDeepseekStreams) {
  EXPECT_EQ(
      Read(
          {R"({"id":"d","object":"chat.completion.chunk","created":1,"model":"deepseek-v4-pro","system_fingerprint":"fp",)"
           R"("choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":""},"logprobs":null,)"
           R"("finish_reason":null}]})",
           R"({"id":"d","choices":[{"index":0,"delta":{"content":null,"reasoning_content":"Hm"},"finish_reason":null}]})",
           R"({"id":"d","choices":[{"index":0,"delta":{"content":"4","reasoning_content":null},"finish_reason":null}]})",
           R"({"id":"d","choices":[{"index":0,"delta":{"content":"","reasoning_content":null},"logprobs":null,)"
           R"("finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":4,"total_tokens":9,)"
           R"("prompt_cache_hit_tokens":0,"prompt_cache_miss_tokens":5}})",
           ""}),
      "start(d,deepseek-v4-pro) begin0(reason) think0(Hm) end0() begin1(text) text1(4) end1() finish(stop) "
      "usage(5,4) done()");
}

TEST(ChatStreamReaderTest, WhatAzureSendsAheadIsNoStart) {
  EXPECT_EQ(
      Read(
          {R"({"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]})",
           Chunk(R"({"role":"assistant","content":"a"})"), Finish("stop"), ""}),
      "start(i,m) begin0(text) text0(a) end0() finish(stop) done()");
}

TEST(ChatStreamReaderTest, CallsOneAfterTheOtherEndAsSoonAsTheNextBegins) {
  EXPECT_EQ(
      Told(
          {R"({"role":"assistant","content":"so"})",
           R"({"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]})",
           R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]})",
           R"({"tool_calls":[{"index":0,"function":{"arguments":"\"}\"}"}}]})",
           R"({"tool_calls":[{"index":1,"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]})"},
          "tool_calls"),
      R"(begin0(text) text0(so) end0() begin1(call,c1,f) args1({\"a\":) args1(\"}\"}) end1() )"
      R"(begin2(call,c2,g) args2({}) end2() finish(tool_calls) done())");
}

TEST(ChatStreamReaderTest, CallsThatInterleaveStayOpenBesideEachOther) {
  EXPECT_EQ(Told({R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}},)"
                  R"({"index":1,"id":"b","function":{"name":"g","arguments":"{"}}]})",
                  R"({"tool_calls":[{"index":1,"function":{"arguments":"}"}}]})",
                  R"({"tool_calls":[{"index":0,"function":{"arguments":"}"}}]})"}),
            "begin0(call,a,f) args0({) begin1(call,b,g) args1({) args1(}) args0(}) end0() end1() "
            "finish(tool_calls) done()");
}

TEST(ChatStreamReaderTest, CallsAreToldApartHoweverTheProviderCountsThem) {
  const std::string two =
      "begin0(call,a,f) args0({}) end0() begin1(call,b,f) args1({}) end1() finish(tool_calls) done()";
  // All of them are number 0.
  EXPECT_EQ(Told({R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]})",
                  R"({"tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":"{}"}}]})"}),
            two);
  // None has a number.
  EXPECT_EQ(Told({R"({"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]})",
                  R"({"tool_calls":[{"id":"b","function":{"name":"f"}}]})",
                  R"({"tool_calls":[{"function":{"arguments":"{}"}}]})"}),
            two);
  // Each piece has the id and the name again.
  EXPECT_EQ(Told({R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]})",
                  R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"}"}}]})"}),
            "begin0(call,a,f) args0({) args0(}) end0() finish(tool_calls) done()");
  // The id, the name and the arguments come apart.
  EXPECT_EQ(Told({R"({"tool_calls":[{"index":0,"id":"a"}]})",
                  R"({"tool_calls":[{"index":0,"function":{"arguments":"{"}}]})",
                  R"({"tool_calls":[{"index":0,"function":{"name":"f","arguments":"}"}}]})"}),
            "begin0(call,a,f) args0({) args0(}) end0() finish(tool_calls) done()");
  // There is no id.
  EXPECT_EQ(Told({R"({"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]})"}),
            "begin0(call,call_i_0,f) args0({}) end0() finish(tool_calls) done()");
}

TEST(ChatStreamReaderTest, ACustomToolTakesFreeText) {
  EXPECT_EQ(
      Told({R"({"tool_calls":[{"index":0,"id":"a","type":"custom","custom":{"name":"f","input":"x"}}]})",
            R"({"tool_calls":[{"index":0,"custom":{"input":"}"}}]})"},
           "tool_calls"),
      "begin0(call,custom,a,f) args0(x) args0(}) end0() finish(tool_calls) done()");
}

TEST(ChatStreamReaderTest, SealedThoughtsAndRedactedOnesComeInBlocks) {
  EXPECT_EQ(
      Told(
          {R"({"reasoning_content":"a","thinking_blocks":[{"type":"thinking","thinking":"a"}]})",
           R"({"reasoning_content":"","thinking_blocks":[{"type":"thinking","thinking":"","signature":"S"}]})",
           R"({"thinking_blocks":[{"type":"thinking","thinking":"b"}]})",
           R"({"thinking_blocks":[{"type":"thinking","signature":"sluice.openai.rs.E"}]})",
           R"({"thinking_blocks":[{"type":"redacted_thinking","data":"R"}]})", R"({"content":"c"})"}),
      "begin0(reason) think0(a) seal0(S) end0() begin1(reason) think1(b) seal1(E) end1() "
      "begin2(reason,redacted:R) end2() begin3(text) text3(c) end3() finish(stop) done()");
}

TEST(ChatStreamReaderTest, ThoughtsAndTextTakeTurns) {
  EXPECT_EQ(
      Told({R"({"reasoning":"a"})", R"({"content":"b"})", R"({"reasoning":"c"})", R"({"refusal":"d"})"}),
      "begin0(reason) think0(a) end0() begin1(text) text1(b) end1() begin2(reason) think2(c) end2() "
      "begin3(refusal) text3(d) end3() finish(stop) done()");
}

TEST(ChatStreamReaderTest, AListOfPartsIsTextToo) {
  EXPECT_EQ(Told({R"({"content":[{"type":"text","text":"a"},{"type":"reference","reference_ids":[1]}]})"}),
            "begin0(text) text0(a) end0() finish(stop) done()");
}

TEST(ChatStreamReaderTest, LogprobsAndCitationsBelongToTheirText) {
  EXPECT_EQ(
      Read({Chunk(R"({"content":"a"})", R"("logprobs":{"content":[{"token":"a"}],"refusal":null})"),
            Chunk(R"({"annotations":[{"type":"url_citation"}]})"), Finish("length"), ""}),
      R"(start(i,m) begin0(text) text0(a) logprobs0([{"token":"a"}]) cite0({"type":"url_citation"}) end0() )"
      "finish(length) done()");
}

TEST(ChatStreamReaderTest, WhatComesBehindTheReasonIsNotLostAndTheLastCountsCount) {
  EXPECT_EQ(
      Read(
          {Chunk(R"({"content":"a"})"),
           R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}})",
           Chunk(R"({"content":"b"})"), R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}})",
           ""}),
      "start(i,m) begin0(text) text0(a) text0(b) end0() finish(stop) usage(1,2) done()");
}

TEST(ChatStreamReaderTest, AnErrorInTheStreamEndsIt) {
  EXPECT_EQ(Read({Chunk(R"({"content":"a"})"),
                  R"({"error":{"message":"too \"many\"","type":"overloaded","code":429}})",
                  Chunk(R"({"content":"b"})"), ""}),
            R"(start(i,m) begin0(text) text0(a) error(overloaded:too "many"))");
  EXPECT_EQ(Read({R"({"object":"error","message":"bad","type":null,"code":400})"}), "error(400:bad)");
  EXPECT_EQ(Read({R"({"error":"oops"})"}), "error(:oops)");
}

TEST(ChatStreamReaderTest, DoneWithoutAReasonIsNoGoodEnd) {
  EXPECT_EQ(Read({Chunk(R"({"content":"a"})"), ""}),
            "start(i,m) begin0(text) text0(a)!the stream ended before it said why the answer ended");
  EXPECT_EQ(Read({""}), "!the stream ended before it said why the answer ended");
}

TEST(ChatStreamReaderTest, WhatIsNoChunkIsRefused) {
  EXPECT_EQ(Read({"<html>"}), "!the body is no chunk of a stream");
  EXPECT_EQ(Read({"[]"}), "!the body is no chunk of a stream");
  EXPECT_EQ(Read({R"({"choices":[{"delta":{})"}).find("!"), 0U);
  EXPECT_EQ(Read({Chunk(R"({"content":{}})")}), "start(i,m)!'choices[0].delta.content' must be a string");
  EXPECT_EQ(Read({Chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"arguments":"x"}}]})"),
                  Finish("stop"), ""}),
            "start(i,m)!a tool call never said its name");
}

TEST(ChatStreamReaderTest, CallsHaveALimit) {
  std::string calls = R"({"tool_calls":[)";
  for (int i = 0; i < 1024; ++i) {
    calls += R"({"index":)" + std::to_string(i) + R"(,"id":"a","function":{"name":"f"}},)";
  }
  calls.back() = ']';
  EXPECT_EQ(Read({Chunk(calls + "}")}).find('!'), std::string::npos);
  calls.back() = ',';
  calls += R"({"index":1024,"id":"a","function":{"name":"f"}}]})";
  EXPECT_NE(Read({Chunk(calls)}).find("is one call too many"), std::string::npos);
}

TEST(ChatStreamReaderTest, WhatIsHeldBeforeANameHasALimit) {
  const auto held = [](std::size_t size) {
    return Read({Chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"arguments":")" +
                       std::string(size, ' ') + R"("}}]})")});
  };
  EXPECT_EQ(held(16384), "start(i,m)");
  EXPECT_NE(held(16385).find("has arguments and no name"), std::string::npos);
}

// Writes the events and gives back the frames.
std::string Write(const std::vector<Event>& events, bool include_usage = false) {
  Request request;
  request.include_usage = include_usage;
  const Between between{
      .request = request, .provider = chat::Operation::kMessages, .now = 7, .request_id = "r"};
  const auto writer = MakeChatStreamWriter(between);
  std::string out;
  for (const Event& event : events) writer->Write(event, out);
  return out;
}

Event Of(Event::Kind kind, int part = 0, std::string_view text = {}) {
  Event event;
  event.kind = kind;
  event.part = part;
  event.text = {text};
  return event;
}

Event Begin(int part, Part::Kind kind, std::string_view id = {}, std::string_view name = {}) {
  Event event = Of(Event::Kind::kPartBegin, part);
  event.part_kind = kind;
  event.id = {id};
  event.name = {name};
  return event;
}

Event Start() {
  Event event = Of(Event::Kind::kStart);
  event.id = {"msg_1"};
  event.model = {"claude"};
  event.service_tier = {"standard"};
  return event;
}

Event FinishOf(chat::FinishReason reason) {
  Event event = Of(Event::Kind::kFinish);
  event.finish.reason = reason;
  return event;
}

constexpr std::string_view kHead =
    R"(data: {"id":"msg_1","object":"chat.completion.chunk","created":7,"model":"claude","service_tier":"default")";

std::string ChunkOut(std::string_view delta, std::string_view finish = "null", std::string_view after = "") {
  return std::string(kHead) + R"(,"choices":[{"index":0,"delta":)" + std::string(delta) +
         R"(,"logprobs":null,"finish_reason":)" + std::string(finish) + "}]" + std::string(after) + "}\n\n";
}

const std::string kRole = ChunkOut(R"({"role":"assistant","content":"","refusal":null})");

TEST(ChatStreamWriterTest, TextLeavesAtOnceAndTheReasonLast) {
  EXPECT_EQ(Write({Start(), Begin(0, Part::Kind::kText), Of(Event::Kind::kText, 0, "h\\n"),
                   FinishOf(chat::FinishReason::kNone), Of(Event::Kind::kPartEnd), Of(Event::Kind::kAlive),
                   FinishOf(chat::FinishReason::kLength), Of(Event::Kind::kEnd)}),
            kRole + ChunkOut(R"({"content":"h\n"})") + ": keep-alive\n\n" + ChunkOut("{}", R"("length")") +
                "data: [DONE]\n\n");
}

TEST(ChatStreamWriterTest, CountsAreAChunkOfTheirOwnForWhoAskedForThem) {
  Event usage = Of(Event::Kind::kUsage);
  usage.usage = {.input = 3, .output = 2};
  const std::vector<Event> events = {Start(), usage, FinishOf(chat::FinishReason::kStop),
                                     Of(Event::Kind::kEnd)};
  const std::string null = R"(,"usage":null)";
  EXPECT_EQ(
      Write(events, true),
      ChunkOut(R"({"role":"assistant","content":"","refusal":null})", "null", null) +
          ChunkOut("{}", R"("stop")", null) + std::string(kHead) +
          R"(,"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"prompt_tokens_details":)"
          R"({"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}}})"
          "\n\ndata: [DONE]\n\n");
  EXPECT_EQ(Write(events, false), kRole + ChunkOut("{}", R"("stop")") + "data: [DONE]\n\n");
}

TEST(ChatStreamWriterTest, CallsAreCountedAmongThemselves) {
  EXPECT_EQ(
      Write({Start(), Begin(0, Part::Kind::kText), Of(Event::Kind::kPartEnd, 0),
             Begin(1, Part::Kind::kToolCall, "a", "f"), Begin(2, Part::Kind::kToolCall, "b", "g"),
             Of(Event::Kind::kArguments, 1, "{"), Of(Event::Kind::kArguments, 2, "{}"),
             Of(Event::Kind::kArguments, 1, "}"), Of(Event::Kind::kPartEnd, 1),
             Of(Event::Kind::kPartEnd, 2)}),
      kRole +
          ChunkOut(
              R"({"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]})") +
          ChunkOut(
              R"({"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}]})") +
          ChunkOut(R"({"tool_calls":[{"index":0,"function":{"arguments":"{"}}]})") +
          ChunkOut(R"({"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]})") +
          ChunkOut(R"({"tool_calls":[{"index":0,"function":{"arguments":"}"}}]})"));
}

TEST(ChatStreamWriterTest, ThoughtsAreWordsAndPiecesOfABlockWithItsSealLast) {
  Event seal = Of(Event::Kind::kSignature, 0, "S");
  seal.mind = Mind::kAnthropic;
  Part redacted;
  redacted.kind = Part::Kind::kReasoning;
  redacted.redacted = true;
  redacted.mind = Mind::kAnthropic;
  redacted.signature = {"R"};
  Event whole = Begin(1, Part::Kind::kReasoning);
  whole.whole = &redacted;
  EXPECT_EQ(
      Write({Start(), Begin(0, Part::Kind::kReasoning), Of(Event::Kind::kReasoning, 0, "a"), seal,
             Of(Event::Kind::kPartEnd, 0), whole, Of(Event::Kind::kPartEnd, 1)}),
      kRole +
          ChunkOut(
              R"({"reasoning_content":"a","thinking_blocks":[{"index":0,"type":"thinking","thinking":"a"}]})") +
          ChunkOut(R"({"thinking_blocks":[{"index":0,"type":"thinking","thinking":"","signature":"S"}]})") +
          ChunkOut(R"({"thinking_blocks":[{"index":1,"type":"redacted_thinking","data":"R"}]})"));
}

TEST(ChatStreamWriterTest, CitationsCountTheCharactersOfTheContent) {
  Event cite = Of(Event::Kind::kCitation, 1);
  cite.raw = "{\"url\":\"u\",\n\"title\":\"t\"}";
  EXPECT_EQ(
      Write({Start(), Begin(0, Part::Kind::kText), Of(Event::Kind::kText, 0, "\xc3\xa9"),
             Of(Event::Kind::kPartEnd, 0), Begin(1, Part::Kind::kText), cite, Of(Event::Kind::kText, 1, "ab"),
             Of(Event::Kind::kPartEnd, 1)}),
      kRole + ChunkOut("{\"content\":\"\xc3\xa9\"}") + ChunkOut(R"({"content":"ab"})") +
          ChunkOut(R"({"annotations":[{"type":"url_citation","url_citation":{"start_index":1,"end_index":3,)"
                   R"("url":"u","title":"t"}}]})"));
}

TEST(ChatStreamWriterTest, LogprobsAreOnOneLine) {
  Event logprobs = Of(Event::Kind::kLogprobs, 0);
  logprobs.raw = "[\n{\"token\":\"a\"}]";
  EXPECT_EQ(
      Write({Start(), Begin(0, Part::Kind::kText), logprobs}),
      kRole + std::string(kHead) +
          R"(,"choices":[{"index":0,"delta":{"content":""},"logprobs":{"content":[ {"token":"a"}],"refusal":null},)"
          R"("finish_reason":null}]})"
          "\n\n");
}

TEST(ChatStreamWriterTest, AnErrorIsAnEventOfItsOwn) {
  Event error = Of(Event::Kind::kError);
  error.error.type = {"overloaded_error"};
  error.error.message = {"too \\\"many\\\""};
  EXPECT_EQ(
      Write({error}),
      R"(data: {"error":{"message":"too \"many\"","type":"overloaded_error","param":null,"code":"upstream_error"}})"
      "\n\n");
}

// A stream that is read and written again, read once more, tells the same.
TEST(ChatStreamTest, WhatIsWrittenIsReadTheSame) {
  const std::vector<std::string> stream = {
      Chunk(R"({"role":"assistant","content":"","reasoning_content":"hm"})"),
      Chunk(R"({"content":"a\u00e9"})", R"("logprobs":{"content":[{"token":"a"}],"refusal":null})"),
      Chunk(
          R"({"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\""}}]})"),
      Chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]})"),
      Chunk("{}", R"("finish_reason":"tool_calls","stop_reason":"END")"),
      R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4}}})",
      ""};
  Request request;
  request.include_usage = true;
  const Between between{.request = request, .now = 1, .request_id = "r"};
  const auto reader = MakeChatStreamReader();
  const auto writer = MakeChatStreamWriter(between);
  std::string out;
  for (const std::string& payload : stream) {
    wire::SseFrame frame;
    frame.kind = payload.empty() ? wire::SseKind::kDone : wire::SseKind::kData;
    frame.payload = payload;
    std::vector<Event> events;
    ASSERT_TRUE(reader->Read(frame, events));
    for (const Event& event : events) writer->Write(event, out);
  }
  wire::SseFramer framer(1 << 20);
  framer.Feed(out);
  std::vector<std::string> again;
  while (const auto frame = framer.Next()) {
    again.emplace_back(frame->kind == wire::SseKind::kDone ? "" : frame->payload);
    EXPECT_TRUE(again.back().empty() || wire::ScanJson(again.back())) << again.back();
  }
  EXPECT_EQ(Read(again), Read(stream));
}

TEST(ChatStreamWriterTest, MoreCitationsThanMayBeKeptBreakTheStream) {
  const Request request;
  const Event citation{
      .kind = Event::Kind::kCitation, .part = 0, .raw = R"({"type":"url_citation","url":"u"})"};
  const std::uint64_t one = citation.raw.size() + sizeof(std::string);
  const Between between{.request = request, .request_id = "r", .answer_max = 2 * one};
  const auto writer = MakeChatStreamWriter(between);
  std::string out;
  EXPECT_TRUE(writer->Write({.kind = Event::Kind::kPartBegin, .part = 0}, out));
  EXPECT_TRUE(writer->Write(citation, out));
  EXPECT_TRUE(writer->Write(citation, out));
  const auto past = writer->Write(citation, out);
  ASSERT_FALSE(past);
  EXPECT_EQ(past.error().code, base::Code::kTooLarge);
}

}  // namespace
}  // namespace translate
