#include "sim/code.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/ascii.h"

namespace sim {
namespace {

using std::string_view;

bool IsNameChar(char c) {
  return base::IsAlnum(c) || c == '_';
}

struct Signature {
  std::string name;
  std::vector<std::string> arguments;  // names only
  std::string result;                  // the annotation; empty for none
  std::string line;                    // def ... :
};

// The last complete `def name(...)...:` of a text.
std::optional<Signature> FindSignature(string_view text) {
  for (std::size_t at = text.rfind("def "); at != string_view::npos;
       at = at == 0 ? string_view::npos : text.rfind("def ", at - 1)) {
    std::size_t i = at + 4;
    while (i < text.size() && IsNameChar(text[i])) ++i;
    Signature found;
    found.name = text.substr(at + 4, i - at - 4);
    if (found.name.empty() || i >= text.size() || text[i] != '(') continue;
    int depth = 0;
    std::string argument;
    bool naming = true;
    std::size_t end = i;
    for (; end < text.size(); ++end) {
      const char c = text[end];
      if (c == '(' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == ']' || c == '}') --depth;
      const bool separates = (c == ',' && depth == 1) || depth == 0;
      if (separates) {
        if (!argument.empty()) found.arguments.push_back(std::exchange(argument, {}));
        naming = true;
      } else if (c == ':' || c == '=') {
        naming = false;
      } else if (naming && IsNameChar(c)) {
        argument += c;
      }
      if (depth == 0) break;
    }
    if (end >= text.size()) continue;
    const std::size_t colon = text.find(':', end);
    const std::size_t line_end = text.find('\n', end);
    if (colon == string_view::npos || colon > line_end) continue;
    if (const std::size_t arrow = text.substr(end, colon - end).find("->"); arrow != string_view::npos) {
      found.result = base::TrimBlanks(text.substr(end + arrow + 2, colon - end - arrow - 2));
    }
    found.line = text.substr(at, colon - at + 1);
    return found;
  }
  return std::nullopt;
}

struct Task {
  string_view word;  // in the name or the question
  string_view name;  // of a function made from scratch
  string_view argument;
  string_view body;  // with $ for the first argument
};
constexpr auto kTasks = std::to_array<Task>({
    {"factorial", "factorial", "n",
     "    result = 1\n    for i in range(2, $ + 1):\n        result *= i\n    return result\n"},
    {"fibonacci", "fibonacci", "n",
     "    a, b = 0, 1\n    for _ in range($):\n        a, b = b, a + b\n    return a\n"},
    {"palindrome", "is_palindrome", "text", "    return $ == $[::-1]\n"},
    {"is_prime", "is_prime", "n",
     "    if $ < 2:\n        return False\n    return all($ % i for i in range(2, int($ ** 0.5) + 1))\n"},
    {"prime", "is_prime", "n",
     "    if $ < 2:\n        return False\n    return all($ % i for i in range(2, int($ ** 0.5) + 1))\n"},
    {"revers", "reverse", "text", "    return $[::-1]\n"},
    {"sort", "sort_items", "items", "    return sorted($)\n"},
    {"even", "even_numbers", "items", "    return [x for x in $ if x % 2 == 0]\n"},
    {"sum", "total", "items", "    return sum($)\n"},
    {"largest", "largest", "items", "    return max($)\n"},
    {"max", "largest", "items", "    return max($)\n"},
    {"min", "smallest", "items", "    return min($)\n"},
    {"unique", "unique", "items", "    return sorted(set($))\n"},
    {"count", "count_items", "items", "    return len($)\n"},
    {"length", "length", "text", "    return len($)\n"},
});

std::string WithArgument(string_view body, string_view argument) {
  std::string out;
  for (const char c : body) {
    if (c == '$') {
      out += argument;
    } else {
      out += c;
    }
  }
  return out;
}

const Task* FindTask(string_view lower) {
  const auto found = std::find_if(kTasks.begin(), kTasks.end(), [lower](const Task& task) {
    return lower.find(task.word) != string_view::npos;
  });
  return found == kTasks.end() ? nullptr : &*found;
}

// An expression of the annotated type.
std::string PlainValue(const Signature& signature) {
  const string_view result = signature.result;
  const bool has = !signature.arguments.empty();
  const std::string first = has ? signature.arguments.front() : "";
  if (result == "bool") return has ? "bool(" + first + ")" : "True";
  if (result == "int") return has ? "len(str(" + first + "))" : "0";
  if (result == "float") return "0.0";
  if (result == "str") return has ? "str(" + first + ")" : "\"\"";
  if (result.starts_with("List") || result.starts_with("list")) return "[]";
  if (result.starts_with("Dict") || result.starts_with("dict")) return "{}";
  if (result.starts_with("Tuple") || result.starts_with("tuple")) return "()";
  if (result == "None") return "None";
  return has ? first : "None";
}

std::string BodyOf(const Signature& signature, string_view question) {
  std::string lower = base::Lower(signature.name);
  const Task* task = FindTask(lower);
  if (task == nullptr && signature.name.size() < 3) {
    lower = base::Lower(question);
    task = FindTask(lower);
  }
  if (task != nullptr && signature.arguments.size() == 1)
    return WithArgument(task->body, signature.arguments.front());
  return "    result = " + PlainValue(signature) + "\n    return result\n";
}

// Lines of `text` before its first `def` that begin with from or import.
std::string ImportsOf(string_view text) {
  std::string imports;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const string_view line = text.substr(0, end);
    if (line.starts_with("def ")) break;
    if ((line.starts_with("from ") && line.find(" import ") != string_view::npos) ||
        line.starts_with("import ")) {
      imports += std::string(line) + '\n';
    }
    text = end == string_view::npos ? string_view() : text.substr(end + 1);
  }
  return imports.empty() ? imports : imports + "\n\n";
}

std::string NameFrom(const Topic& topic) {
  std::string name;
  for (const std::string& word : topic.words) {
    if (word == "function" || word == "python" || word == "program" || word == "code") continue;
    if (!base::IsAlnum(word[0]) || base::IsDigit(word[0])) continue;
    if (!name.empty()) name += '_';
    for (const char c : word) name += IsNameChar(c) ? c : '_';
    if (name.size() > 24) break;
  }
  return name.empty() ? "solve" : "solve_" + name;
}

}  // namespace

std::string WriteCode(string_view question, const Topic& topic) {
  std::string code;
  if (const auto signature = FindSignature(question)) {
    code = ImportsOf(question) + signature->line + "\n" + BodyOf(*signature, question);
  } else if (const Task* task = FindTask(base::Lower(question))) {
    code = "def " + std::string(task->name) + "(" + std::string(task->argument) + "):\n" +
           WithArgument(task->body, task->argument);
  } else {
    code = "def " + NameFrom(topic) + "(value):\n    result = value\n    return result\n";
  }
  const std::string after = topic.chinese
                                ? "这个函数直接返回结果,可以按需要扩展。"
                                : "The function returns its result directly and has no side effects.";
  return (topic.chinese ? "下面是一个实现:\n\n```python\n" : "Here is an implementation:\n\n```python\n") +
         code + "```\n\n" + after;
}

std::string ContinueCode(string_view prompt) {
  const auto signature = FindSignature(prompt);
  if (!signature) return "\n";
  return (prompt.ends_with('\n') ? "" : "\n") + BodyOf(*signature, prompt);
}

std::string FillCode(string_view prompt, string_view suffix) {
  const std::size_t line = prompt.rfind('\n') == string_view::npos ? 0 : prompt.rfind('\n') + 1;
  const string_view last = prompt.substr(line);
  if (base::TrimBlanks(last).empty() && !suffix.empty()) {
    const string_view first = suffix.substr(
        suffix.find_first_not_of("\n") == string_view::npos ? 0 : suffix.find_first_not_of("\n"));
    const std::size_t indent = std::max<std::size_t>(
        first.find_first_not_of(' ') == string_view::npos ? 0 : first.find_first_not_of(' '), 4);
    std::string out = last.empty() ? std::string(indent, ' ') : "";
    return out + "result = []" + (suffix.starts_with('\n') ? "" : "\n");
  }
  if (last.starts_with("def ") && last.find(':') != string_view::npos)
    return "\n    result = None" + std::string(suffix.starts_with('\n') ? "" : "\n");
  return last.ends_with('(') ? "value" : " value";
}

}  // namespace sim
