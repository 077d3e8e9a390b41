// The tables of docs/translation.md, made by asking the code what becomes of each field.
//
//   translation_table FILE           fails when a table in FILE is not what the code does, or a field is lost
//   translation_table --write FILE   writes the tables into FILE, between their marks

#include <algorithm>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "translate/chat_fields_for_test.h"
#include "translate/messages_answer_probes_for_test.h"
#include "translate/messages_probes_for_test.h"
#include "translate/responses_fields_for_test.h"
#include "translation/answer_probes.h"
#include "translation/outcome.h"

namespace {

using chat::Flavour;
using chat::Operation;
using translate::Probe;

struct Side {
  Operation operation;
  Flavour flavour;
  std::string_view title;
  std::string_view model;
};

constexpr Side kSides[] = {
    {Operation::kChat, Flavour::kOpenai, "chat, OpenAI", "gpt-5-mini"},
    {Operation::kChat, Flavour::kDeepseek, "chat, DeepSeek", "deepseek-flash"},
    {Operation::kChat, Flavour::kCompatible, "chat, any other", "qwen3-8b"},
    {Operation::kResponses, Flavour::kOpenai, "Responses, OpenAI", "gpt-5-mini"},
    {Operation::kMessages, Flavour::kAnthropic, "Messages, Anthropic", "claude-sonnet-5"},
    {Operation::kMessages, Flavour::kDeepseek, "Messages, DeepSeek", "deepseek-flash"},
};

// Who else is asked whether a field of a request gets lost, without a column of its own.
constexpr Side kMoreSides[] = {
    {Operation::kResponses, Flavour::kDeepseek, "Responses, DeepSeek", "deepseek-flash"},
    {Operation::kResponses, Flavour::kCompatible, "Responses, any other", "qwen3-8b"},
    {Operation::kMessages, Flavour::kAnthropic, "Messages, Claude 4.6", "claude-opus-4-6"},
    {Operation::kMessages, Flavour::kAnthropic, "Messages, Claude 4.5", "claude-sonnet-4-5"},
};

struct Dialect {
  Operation operation;
  std::string_view name;
  std::string_view plain_request;
  std::span<const Probe> requests;
  std::string_view plain_answer;
  std::span<const Probe> answers;
};

const std::vector<Dialect>& Dialects() {
  static const std::vector<Dialect> dialects = {
      {Operation::kChat, "chat", translate::kChatProbeBase, translate::kChatRequestFields, kPlainChatAnswer,
       kChatAnswerProbes},
      {Operation::kResponses, "responses", translate::kResponsesProbeBase, translate::kResponsesRequestFields,
       kPlainResponsesAnswer, kResponsesAnswerProbes},
      {Operation::kMessages, "messages", translate::kPlainMessagesRequest, translate::kMessagesRequestProbes,
       translate::kPlainMessagesAnswer, translate::kMessagesAnswerProbes},
  };
  return dialects;
}

struct Tables {
  std::map<std::string, std::string> sections;  // by their mark
  std::map<std::string, std::map<Outcome::Kind, int>> counts;
  int bad = 0;
};

std::string Cell(const Outcome& outcome) {
  std::string cell(Name(outcome.kind));
  if (!outcome.words.empty()) cell += ": " + outcome.words;
  return cell;
}

// Fields that need no word in another API, because there it is always so, or because they name what is not
// there.
struct Implied {
  std::string_view field;
  std::string_view title_part;  // of the columns that it holds for
  std::string_view words;
};
constexpr Implied kImplied[] = {
    {"response_format.json_schema.strict", "Messages", "always so"},
    {"text.format.strict", "Messages", "always so"},
    {"text.format.name", "Messages", "schemas have no name"},
    {"input[].id", "", "which item it is means nothing to a model"},
    {"input[].status", "", "how far its provider came with it means nothing to a model"},
    {"created", "Messages caller", "it has no time; the header `date` is near it"},
    {"created_at", "Messages caller", "it has no time; the header `date` is near it"},
    {"usage.total_tokens", "", "the sum of the others"},
    {"output[].id", "", "which item it is means nothing to others"},
    {"id", "Responses caller", "one of ours, made of `x-sluice-request-id`: nobody keeps the response"},
};

Outcome Judge(Outcome outcome, const Probe& probe, const Side& side) {
  if (outcome.kind != Outcome::Kind::kLost) return outcome;
  for (const Implied& implied : kImplied) {
    if (implied.field != probe.field || side.title.find(implied.title_part) == std::string_view::npos)
      continue;
    return {Outcome::Kind::kComputed, std::string(implied.words)};
  }
  return outcome;
}

// 1 and a line on standard error if the field is lost, or its probe is none.
int IsBad(const std::string& mark, const Probe& probe, const Side& side, const Outcome& outcome) {
  if (outcome.kind != Outcome::Kind::kLost && outcome.kind != Outcome::Kind::kBroken) return 0;
  std::cerr << mark << ": " << probe.field << " to " << side.title << ": " << Cell(outcome) << '\n';
  return 1;
}

using Ask = std::function<Outcome(const Probe&, const Side&)>;

void AddTable(const std::string& mark, std::span<const Probe> probes, const std::vector<Side>& sides,
              const Ask& ask, Tables& tables) {
  std::string text = "| field |";
  std::string line = "|---|";
  for (const Side& side : sides) {
    text += " " + std::string(side.title) + " |";
    line += "---|";
  }
  text += "\n" + line + "\n";
  for (const Probe& probe : probes) {
    text += "| `" + std::string(probe.field) + "` |";
    for (const Side& side : sides) {
      const Outcome outcome = Judge(ask(probe, side), probe, side);
      tables.bad += IsBad(mark, probe, side, outcome);
      text += " " + Cell(outcome) + " |";
      ++tables.counts[mark][outcome.kind];
    }
    text += "\n";
  }
  tables.sections[mark] = text;
}

void AddRequests(const Dialect& dialect, Tables& tables) {
  const std::string mark = std::string(dialect.name) + " requests";
  const Ask ask = [&dialect](const Probe& probe, const Side& side) {
    return RequestOutcome(dialect.operation, probe, dialect.plain_request,
                          {.operation = side.operation,
                           .flavour = side.flavour,
                           .model = side.model,
                           .beta = side.flavour == Flavour::kDeepseek});
  };
  std::vector<Side> sides;
  for (const Side& side : kSides) {
    if (side.operation != dialect.operation) sides.push_back(side);
  }
  AddTable(mark, dialect.requests, sides, ask, tables);
  for (const Side& side : kMoreSides) {
    if (side.operation == dialect.operation) continue;
    for (const Probe& probe : dialect.requests)
      tables.bad += IsBad(mark, probe, side, Judge(ask(probe, side), probe, side));
  }
}

// Answers go to callers, of whom there is one per dialect.
void AddAnswers(const Dialect& dialect, Tables& tables) {
  std::vector<Side> callers;
  std::map<Operation, translate::Request> requests;
  for (const Dialect& caller : Dialects()) {
    if (caller.operation == dialect.operation) continue;
    callers.push_back({caller.operation, Flavour::kOpenai,
                       caller.operation == Operation::kChat        ? "to a chat caller"
                       : caller.operation == Operation::kResponses ? "to a Responses caller"
                                                                   : "to a Messages caller",
                       "m"});
    requests.emplace(caller.operation, *translate::ReadRequest(caller.operation, caller.plain_request));
  }
  const Flavour flavour = dialect.operation == Operation::kMessages ? Flavour::kAnthropic : Flavour::kOpenai;
  AddTable(
      std::string(dialect.name) + " answers", dialect.answers, callers,
      [&](const Probe& probe, const Side& side) {
        return AnswerOutcome(dialect.operation, flavour, probe, dialect.plain_answer,
                             requests.at(side.operation));
      },
      tables);
}

void AddCounts(Tables& tables) {
  using enum Outcome::Kind;
  std::string text =
      "| from | kept | renamed | computed | refused | left out, named |\n|---|---|---|---|---|---|\n";
  for (const auto& [mark, counts] : tables.counts) {
    text += "| " + mark + " |";
    for (const auto kind : {kKept, kRenamed, kComputed, kRefused, kIgnored}) {
      const auto count = counts.find(kind);
      text += " " + std::to_string(count == counts.end() ? 0 : count->second) + " |";
    }
    text += "\n";
  }
  tables.sections["counts"] = text;
}

// `page` with each section between its marks replaced; nullopt when a mark is missing.
std::optional<std::string> Fill(std::string page, const Tables& tables) {
  for (const auto& [mark, text] : tables.sections) {
    const std::string begin = "<!-- table: " + mark + " -->\n";
    const std::string end = "<!-- end -->";
    const std::size_t from = page.find(begin);
    const std::size_t to = from == std::string::npos ? from : page.find(end, from);
    if (to == std::string::npos) {
      std::cerr << "no place for the table '" << mark << "'\n";
      return std::nullopt;
    }
    page.replace(from + begin.size(), to - from - begin.size(), text);
  }
  return page;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool write = arguments.size() == 2 && arguments[0] == "--write";
  if (!write && arguments.size() != 1) {
    std::cerr << "usage: translation_table [--write] FILE\n";
    return 2;
  }
  const std::string& file = arguments.back();
  std::ifstream in(file);
  const std::string page((std::istreambuf_iterator<char>(in)), {});
  Tables tables;
  for (const Dialect& dialect : Dialects()) {
    AddRequests(dialect, tables);
    AddAnswers(dialect, tables);
  }
  AddCounts(tables);
  const auto filled = Fill(page, tables);
  if (!filled) return 1;
  if (write) std::ofstream(file) << *filled;
  if (tables.bad > 0) {
    std::cerr << tables.bad << " fields are lost without a word, or their probes are broken\n";
    return 1;
  }
  if (!write && *filled != page) {
    std::cerr << file << " is not what the code does; make it again with: make translation-table\n";
    return 1;
  }
  return 0;
}
