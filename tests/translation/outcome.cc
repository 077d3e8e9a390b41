#include "translation/outcome.h"

#include <algorithm>
#include <set>

#include "translation/leaves.h"

namespace {

using Kind = Outcome::Kind;

constexpr std::size_t kPathsShown = 3;

std::set<std::string> Values(const Leaves& leaves) {
  std::set<std::string> values;
  for (const auto& [path, value] : leaves) {
    if (!value.empty()) values.insert(value);
  }
  return values;
}

std::string Paths(const Leaves& leaves) {
  std::string text;
  std::size_t shown = 0;
  for (const auto& [path, value] : leaves) {
    if (shown++ == kPathsShown) return text + ", ...";
    text += (text.empty() ? "`" : ", `") + path + "`";
  }
  return text;
}

// `said`: what the field changed in the other dialect. `meant`: what it is in its own.
Outcome Compare(const Leaves& meant, const Leaves& said) {
  if (said.empty()) return {Kind::kLost, {}};
  if (Values(said) != Values(meant)) return {Kind::kComputed, Paths(said)};
  const bool same_place = std::all_of(said.begin(), said.end(), [&meant](const auto& leaf) {
    const auto own = meant.find(leaf.first);
    return own != meant.end() && own->second == leaf.second;
  });
  return same_place ? Outcome{Kind::kKept, {}} : Outcome{Kind::kRenamed, Paths(said)};
}

std::string_view Plain(const translate::Probe& probe, std::string_view plain) {
  return probe.without.empty() ? plain : probe.without;
}

std::size_t NamedMore(const std::vector<std::string>& with, const std::vector<std::string>& without) {
  return with.size() > without.size() ? with.size() - without.size() : 0;
}

// `name` of a dropped value as leaves are called: "messages[0].content" is "messages[].content".
std::string Uncounted(std::string_view name) {
  std::string path;
  bool counts = false;
  for (const char c : name) {
    if (c == ']') counts = false;
    if (!counts) path += c;
    if (c == '[') counts = true;
  }
  return path;
}

// Whether each of `leaves` stands in something that was dropped and named.
bool HoldersAreNamed(const Leaves& leaves, const std::vector<std::string>& dropped) {
  return std::all_of(leaves.begin(), leaves.end(), [&dropped](const auto& leaf) {
    return std::any_of(dropped.begin(), dropped.end(), [&leaf](const std::string& name) {
      const std::string holder = Uncounted(name);
      if (!leaf.first.starts_with(holder)) return false;
      const char next = leaf.first.size() == holder.size() ? '.' : leaf.first[holder.size()];
      return next == '.' || next == '[';
    });
  });
}

}  // namespace

std::string_view Name(Outcome::Kind kind) {
  switch (kind) {
    case Kind::kKept:
      return "kept";
    case Kind::kRenamed:
      return "renamed";
    case Kind::kComputed:
      return "computed";
    case Kind::kRefused:
      return "refused";
    case Kind::kIgnored:
      return "left out, named";
    case Kind::kLost:
      return "LOST";
    case Kind::kBroken:
      return "BROKEN";
  }
  return {};
}

Outcome RequestOutcome(chat::Operation from, const translate::Probe& probe, std::string_view plain,
                       const translate::Target& target) {
  const std::string_view without_body = Plain(probe, plain);
  const auto with = translate::ReadRequest(from, probe.with);
  const auto without = translate::ReadRequest(from, without_body);
  if (!with) return {Kind::kBroken, with.error().detail};
  if (!without) return {Kind::kBroken, without.error().detail};
  translate::Target dropping = target;
  dropping.drop_unsayable = true;
  const auto said_with = translate::WriteRequest(*with, dropping);
  const auto said_without = translate::WriteRequest(*without, dropping);
  if (!said_without) return {Kind::kBroken, "drop mode has refused it"};
  if (!said_with) return {Kind::kRefused, "in either mode"};
  if (said_with->unsayable > said_without->unsayable) return {Kind::kRefused, {}};
  const Leaves meant = Difference(LeavesOf(probe.with), LeavesOf(without_body));
  const Outcome outcome = Compare(meant, Difference(LeavesOf(said_with->body), LeavesOf(said_without->body)));
  if (outcome.kind != Kind::kLost) return outcome;
  if (NamedMore(said_with->dropped, said_without->dropped) > 0) return {Kind::kIgnored, {}};
  // What holds it has no word there, or is of no effect.
  if (!HoldersAreNamed(meant, said_with->dropped)) return outcome;
  return {said_with->unsayable > 0 ? Kind::kRefused : Kind::kIgnored, {}};
}

Outcome AnswerOutcome(chat::Operation from, chat::Flavour flavour, const translate::Probe& probe,
                      std::string_view plain, const translate::Request& request) {
  const translate::Between between{
      .request = request, .provider = from, .flavour = flavour, .now = 1'700'000'000, .request_id = "req_1"};
  const std::string_view without_body = Plain(probe, plain);
  const auto with = translate::TranslateAnswer(between, probe.with);
  const auto without = translate::TranslateAnswer(between, without_body);
  if (!with) return {Kind::kBroken, with.error().detail};
  if (!without) return {Kind::kBroken, without.error().detail};
  const Leaves meant = Difference(LeavesOf(probe.with), LeavesOf(without_body));
  const Outcome outcome = Compare(meant, Difference(LeavesOf(with->body), LeavesOf(without->body)));
  if (outcome.kind != Kind::kLost) return outcome;
  if (NamedMore(with->dropped, without->dropped) > 0) return {Kind::kIgnored, {}};
  return outcome;
}
