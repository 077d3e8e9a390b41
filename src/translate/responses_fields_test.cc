#include "translate/responses_fields_for_test.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "chat/endpoint.h"
#include "translate/dialects_internal.h"
#include "translate/json_value_for_test.h"
#include "wire/request.h"

namespace translate {
namespace {

struct Said {
  std::string value;
  std::vector<std::string> names;
};

Said Say(std::string_view body, const Target& target) {
  Said said;
  EXPECT_TRUE(wire::ParseRequest(chat::Operation::kResponses, body) ||
              body.find("background") != std::string_view::npos)
      << body;
  const auto request = ReadResponsesRequest(body);
  EXPECT_TRUE(request) << (request ? "" : request.error().detail);
  if (!request) return said;
  Losses losses;
  std::string out;
  if (target.operation == chat::Operation::kChat) WriteChatRequest(*request, target, out, losses);
  if (target.operation == chat::Operation::kResponses) WriteResponsesRequest(*request, target, out, losses);
  if (target.operation == chat::Operation::kMessages) WriteMessagesRequest(*request, target, out, losses);
  said.value = ValueOf(out);
  EXPECT_NE(said.value.find("malformed"), 0U) << out;
  said.names = losses.Names(body);
  return said;
}

// `input[].content[].text` for a name such as `input[1].content[0].text`.
std::string WithoutNumbers(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c < '0' || c > '9') out += c;
  }
  return out;
}

// Whether it, or what it stands in, is named.
bool IsNamed(const Said& said, std::string_view field) {
  return std::any_of(said.names.begin(), said.names.end(),
                     [&](const std::string& name) { return field.starts_with(WithoutNumbers(name)); });
}

// What the target does anyway when nobody asks for it.
bool IsAlwaysSo(std::string_view field, const Target& target) {
  return target.operation == chat::Operation::kMessages && field == "text.format.strict";
}

TEST(ResponsesFieldsTest, NoFieldOfARequestIsLostWithoutAWord) {
  using chat::Flavour;
  using chat::Operation;
  const Target targets[] = {
      {.operation = Operation::kResponses, .flavour = Flavour::kOpenai, .model = "gpt-5.2"},
      {.operation = Operation::kResponses, .flavour = Flavour::kDeepseek, .model = "deepseek-v4-pro"},
      {.operation = Operation::kResponses, .flavour = Flavour::kCompatible, .model = "qwen"},
      {.operation = Operation::kChat, .flavour = Flavour::kOpenai, .model = "gpt-5.2"},
      {.operation = Operation::kChat, .flavour = Flavour::kDeepseek, .model = "deepseek-v4-pro"},
      {.operation = Operation::kChat, .flavour = Flavour::kCompatible, .model = "qwen"},
      {.operation = Operation::kMessages, .flavour = Flavour::kAnthropic, .model = "claude-opus-4-6"},
      {.operation = Operation::kMessages, .flavour = Flavour::kAnthropic, .model = "claude-sonnet-4-5"},
      {.operation = Operation::kMessages, .flavour = Flavour::kDeepseek, .model = "deepseek-v4-pro"},
  };
  for (const Probe& probe : kResponsesRequestFields) {
    for (const Target& target : targets) {
      const Said with = Say(probe.with, target);
      const Said without = Say(probe.without.empty() ? kResponsesProbeBase : probe.without, target);
      const bool kept = with.value != without.value;
      const bool named = with.names != without.names || IsNamed(with, probe.field);
      EXPECT_TRUE(kept || named || IsAlwaysSo(probe.field, target))
          << probe.field << " to " << chat::Name(target.operation) << " " << chat::Name(target.flavour) << " "
          << target.model << "\n"
          << with.value;
    }
  }
}

}  // namespace
}  // namespace translate
