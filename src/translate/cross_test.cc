#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "translate/assembled_for_test.h"
#include "translate/chat_generator_for_test.h"
#include "translate/dialects_internal.h"
#include "translate/json_value_for_test.h"
#include "translate/messages_generator_for_test.h"
#include "translate/responses_generator_for_test.h"
#include "translate/translate.h"

// Between any two dialects: what is invented in one of them is said in the other, read there by that
// dialect's own reader, and means the same.

namespace translate {
namespace {

using chat::Flavour;
using chat::Operation;

constexpr std::uint64_t kSeeds = 300;
constexpr std::array kDialects = {Operation::kChat, Operation::kResponses, Operation::kMessages};

struct Pair {
  Operation from;
  Operation to;
};

std::vector<Pair> Pairs() {
  std::vector<Pair> pairs;
  for (const Operation from : kDialects) {
    for (const Operation to : kDialects) {
      if (from != to) pairs.push_back({from, to});
    }
  }
  return pairs;
}

std::string NameOf(const testing::TestParamInfo<Pair>& info) {
  const auto word = [](Operation operation) {
    return operation == Operation::kChat        ? "Chat"
           : operation == Operation::kResponses ? "Responses"
                                                : "Messages";
  };
  return std::string(word(info.param.from)) + "To" + word(info.param.to);
}

Target TargetOf(Operation operation, bool drop) {
  const bool messages = operation == Operation::kMessages;
  return {.operation = operation,
          .flavour = messages ? Flavour::kAnthropic : Flavour::kOpenai,
          .model = messages ? "claude-sonnet-4-5" : "gpt-5.2",
          .drop_unsayable = drop};
}

std::string SharedRequest(Operation operation, std::uint64_t seed) {
  switch (operation) {
    case Operation::kChat:
      return ChatGenerator(seed).Request(ChatGenerator::Reach::kShared);
    case Operation::kResponses:
      return ResponsesGenerator(seed).Request(ResponsesGenerator::Reach::kEverywhere);
    default:
      return MessagesGenerator(seed).Request(MessagesGenerator::Reach::kShared).body;
  }
}

std::string OwnRequest(Operation operation, std::uint64_t seed) {
  switch (operation) {
    case Operation::kChat:
      return ChatGenerator(seed).Request();
    case Operation::kResponses:
      return ResponsesGenerator(seed).Request();
    default:
      return MessagesGenerator(seed).Request().body;
  }
}

struct Answered {
  std::string whole;
  std::string stream;
};

Answered SharedAnswer(Operation operation, std::uint64_t seed) {
  switch (operation) {
    case Operation::kChat: {
      const auto answer = ChatGenerator(seed).Answer(ChatGenerator::Reach::kShared);
      std::string stream;
      for (const std::string& frame : answer.frames) stream += "data: " + frame + "\n\n";
      return {answer.whole, stream};
    }
    case Operation::kResponses: {
      ResponsesGenerator generator(seed);
      std::string whole = generator.Answer(ResponsesGenerator::Reach::kEverywhere);
      std::string stream = generator.Stream(whole);
      return {std::move(whole), std::move(stream)};
    }
    default: {
      auto told = MessagesGenerator(seed).Answer(MessagesGenerator::Reach::kShared);
      return {std::move(told.whole), std::move(told.stream)};
    }
  }
}

std::string OwnStream(Operation operation, std::uint64_t seed) {
  switch (operation) {
    case Operation::kChat: {
      std::string stream;
      for (const std::string& frame : ChatGenerator(seed).Answer().frames)
        stream += "data: " + frame + "\n\n";
      return stream;
    }
    case Operation::kResponses: {
      ResponsesGenerator generator(seed);
      return generator.Stream(generator.Answer());
    }
    default:
      return MessagesGenerator(seed).Answer().stream;
  }
}

// Chat has no pictures in what a tool says: they follow behind a text of the user that begins so.
constexpr std::string_view kMoved = "Output of the tool call ";

std::string ArgumentsOf(const Part& part) {
  if (!part.input_raw.empty()) return ValueOf(part.input_raw);
  return part.custom ? std::string(part.arguments.inside) : ValueOf(part.arguments.Plain());
}

// What a part means, in one spelling for all dialects. Neighbouring texts of one speaker are one.
void AddMeaning(const Part& part, std::string& out) {
  using Kind = Part::Kind;
  switch (part.kind) {
    case Kind::kText:
      out += part.text.Plain();
      break;
    case Kind::kRefusal:
      out += "<refusal>" + part.text.Plain();
      break;
    case Kind::kToolCall:
      out += "<call " + part.id.Plain() + " " + part.name.Plain() + " " + ArgumentsOf(part) + ">";
      break;
    case Kind::kToolResult:
      out += "<result " + part.id.Plain() + " ";
      for (const Part& inner : part.inner) {
        if (inner.kind != Kind::kImage) AddMeaning(inner, out);  // see kMoved
      }
      out += ">";
      break;
    case Kind::kImage:
      out += "<image " + part.media.url.Plain() + part.media.data.Plain() + ">";
      break;
    case Kind::kReasoning:
      break;  // what becomes of it has tests of its own
    case Kind::kDocument:
    case Kind::kAudio:
    case Kind::kOther:
      out += "<other>";
      break;
  }
}

std::string MeaningOf(const Request& request) {
  std::string out;
  Role speaker = Role::kTool;
  for (const Turn& turn : request.turns) {
    std::string said;
    bool moved = false;
    for (const Part& part : turn.parts) {
      moved = part.kind == Part::Kind::kImage ? moved : part.text.inside.starts_with(kMoved);
      if (!moved) AddMeaning(part, said);
    }
    if (said.empty()) continue;
    const Role role = turn.role == Role::kDeveloper ? Role::kSystem : turn.role;
    if (role != speaker || role == Role::kTool) out += "\n" + std::to_string(static_cast<int>(role)) + ": ";
    speaker = role;
    out += said;
  }
  for (const Tool& tool : request.tools) {
    out += "\ntool " + tool.name.Plain() + ": " + tool.description.Plain();
    if (!tool.schema_raw.empty()) out += " " + ValueOf(tool.schema_raw);
  }
  return out + "\nstream " + (request.stream ? "yes" : "no");
}

std::string MeaningOf(const Answer& answer) {
  std::string out;
  for (const Part& part : answer.parts) AddMeaning(part, out);
  out += "\nmodel " + answer.model.Plain() + "\nfinish " + std::string(Name(answer.finish.reason));
  if (answer.usage) {
    out += "\nused " + std::to_string(answer.usage->TotalInput()) + " (" +
           std::to_string(answer.usage->cached_input) + " cached, " +
           std::to_string(answer.usage->cache_write_5m) + " + " +
           std::to_string(answer.usage->cache_write_1h) + " written) and " +
           std::to_string(answer.usage->TotalOutput()) + " (" + std::to_string(answer.usage->reasoning) +
           " thought)";
  }
  return out;
}

// Feeds a stream as it comes, `bytes` at a time.
template <class Take>
void ForEachFrame(std::string_view stream, std::size_t bytes, Take&& take) {
  wire::SseFramer framer(1 << 20);
  for (std::size_t at = 0; at < stream.size(); at += bytes) {
    framer.Feed(stream.substr(at, bytes));
    while (const auto frame = framer.Next()) {
      if (frame->kind == wire::SseKind::kData || frame->kind == wire::SseKind::kDone) take(*frame);
    }
  }
}

std::string TranslateStream(const Between& between, std::string_view stream) {
  StreamTranslation translation(between);
  std::string out;
  ForEachFrame(stream, 4096, [&](const wire::SseFrame& frame) {
    const auto taken = translation.Take(frame, out);
    EXPECT_TRUE(taken) << taken.error().detail << "\n" << frame.bytes;
  });
  std::string more;
  translation.Break("server_error", "broken", "It broke.", more);
  EXPECT_EQ(more, "") << "it has not ended: " << stream;
  return out;
}

// The same JSON, a line for each value: as people write it, and as some servers do.
std::string Spread(std::string_view json) {
  std::string out;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    out += c;
    if (in_string && c == '\\') out += json[++i];
    if (c == '"') in_string = !in_string;
    if (!in_string && (c == '{' || c == '[' || c == ',')) out += "\r\n ";
  }
  return out;
}

// The same stream with each event spread, which takes several `data:` lines.
std::string SpreadEvents(std::string_view stream) {
  std::string out;
  while (!stream.empty()) {
    const std::size_t end = std::min(stream.find('\n'), stream.size() - 1);
    const std::string_view plain = stream.substr(0, end);
    const std::string line = plain.starts_with("data: {") ? Spread(plain) : std::string(plain);
    stream.remove_prefix(end + 1);
    for (std::size_t at = 0; at <= line.size();) {
      const std::size_t next = std::min(line.find("\r\n", at), line.size());
      if (at > 0) out += "data:";
      out.append(line, at, next - at).append("\n");
      at = next + 2;
    }
  }
  return out;
}

// Whether nothing but fields and comments of events stands in it: what has a line end inside has not.
bool IsOneLineEach(std::string_view stream) {
  while (!stream.empty()) {
    const std::size_t end = std::min(stream.find('\n'), stream.size() - 1);
    const std::string_view line = stream.substr(0, end);
    if (!line.empty() && !line.starts_with("data: ") && !line.starts_with("event: ") && line[0] != ':') {
      return false;
    }
    stream.remove_prefix(end + 1);
  }
  return true;
}

// What the events of a stream say, blanks aside.
std::vector<std::string> ValuesOf(std::string_view stream) {
  std::vector<std::string> values;
  ForEachFrame(stream, stream.size() + 1, [&](const wire::SseFrame& frame) {
    values.push_back(frame.kind == wire::SseKind::kDone ? "[DONE]" : ValueOf(frame.payload));
  });
  return values;
}

// Of what a provider keeps nobody else can be asked.
bool IsElsewhere(std::string_view field) {
  return field == "previous_response_id" || field == "conversation" || field == "prompt";
}

class CrossTest : public testing::TestWithParam<Pair> {};

TEST_P(CrossTest, WhatEveryDialectCanSayMeansTheSameThereAndBackHere) {
  const auto [from, to] = GetParam();
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const std::string body = SharedRequest(from, seed);
    const auto request = ReadRequest(from, body);
    ASSERT_TRUE(request) << request.error().detail << "\n" << body;
    const auto there = WriteRequest(*request, TargetOf(to, false));
    ASSERT_TRUE(there) << "seed " << seed << ": " << there.error().detail << "\n" << body;
    const auto read = ReadRequest(to, there->body);
    ASSERT_TRUE(read) << "seed " << seed << ": " << read.error().detail << "\n" << there->body;
    EXPECT_EQ(MeaningOf(*read), MeaningOf(*request)) << "seed " << seed << "\n"
                                                     << body << "\n"
                                                     << there->body;
    const auto back = WriteRequest(*read, TargetOf(from, false));
    ASSERT_TRUE(back) << "seed " << seed << ": " << back.error().detail << "\n" << there->body;
    const auto again = ReadRequest(from, back->body);
    ASSERT_TRUE(again) << "seed " << seed << ": " << again.error().detail << "\n" << back->body;
    EXPECT_EQ(MeaningOf(*again), MeaningOf(*request)) << "seed " << seed << "\n" << back->body;
    if (HasFailure()) return;
  }
}

TEST_P(CrossTest, WhatOnlyOneDialectCanSayLeavesAValidRequestWhenItIsDropped) {
  const auto [from, to] = GetParam();
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const std::string body = OwnRequest(from, seed);
    const auto request = ReadRequest(from, body);
    ASSERT_TRUE(request) << request.error().detail << "\n" << body;
    const auto said = WriteRequest(*request, TargetOf(to, true));
    if (!said && IsElsewhere(said.error().field)) continue;
    ASSERT_TRUE(said) << "seed " << seed << ": " << said.error().detail;
    const auto read = ReadRequest(to, said->body);
    ASSERT_TRUE(read) << "seed " << seed << ": " << read.error().detail << "\n" << body << "\n" << said->body;
    EXPECT_FALSE(read->turns.empty()) << "seed " << seed << "\n" << body << "\n" << said->body;
    const auto strict = WriteRequest(*request, TargetOf(to, false));
    EXPECT_EQ(strict.has_value(), said->unsayable == 0) << "seed " << seed << "\n" << body;
  }
}

TEST_P(CrossTest, AnAnswerMeansTheSameInTheCallersDialect) {
  const auto [from, to] = GetParam();
  const std::string asked = SharedRequest(to, 1);
  const auto request = ReadRequest(to, asked);
  ASSERT_TRUE(request);
  const Between between{.request = *request,
                        .provider = from,
                        .flavour = TargetOf(from, false).flavour,
                        .now = 1,
                        .request_id = "req_1"};
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const std::string body = SharedAnswer(from, seed).whole;
    const auto answer = WordsOf(from).read_answer(body);
    ASSERT_TRUE(answer) << answer.error().detail << "\n" << body;
    const auto said = TranslateAnswer(between, body);
    ASSERT_TRUE(said) << "seed " << seed << ": " << said.error().detail << "\n" << body;
    const auto read = WordsOf(to).read_answer(said->body);
    ASSERT_TRUE(read) << "seed " << seed << ": " << read.error().detail << "\n" << said->body;
    EXPECT_EQ(MeaningOf(*read), MeaningOf(*answer)) << "seed " << seed << "\n" << body << "\n" << said->body;
    if (HasFailure()) return;
  }
}

TEST_P(CrossTest, ATranslatedStreamAddsUpToTheTranslatedWhole) {
  const auto [from, to] = GetParam();
  const std::string asked = SharedRequest(to, 1);
  const auto request = ReadRequest(to, asked);
  ASSERT_TRUE(request);
  Request asking = *ReadRequest(to, asked);
  asking.include_usage = true;
  const Between between{.request = asking,
                        .provider = from,
                        .flavour = TargetOf(from, false).flavour,
                        .now = 1,
                        .request_id = "req_1"};
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Answered answered = SharedAnswer(from, seed);
    const auto whole = TranslateAnswer(between, answered.whole);
    ASSERT_TRUE(whole) << whole.error().detail;
    const auto expected = WordsOf(to).read_answer(whole->body);
    ASSERT_TRUE(expected) << expected.error().detail;
    const std::string stream = TranslateStream(between, answered.stream);
    const auto reader = WordsOf(to).make_reader();
    Assembled assembled;
    std::vector<Event> events;
    ForEachFrame(stream, stream.size() + 1, [&](const wire::SseFrame& frame) {
      events.clear();
      const auto read = reader->Read(frame, events);
      EXPECT_TRUE(read) << read.error().detail << "\n" << frame.bytes;
      for (const Event& event : events) assembled.Take(event);
    });
    EXPECT_TRUE(assembled.ended()) << "seed " << seed << "\n" << stream;
    EXPECT_EQ(MeaningOf(assembled.Get()), MeaningOf(*expected)) << "seed " << seed << "\n"
                                                                << answered.stream << "\n"
                                                                << stream;
    if (HasFailure()) return;
  }
}

TEST_P(CrossTest, AStreamIsTheSameHoweverItsBytesAreCut) {
  const auto [from, to] = GetParam();
  const std::string asked = SharedRequest(to, 1);
  const auto request = ReadRequest(to, asked);
  ASSERT_TRUE(request);
  const Between between{.request = *request,
                        .provider = from,
                        .flavour = TargetOf(from, false).flavour,
                        .now = 1,
                        .request_id = "req_1"};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::string stream = SharedAnswer(from, seed).stream;
    const std::string expected = TranslateStream(between, stream);
    for (const std::size_t bytes : {std::size_t{1}, std::size_t{7}, std::size_t{100}}) {
      StreamTranslation translation(between);
      std::string out;
      ForEachFrame(stream, bytes,
                   [&](const wire::SseFrame& frame) { EXPECT_TRUE(translation.Take(frame, out)); });
      ASSERT_EQ(out, expected) << "seed " << seed << ", " << bytes << " bytes at a time";
    }
  }
}

// A response that says why it failed, its status 200.
constexpr std::string_view kFailed =
    R"({"id":"r","object":"response","status":"failed","model":"m","output":[],)"
    R"("error":{"code":"context_length_exceeded","message":"Too \"long\"."}})";

Between ToResponses(const Request& request) {
  return {.request = request, .provider = Operation::kResponses, .now = 1, .request_id = "req_1"};
}

TEST(TranslateAnswerTest, AResponseThatFailedForItsRequestIsAnErrorOfTheCallersDialect) {
  const auto chat =
      ReadRequest(Operation::kChat, R"({"model":"m","messages":[{"role":"user","content":"q"}]})");
  const auto to_chat = TranslateAnswer(ToResponses(*chat), kFailed);
  ASSERT_TRUE(to_chat) << to_chat.error().detail;
  EXPECT_EQ(to_chat->error_status, 400);
  EXPECT_EQ(to_chat->body,
            R"({"error":{"message":"Too \"long\".","type":"invalid_request_error","param":null,)"
            R"("code":"context_length_exceeded"}})");
  const auto messages = ReadRequest(
      Operation::kMessages, R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":"q"}]})");
  const auto to_messages = TranslateAnswer(ToResponses(*messages), kFailed);
  ASSERT_TRUE(to_messages) << to_messages.error().detail;
  EXPECT_EQ(to_messages->error_status, 400);
  EXPECT_EQ(to_messages->body,
            R"({"type":"error","error":{"type":"invalid_request_error","message":"Too \"long\".",)"
            R"("code":"context_length_exceeded"},"request_id":"req_1"})");
}

TEST(TranslateAnswerTest, AFailureThatDoesNotSayWhyIsNoAnswer) {
  const auto request =
      ReadRequest(Operation::kChat, R"({"model":"m","messages":[{"role":"user","content":"q"}]})");
  EXPECT_FALSE(TranslateAnswer(ToResponses(*request), R"({"status":"failed","error":null,"output":[]})"));
}

TEST(StreamTranslationTest, AResponseThatFailedIsAnErrorEventAndNothingElse) {
  const std::string stream =
      R"(data: {"type":"response.failed","response":)" + std::string(kFailed) + "}\n\n";
  const auto say = [&](const Request& request) {
    const Between between = ToResponses(request);
    StreamTranslation translation(between);
    std::string out;
    ForEachFrame(stream, 4096,
                 [&](const wire::SseFrame& frame) { EXPECT_TRUE(translation.Take(frame, out)); });
    return out;
  };
  EXPECT_EQ(
      say(*ReadRequest(Operation::kChat, R"({"model":"m","messages":[{"role":"user","content":"q"}]})")),
      R"(data: {"error":{"message":"Too \"long\".","type":"context_length_exceeded","param":null,)"
      R"("code":"context_length_exceeded"}})"
      "\n\n");
  EXPECT_EQ(say(*ReadRequest(Operation::kMessages,
                             R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":"q"}]})")),
            "event: error\n"
            R"(data: {"type":"error","error":{"type":"invalid_request_error","message":"Too \"long\".",)"
            R"("code":"context_length_exceeded"},"request_id":"req_1"})"
            "\n\n");
}

TEST(StreamTranslationTest, AnAnswerThatMayNotBeKeptIsToldToWhoeverPassesIt) {
  const auto request = ReadRequest(Operation::kResponses, R"({"model":"m","input":"q","stream":true})");
  const Between between{
      .request = *request, .provider = Operation::kChat, .now = 1, .request_id = "req_1", .answer_max = 1000};
  StreamTranslation translation(between);
  std::string out;
  std::vector<bool> taken;
  const std::string stream = R"(data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"a"}}]})"
                             "\n\n"
                             R"(data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":")" +
                             std::string(1000, 'x') + "\"}}]}\n\n";
  ForEachFrame(stream, 4096, [&](const wire::SseFrame& frame) {
    taken.push_back(translation.Take(frame, out).has_value());
  });
  EXPECT_EQ(taken, (std::vector<bool>{true, false}));
  translation.Break("server_error", "not_translatable", "It broke.", out);
  EXPECT_NE(out.find("event: error\n"), std::string::npos) << out;
}

TEST(WriteRequestTest, NothingIsNotMadeAQuestion) {
  for (const auto& [operation, body] :
       {std::pair(Operation::kMessages, R"({"model":"m","max_tokens":9,"messages":[]})"),
        {Operation::kChat, R"({"model":"m","messages":[]})"},
        {Operation::kResponses, R"({"model":"m"})"}}) {
    const auto request = ReadRequest(operation, body);
    if (!request) continue;  // refused already
    for (const Operation to : kDialects) {
      const auto said = WriteRequest(*request, TargetOf(to, true));
      ASSERT_FALSE(said) << body << said->body;
      EXPECT_EQ(said.error().field, operation == Operation::kResponses ? "input" : "messages");
    }
  }
}

TEST(WriteRequestTest, WhatAModelMayThinkIsOnlyNamedWhereItNeverDoes) {
  const auto asked = [](const std::string& thinking) {
    return R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}],"thinking":{"type":)" +
           thinking + R"(},"output_config":{"effort":"high"}})";
  };
  const std::string may = asked(R"("adaptive")");
  const std::string must = asked(R"("enabled","budget_tokens":2048)");
  for (const Operation to : {Operation::kChat, Operation::kResponses}) {
    const auto request = ReadRequest(Operation::kMessages, may);
    const auto said = WriteRequest(*request, {.operation = to, .model = "gpt-4o-mini"});
    ASSERT_TRUE(said) << said.error().detail;
    EXPECT_EQ(said->dropped, (std::vector<std::string>{"thinking", "output_config.effort"}));
    EXPECT_EQ(said->body.find("effort"), std::string::npos) << said->body;
    EXPECT_FALSE(
        WriteRequest(*ReadRequest(Operation::kMessages, must), {.operation = to, .model = "gpt-4o"}));
  }
}

TEST(DeepseekMessagesTest, ItsThoughtsAreMarkedAsItsOwn) {
  const std::string asked = R"({"model":"m","messages":[{"role":"user","content":"q"}]})";
  const auto request = ReadRequest(Operation::kChat, asked);
  const Between between{.request = *request,
                        .provider = Operation::kMessages,
                        .flavour = Flavour::kDeepseek,
                        .now = 1,
                        .request_id = "req_1"};
  const auto said = TranslateAnswer(
      between,
      R"({"id":"m","type":"message","role":"assistant","model":"deepseek-flash","content":[{"type":"thinking",)"
      R"("thinking":"hm","signature":"s1"},{"type":"text","text":"a"}],"stop_reason":"end_turn",)"
      R"("usage":{"input_tokens":1,"output_tokens":1}})");
  ASSERT_TRUE(said);
  EXPECT_NE(said->body.find(R"("reasoning_content":"hm")"), std::string::npos) << said->body;
  EXPECT_NE(said->body.find(R"("signature":"sluice.of.deepseek..s1")"), std::string::npos) << said->body;
  const std::string stream = TranslateStream(
      between,
      "data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"d\",\"content\":[]}}\n\n"
      "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\","
      "\"thinking\":\"\",\"signature\":\"\"}}\n\n"
      "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\","
      "\"thinking\":\"hm\"}}\n\n"
      "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\","
      "\"signature\":\"s1\"}}\n\n"
      "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
      "data: "
      "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":1}}"
      "\n\ndata: {\"type\":\"message_stop\"}\n\n");
  EXPECT_NE(stream.find(R"("reasoning_content":"hm")"), std::string::npos) << stream;
  EXPECT_NE(stream.find(R"("signature":"sluice.of.deepseek..s1")"), std::string::npos) << stream;
}

TEST_P(CrossTest, LineEndsInWhatWasAskedAndAnsweredBreakNoStream) {
  const auto [from, to] = GetParam();
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const std::string plainly_asked = OwnRequest(to, seed);
    const std::string asked = Spread(plainly_asked);
    const auto plain_request = ReadRequest(to, plainly_asked);
    const auto request = ReadRequest(to, asked);
    ASSERT_TRUE(plain_request && request) << asked;
    Between between{.request = *plain_request,
                    .provider = from,
                    .flavour = TargetOf(from, false).flavour,
                    .now = 1,
                    .request_id = "req_1"};
    const std::string stream = OwnStream(from, seed);
    const std::string expected = TranslateStream(between, stream);
    const Between spread{
        .request = *request, .provider = from, .flavour = between.flavour, .now = 1, .request_id = "req_1"};
    const std::string said = TranslateStream(spread, SpreadEvents(stream));
    ASSERT_TRUE(IsOneLineEach(said)) << "seed " << seed << "\n" << said;
    EXPECT_EQ(ValuesOf(said), ValuesOf(expected)) << "seed " << seed;
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(EachWay, CrossTest, testing::ValuesIn(Pairs()), NameOf);

}  // namespace
}  // namespace translate
