#include "sim/tool_calls.h"

#include <algorithm>

#include "base/ascii.h"
#include "sim/schema_value.h"
#include "sim/topic.h"

namespace sim {
namespace {

std::size_t SharedWords(const std::vector<std::string>& question, const Tool& tool) {
  const std::string about = base::Lower(tool.name + " " + tool.description);
  return static_cast<std::size_t>(
      std::count_if(question.begin(), question.end(), [&about](const std::string& word) {
        return word.size() > 3 && about.find(word) != std::string::npos;
      }));
}

ToolCall CallOf(const Tool& tool, std::string_view question, base::Random& random) {
  if (tool.custom) return {tool.name, std::string(question), true};
  return {tool.name, tool.parameters.empty() ? "{}" : ValueFor(tool.parameters, question, random)};
}

}  // namespace

std::vector<ToolCall> ChooseTools(const Ask& ask, base::Random& random) {
  std::vector<ToolCall> calls;
  if (ask.tools.empty() || ask.tool_choice == ToolChoice::kNone) return calls;
  const std::string_view last =
      ask.messages.empty() ? std::string_view() : std::string_view(ask.messages.back().role);
  const bool forced = ask.tool_choice == ToolChoice::kRequired || ask.tool_choice == ToolChoice::kNamed;
  if (!forced && last != "user") return calls;
  const std::string_view question = ask.LastOf("user");
  for (const Tool& tool : ask.tools) {
    const bool named = ask.tool_choice == ToolChoice::kNamed
                           ? tool.name == ask.tool_named
                           : question.find(tool.name) != std::string_view::npos;
    if (!named) continue;
    calls.push_back(CallOf(tool, question, random));
    if (!ask.parallel_tools || ask.tool_choice == ToolChoice::kNamed) break;
  }
  if (!calls.empty()) return calls;
  const std::vector<std::string> words = WordsOf(question.substr(0, 4096), true);
  const auto best = std::max_element(
      ask.tools.begin(), ask.tools.end(),
      [&words](const Tool& a, const Tool& b) { return SharedWords(words, a) < SharedWords(words, b); });
  calls.push_back(CallOf(*best, question, random));
  return calls;
}

}  // namespace sim
