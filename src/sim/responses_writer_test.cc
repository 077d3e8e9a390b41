#include "sim/responses_writer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/json_find.h"
#include "sim/responses_ask.h"
#include "wire/json_scanner.h"

namespace sim {
namespace {

Answer Plan(const std::string& more, const Fault& fault = {}, const std::string& model = "gpt-4o") {
  const std::string body = R"({"model":")" + model + R"(","input":"Explain the tides")" + more + "}";
  const auto read = ReadResponsesAsk(body, {});
  EXPECT_TRUE(read) << read.error().message;
  base::Random random(9);
  Answer answer = PlanAnswer(read->ask, HabitsOf(read->ask, Dialect::kResponses), fault, random);
  answer.usage.prompt = read->prompt.tokens.size();
  answer.responses = read->terms;
  answer.responses.message_id = "msg_1";
  if (answer.usage.reasoning > 0) answer.responses.reasoning_id = "rs_1";
  if (read->terms.summarised) answer.responses.summary = "It asks about tides.";
  if (read->terms.sealed) answer.responses.seal = "sealed";
  for (std::size_t i = 0; i < answer.choices[0].calls.size(); ++i) {
    answer.responses.call_item_ids.push_back("fc_" + std::to_string(i));
  }
  return answer;
}

struct Event {
  std::string name;
  std::string data;
  std::size_t token;
};

std::vector<Event> Stream(const Answer& answer) {
  std::vector<Event> events;
  ResponsesWriter writer(answer);
  while (const auto frame = writer.Next()) {
    const std::string bytes(frame->bytes);
    const std::size_t data = bytes.find("\ndata: ");
    EXPECT_TRUE(bytes.starts_with("event: ") && bytes.ends_with("\n\n") && data != std::string::npos);
    events.push_back({bytes.substr(7, data - 7), bytes.substr(data + 7), frame->token});
    const Event& event = events.back();
    EXPECT_TRUE(wire::ScanJson(event.data)) << bytes;
    EXPECT_EQ(FindText(event.data, "type"), event.name);
    EXPECT_EQ(FindInteger(event.data, "sequence_number"), static_cast<std::int64_t>(events.size() - 1));
  }
  return events;
}

// Runs of the same name count once.
std::string Names(const std::vector<Event>& events) {
  std::string names, last;
  for (const Event& event : events) {
    if (event.name != last) names += (names.empty() ? "" : " ") + event.name.substr(event.name.find('.') + 1);
    last = event.name;
  }
  return names;
}

std::string Joined(const std::vector<Event>& events, std::string_view name) {
  std::string joined;
  for (const Event& event : events) {
    if (event.name == name) joined += FindText(event.data, "delta");
  }
  return joined;
}

constexpr const char* kTools =
    R"(,"tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}])";

TEST(ResponsesWriterTest, AStreamOfTextHasItsEventsInOrder) {
  const Answer answer = Plan("");
  const std::vector<Event> events = Stream(answer);
  EXPECT_EQ(Names(events),
            "created in_progress output_item.added content_part.added output_text.delta output_text.done "
            "content_part.done output_item.done completed");
  EXPECT_EQ(Joined(events, "response.output_text.delta"), answer.choices[0].text);
  EXPECT_EQ(events.size(), 8 + answer.choices[0].pieces.size());
  EXPECT_EQ(events[0].token, 0u);
  EXPECT_EQ(events[4].token, 1u);
  EXPECT_EQ(events.back().token, answer.choices[0].pieces.size());
}

TEST(ResponsesWriterTest, TheLastEventHoldsTheWholeAnswer) {
  for (const char* more : {"", kTools, R"(,"max_output_tokens":16)"}) {
    const Answer answer = Plan(more);
    const std::string whole = ResponsesWriter(answer).Whole();
    EXPECT_TRUE(wire::ScanJson(whole)) << whole;
    EXPECT_EQ(FindMember(Stream(answer).back().data, "response")->raw, whole);
  }
}

TEST(ResponsesWriterTest, ACallGrowsByItsArguments) {
  const Answer answer = Plan(kTools);
  ASSERT_EQ(answer.choices[0].calls.size(), 1u);
  const std::vector<Event> events = Stream(answer);
  EXPECT_EQ(
      Names(events),
      "created in_progress output_item.added function_call_arguments.delta function_call_arguments.done "
      "output_item.done completed");
  EXPECT_EQ(Joined(events, "response.function_call_arguments.delta"), answer.choices[0].calls[0].arguments);
  EXPECT_EQ(FindText(FindMember(events.back().data, "response")->raw, "status"), "completed");
}

TEST(ResponsesWriterTest, ACustomToolIsGivenText) {
  const std::string tools = R"(,"tools":[{"type":"custom","name":"f"}])";
  const std::vector<Event> events = Stream(Plan(tools));
  EXPECT_EQ(Joined(events, "response.custom_tool_call_input.delta"), "Explain the tides");
}

TEST(ResponsesWriterTest, ThoughtsComeFirstWithTheirSummaryAndTheirSeal) {
  const std::string reasoning =
      R"(,"reasoning":{"summary":"auto"},"include":["reasoning.encrypted_content"])";
  const std::vector<Event> events = Stream(Plan(reasoning, {}, "gpt-5"));
  EXPECT_TRUE(Names(events).starts_with(
      "created in_progress output_item.added reasoning_summary_part.added reasoning_summary_text.delta "
      "reasoning_summary_text.done reasoning_summary_part.done output_item.done output_item.added"))
      << Names(events);
  EXPECT_EQ(Joined(events, "response.reasoning_summary_text.delta"), "It asks about tides.");
  const std::string whole = ResponsesWriter(Plan(reasoning, {}, "gpt-5")).Whole();
  EXPECT_NE(
      whole.find(
          R"("summary":[{"type":"summary_text","text":"It asks about tides."}],"encrypted_content":"sealed")"),
      std::string::npos)
      << whole;
}

TEST(ResponsesWriterTest, WhereTheLimitCutsTheAnswerIsIncomplete) {
  const std::vector<Event> events = Stream(Plan(R"(,"max_output_tokens":16)"));
  EXPECT_EQ(events.back().name, "response.incomplete");
  const auto response = FindMember(events.back().data, "response");
  EXPECT_EQ(FindText(response->raw, "status"), "incomplete");
  EXPECT_EQ(FindMember(response->raw, "incomplete_details")->raw, R"({"reason":"max_output_tokens"})");
  EXPECT_EQ(FindText(FindMember(events[events.size() - 2].data, "item")->raw, "status"), "incomplete");
}

TEST(ResponsesWriterTest, UsageCountsWhatWasGenerated) {
  const Answer answer = Plan("", {}, "gpt-5");
  const std::string whole = ResponsesWriter(answer).Whole();
  const auto usage = FindMember(whole, "usage");
  EXPECT_EQ(FindInteger(usage->raw, "output_tokens"), static_cast<std::int64_t>(answer.usage.completion));
  EXPECT_EQ(FindInteger(FindMember(usage->raw, "output_tokens_details")->raw, "reasoning_tokens"),
            static_cast<std::int64_t>(answer.usage.reasoning));
  EXPECT_GT(answer.usage.reasoning, 0u);
}

TEST(ResponsesWriterTest, Faults) {
  EXPECT_EQ(Stream(Plan("", *ParseFault("no_done"))).back().name, "response.output_item.done");
  EXPECT_FALSE(FindMember(ResponsesWriter(Plan("", *ParseFault("no_usage"))).Whole(), "usage"));
  const Answer failed = Plan("", *ParseFault("insufficient=3"));
  EXPECT_EQ(Stream(failed).back().name, "response.failed");
  EXPECT_EQ(FindText(FindMember(ResponsesWriter(failed).Whole(), "error")->raw, "code"), "server_error");
}

TEST(ResponsesWriterTest, DeltasArePaddedUnlessThatIsNotWanted) {
  const auto padded = Stream(Plan(""));
  EXPECT_EQ((FindText(padded[4].data, "delta") + FindText(padded[4].data, "obfuscation")).size() % 16, 0u);
  const auto bare = Stream(Plan(R"(,"stream_options":{"include_obfuscation":false})"));
  EXPECT_FALSE(FindMember(bare[4].data, "obfuscation"));
}

TEST(ResponsesWriterTest, LogprobsAreThereWhenTheyAreIncluded) {
  const auto events = Stream(Plan(R"(,"include":["message.output_text.logprobs"],"top_logprobs":2)"));
  const auto logprobs = FindMember(events[4].data, "logprobs");
  ASSERT_TRUE(logprobs && !logprobs->IsEmptyArray());
  EXPECT_NE(logprobs->raw.find("top_logprobs"), std::string_view::npos);
}

}  // namespace
}  // namespace sim
