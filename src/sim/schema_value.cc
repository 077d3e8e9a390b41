#include "sim/schema_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/ascii.h"
#include "base/json_text.h"
#include "sim/json_find.h"
#include "sim/prose.h"

namespace sim {
namespace {

using wire::JsonValue;

constexpr int kDepthMax = 24;
constexpr std::size_t kOutputMax = 256 * 1024;
constexpr std::int64_t kItemsMax = 1000;

std::optional<double> FindNumber(std::string_view schema, std::string_view name) {
  const auto value = FindMember(schema, name);
  if (!value || value->kind != wire::JsonKind::kNumber) return std::nullopt;
  double number = 0;
  const auto [end, problem] =
      std::from_chars(value->raw.data(), value->raw.data() + value->raw.size(), number);
  return problem == std::errc() ? std::optional(number) : std::nullopt;
}

// Words of the question that begin with a capital and do not begin it, and runs of them: names.
std::vector<std::string> NamesIn(std::string_view question) {
  std::vector<std::string> names;
  bool joins = false;
  bool first = true;
  for (const std::string& word : WordsOf(question.substr(0, 8192), false)) {
    const bool capital = word[0] >= 'A' && word[0] <= 'Z' && word != "I";
    if (capital && !first) {
      if (joins) {
        names.back() += ' ' + word;
      } else {
        names.push_back(word);
      }
    }
    joins = capital && !first;
    first = false;
  }
  return names;
}

std::vector<std::string> NumbersIn(std::string_view question) {
  std::vector<std::string> numbers;
  for (const std::string& word : WordsOf(question.substr(0, 8192), false)) {
    if (std::all_of(word.begin(), word.end(), base::IsDigit) && word.size() < 10) numbers.push_back(word);
  }
  return numbers;
}

class ValueWriter {
 public:
  ValueWriter(std::string_view root, std::string_view question, base::Random& random)
      : root_(root),
        question_(question),
        lower_(base::Lower(question)),
        topic_(FindTopic(question)),
        names_(NamesIn(question)),
        numbers_(NumbersIn(question)),
        random_(random) {}

  void Write(std::string_view schema, std::string_view name, int depth) {
    if (depth > kDepthMax || out_.size() > kOutputMax) {
      out_ += "null";
      return;
    }
    if (const auto fixed = FindMember(schema, "const")) {
      out_ += fixed->raw;
    } else if (const auto choices = FindMember(schema, "enum"); choices && choices->IsArray()) {
      WriteEnum(choices->raw);
    } else if (const auto target = Refer(schema); !target.empty()) {
      Write(target, name, depth + 1);
    } else if (const auto first = FirstBranch(schema); !first.empty()) {
      Write(first, name, depth + 1);
    } else {
      WriteTyped(TypeOf(schema), schema, name, depth);
    }
  }

  std::string Take() { return std::move(out_); }

 private:
  static std::string TypeOf(std::string_view schema) {
    const auto type = FindMember(schema, "type");
    std::string name;
    if (type && type->IsString()) name = type->Text();
    if (type && type->IsArray()) {
      ForEachElement(type->raw, [&name](const JsonValue& one) {
        if (name.empty() && one.IsString() && !one.TextIs("null")) name = one.Text();
      });
    }
    if (name.empty())
      name = FindMember(schema, "properties") ? "object" : FindMember(schema, "items") ? "array" : "string";
    return name;
  }

  // The schema that "$ref": "#/a/b" stands for; empty if there is none.
  std::string_view Refer(std::string_view schema) const {
    const std::string path = FindText(schema, "$ref");
    if (!path.starts_with('#')) return {};
    std::string_view at = root_;
    std::string_view rest = std::string_view(path).substr(1);
    while (rest.starts_with('/')) {
      rest.remove_prefix(1);
      const std::string_view step = rest.substr(0, rest.find('/'));
      const auto next = FindMember(at, step);
      if (!next) return {};
      at = next->raw;
      rest.remove_prefix(step.size());
    }
    return at;
  }

  static std::string_view FirstBranch(std::string_view schema) {
    std::string_view first;
    for (const std::string_view name : {"anyOf", "oneOf", "allOf"}) {
      const auto branches = FindMember(schema, name);
      if (!branches || !first.empty()) continue;
      ForEachElement(branches->raw, [&first](const JsonValue& branch) {
        if (first.empty() && FindText(branch.raw, "type") != "null") first = branch.raw;
      });
    }
    return first;
  }

  // The value that the question mentions, else the first.
  void WriteEnum(std::string_view choices) {
    std::string_view first, mentioned;
    ForEachElement(choices, [&](const JsonValue& choice) {
      if (first.empty()) first = choice.raw;
      if (mentioned.empty() && choice.IsString() && !choice.IsEmptyString() &&
          lower_.find(base::Lower(choice.Text())) != std::string::npos) {
        mentioned = choice.raw;
      }
    });
    out_ += !mentioned.empty() ? mentioned : first.empty() ? std::string_view("null") : first;
  }

  void WriteTyped(std::string_view type, std::string_view schema, std::string_view name, int depth) {
    if (type == "object") {
      WriteObject(schema, depth);
    } else if (type == "array") {
      WriteArray(schema, name, depth);
    } else if (type == "integer" || type == "number") {
      WriteNumber(schema, type == "integer");
    } else if (type == "boolean") {
      out_ += random_.Below(2) == 0 ? "false" : "true";
    } else if (type == "null") {
      out_ += "null";
    } else {
      base::AppendJsonString(out_, Text(schema, name));
    }
  }

  void WriteObject(std::string_view schema, int depth) {
    out_ += '{';
    bool first = true;
    if (const auto properties = FindMember(schema, "properties")) {
      ForEachMember(properties->raw, [&](std::string_view key, const JsonValue& property) {
        if (!std::exchange(first, false)) out_ += ',';
        out_ += '"';
        out_ += key;  // escapes as they are
        out_ += "\":";
        Write(property.raw, key, depth + 1);
      });
    }
    out_ += '}';
  }

  void WriteArray(std::string_view schema, std::string_view name, int depth) {
    const std::int64_t least =
        std::clamp<std::int64_t>(FindInteger(schema, "minItems").value_or(0), 0, kItemsMax);
    const std::int64_t most = std::max(least, FindInteger(schema, "maxItems").value_or(kItemsMax));
    const std::int64_t count = std::clamp<std::int64_t>(2, least, most);
    const auto items = FindMember(schema, "items");
    out_ += '[';
    for (std::int64_t i = 0; i < count; ++i) {
      if (i > 0) out_ += ',';
      Write(items ? items->raw : std::string_view("{}"), name, depth + 1);
    }
    out_ += ']';
  }

  void WriteNumber(std::string_view schema, bool whole) {
    double value = whole ? 1 : 1.5;
    if (next_number_ < numbers_.size()) {
      const std::string& digits = numbers_[next_number_++];
      std::from_chars(digits.data(), digits.data() + digits.size(), value);
    }
    const auto above = FindNumber(schema, "exclusiveMinimum");
    const auto below = FindNumber(schema, "exclusiveMaximum");
    if (const auto least = FindNumber(schema, "minimum")) value = std::max(value, *least);
    if (above && value <= *above) value = *above + 1;
    if (const auto most = FindNumber(schema, "maximum")) value = std::min(value, *most);
    if (below && value >= *below) value = *below - (whole ? 1 : 0.5);
    if (whole) value = std::ceil(value);
    char digits[40];
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }

  std::string Text(std::string_view schema, std::string_view name) {
    const std::string format = FindText(schema, "format");
    if (format == "date") return "2026-11-22";
    if (format == "date-time") return "2026-11-22T08:00:00Z";
    if (format == "time") return "08:00:00Z";
    if (format == "email") return "ada@example.com";
    if (format == "uri") return "https://example.com/";
    if (format == "uuid") return "7d9f4c1e-0a52-4b8e-9c3d-5f2a6b1e8d40";
    const std::string field = base::Lower(name);
    std::string text;
    if (next_name_ < names_.size() && field.find("query") == std::string::npos) {
      text = names_[next_name_++];
    } else if (field.find("query") != std::string::npos || topic_.words.empty()) {
      text = topic_.Joined();
    } else {
      text = topic_.words[next_word_++ % topic_.words.size()];
    }
    const auto least = static_cast<std::size_t>(
        std::clamp<std::int64_t>(FindInteger(schema, "minLength").value_or(0), 0, 4096));
    while (text.size() < least) text += " and more";
    if (const auto most = FindInteger(schema, "maxLength");
        most && *most >= 0 && text.size() > static_cast<std::size_t>(*most)) {
      text.assign(static_cast<std::size_t>(*most), 'x');
    }
    return text;
  }

  const std::string_view root_;
  const std::string_view question_;
  const std::string lower_;
  const Topic topic_;
  const std::vector<std::string> names_;
  const std::vector<std::string> numbers_;
  base::Random& random_;
  std::size_t next_name_ = 0;
  std::size_t next_number_ = 0;
  std::size_t next_word_ = 0;
  std::string out_;
};

}  // namespace

std::string ValueFor(std::string_view schema, std::string_view question, base::Random& random) {
  ValueWriter writer(schema, question, random);
  writer.Write(schema, "", 0);
  return writer.Take();
}

std::string FreeObject(const Topic& topic, std::string_view question, base::Random& random) {
  base::JsonObject json;
  json.Add("topic", topic.Joined());
  if (!topic.result.empty()) json.Add("result", topic.result);
  std::string words = "[";
  for (const std::string& word : topic.words) {
    if (words.size() > 1) words += ',';
    base::AppendJsonString(words, word);
  }
  json.AddRaw("keywords", words + "]").Add("answer", WriteProse(topic, random));
  json.Add("question_bytes", std::uint64_t{question.size()});
  return json.Take();
}

}  // namespace sim
