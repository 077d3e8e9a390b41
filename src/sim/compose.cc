#include "sim/compose.h"

#include "sim/code.h"
#include "sim/prose.h"
#include "sim/schema_value.h"
#include "sim/tool_calls.h"
#include "sim/topic.h"

namespace sim {
namespace {

constexpr std::size_t kQuotedMax = 600;  // bytes of a tool's result that an answer repeats

// A final text that uses what the tools said.
std::string UseResults(const Ask& ask, const Topic& topic) {
  std::string results;
  bool failed = false;
  for (const Message& message : ask.messages) {
    if (message.role == "user") results.clear(), failed = false;
    if (message.role != "tool") continue;
    failed = failed || message.is_error;
    if (!results.empty()) results += "; ";
    results += message.text;
  }
  if (results.size() > kQuotedMax)
    results.resize(results.rfind(' ', kQuotedMax) == std::string::npos ? kQuotedMax
                                                                       : results.rfind(' ', kQuotedMax));
  if (failed && topic.chinese)
    return "工具调用失败(" + results + "),无法回答关于" + topic.Joined() + "的问题。";
  if (failed) return "The tool failed (" + results + "), so there is no answer about " + topic.Joined() + ".";
  if (topic.chinese) return "根据工具返回的结果(" + results + "),这就是关于" + topic.Joined() + "的答案。";
  return "According to the result (" + results + "), here is the answer about " + topic.Joined() + ".";
}

std::string ContinuePrefix(const Message& prefix, const Topic& topic, base::Random& random) {
  if (prefix.text.find("```python") != std::string::npos || prefix.text.find("def ") != std::string::npos) {
    const std::string code = ContinueCode(prefix.text);
    return code == "\n" ? "def solve(value):\n    return value\n```" : code + "```";
  }
  return WriteSentence(topic, random) + WriteSentence(topic, random);
}

std::string ChatText(const Ask& ask, base::Random& random) {
  const std::string_view question = ask.LastOf("user");
  const Topic topic = FindTopic(question);
  if (ask.format == Format::kJsonSchema && !ask.schema.empty()) return ValueFor(ask.schema, question, random);
  if (ask.format != Format::kText) return FreeObject(topic, question, random);
  const Message& last = ask.messages.back();
  if (last.role == "assistant" && last.prefix) return ContinuePrefix(last, topic, random);
  if (last.role == "tool") return UseResults(ask, topic);
  return topic.kind == Kind::kCode ? WriteCode(question, topic) : WriteProse(topic, random);
}

std::string CompletionText(const Ask& ask, std::size_t prompt_index, base::Random& random) {
  const std::string_view prompt =
      prompt_index < ask.prompts.size() ? std::string_view(ask.prompts[prompt_index]) : std::string_view();
  const Topic topic = FindTopic(prompt);
  const bool code = topic.kind == Kind::kCode;
  if (ask.has_suffix && code) return FillCode(prompt, ask.suffix);
  if (code && prompt.find("def ") != std::string_view::npos) return ContinueCode(prompt);
  return (prompt.empty() || topic.chinese ? "" : " ") + WriteProse(topic, random);
}

}  // namespace

Composed Compose(const Ask& ask, std::size_t prompt_index, base::Random& random) {
  Composed composed;
  if (ask.operation != chat::Operation::kChat) {
    composed.text = CompletionText(ask, prompt_index, random);
    return composed;
  }
  composed.calls = ChooseTools(ask, random);
  if (composed.calls.empty()) composed.text = ChatText(ask, random);
  return composed;
}

std::string ComposeReasoning(const Ask& ask, base::Random& random) {
  return WriteReasoning(FindTopic(ask.LastOf("user")), random);
}

}  // namespace sim
