#include <gtest/gtest.h>

#include <algorithm>
#include <span>

#include "chat/endpoint.h"
#include "translate/chat_fields_for_test.h"
#include "translate/dialects_internal.h"
#include "translate/json_value_for_test.h"
#include "translate/responses_fields_for_test.h"

namespace translate {
namespace {

// The documented fields of a dialect's requests; those of Messages have a test of their own.
struct Fields {
  chat::Operation operation;
  std::string_view base;
  std::span<const Probe> probes;
};

struct Said {
  std::string value;
  std::vector<std::string> names;
};

Said Say(chat::Operation from, std::string_view body, const Target& target) {
  Said said;
  const auto request = ReadRequest(from, body);
  EXPECT_TRUE(request) << (request ? "" : request.error().detail);
  if (!request) return said;
  Losses losses;
  std::string out;
  WordsOf(target.operation).write_request(*request, target, out, losses);
  said.value = ValueOf(out);
  EXPECT_NE(said.value.find("malformed"), 0U) << out;
  said.names = losses.Names(body);
  return said;
}

// `messages[].content[].text` for a name such as `messages[1].content[0].text`.
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
  return target.operation == chat::Operation::kMessages &&
         (field == "response_format.json_schema.strict" || field == "text.format.strict");
}

TEST(FieldsTest, NoneOfARequestIsLostWithoutAWord) {
  using chat::Flavour;
  using chat::Operation;
  const Fields dialects[] = {{Operation::kChat, kChatProbeBase, kChatRequestFields},
                             {Operation::kResponses, kResponsesProbeBase, kResponsesRequestFields}};
  const Target targets[] = {
      {.operation = Operation::kChat, .flavour = Flavour::kOpenai, .model = "gpt-5.2"},
      {.operation = Operation::kChat, .flavour = Flavour::kDeepseek, .model = "deepseek-v4-pro"},
      {.operation = Operation::kChat, .flavour = Flavour::kCompatible, .model = "qwen"},
      {.operation = Operation::kResponses, .flavour = Flavour::kOpenai, .model = "gpt-5.2"},
      {.operation = Operation::kResponses, .flavour = Flavour::kDeepseek, .model = "deepseek-v4-pro"},
      {.operation = Operation::kResponses, .flavour = Flavour::kCompatible, .model = "qwen"},
      {.operation = Operation::kMessages, .flavour = Flavour::kAnthropic, .model = "claude-opus-4-6"},
      {.operation = Operation::kMessages, .flavour = Flavour::kAnthropic, .model = "claude-sonnet-4-5"},
      {.operation = Operation::kMessages, .flavour = Flavour::kDeepseek, .model = "deepseek-v4-pro"},
  };
  for (const Fields& from : dialects) {
    for (const Probe& probe : from.probes) {
      for (const Target& target : targets) {
        const Said with = Say(from.operation, probe.with, target);
        const Said without = Say(from.operation, probe.without.empty() ? from.base : probe.without, target);
        const bool kept = with.value != without.value;
        const bool named = with.names != without.names || IsNamed(with, probe.field);
        EXPECT_TRUE(kept || named || IsAlwaysSo(probe.field, target))
            << probe.field << " to " << chat::Name(target.operation) << " " << chat::Name(target.flavour)
            << " " << target.model << "\n"
            << with.value;
      }
    }
  }
}

}  // namespace
}  // namespace translate
