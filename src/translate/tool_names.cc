#include "translate/tool_names_internal.h"

#include <algorithm>

#include "base/ascii.h"
#include "translate/chat_writer_internal.h"

namespace translate::internal {
namespace {

bool TakesShortOnly(chat::Operation operation, chat::Flavour flavour) {
  const bool openai = flavour == chat::Flavour::kOpenai || flavour == chat::Flavour::kDeepseek;
  return openai && operation != chat::Operation::kMessages;
}

bool IsLong(JsonText name) {
  return name.inside.size() > kToolNameMax;
}

}  // namespace

std::string ShortToolName(JsonText name) {
  constexpr std::size_t kHashBytes = 16;
  constexpr std::string_view kMadeWith = "sha256-";
  if (!IsLong(name)) return std::string(name.inside);
  std::string made(name.inside.substr(0, kToolNameMax - 1 - kHashBytes));
  std::replace_if(
      made.begin(), made.end(), [](char c) { return !base::IsAlnum(c) && c != '_' && c != '-'; }, '_');
  return made.append("_").append(Hashed(name.Plain()), kMadeWith.size(), kHashBytes);
}

std::optional<Request> WithShortToolNames(const Request& request, chat::Operation operation,
                                          chat::Flavour flavour) {
  if (!TakesShortOnly(operation, flavour)) return std::nullopt;
  const auto calls_long = [](const Turn& turn) {
    return std::any_of(turn.parts.begin(), turn.parts.end(), [](const Part& part) {
      return part.kind == Part::Kind::kToolCall && IsLong(part.name);
    });
  };
  const bool any = std::any_of(request.tools.begin(), request.tools.end(),
                               [](const Tool& tool) { return IsLong(tool.name); }) ||
                   std::any_of(request.turns.begin(), request.turns.end(), calls_long) ||
                   IsLong(request.tool_choice.name);
  if (!any) return std::nullopt;
  Request renamed;
  static_cast<RequestWords&>(renamed) = request;
  const auto shorten = [&renamed](JsonText& name) {
    if (IsLong(name)) name = {renamed.Keep(ShortToolName(name))};
  };
  for (Tool& tool : renamed.tools) shorten(tool.name);
  for (Turn& turn : renamed.turns) {
    for (Part& part : turn.parts) {
      if (part.kind == Part::Kind::kToolCall) shorten(part.name);
      for (Part& named : part.inner) {
        shorten(named.name);
        if (!named.name.empty()) named.text = named.name;
      }
    }
  }
  shorten(renamed.tool_choice.name);
  return renamed;
}

ToolNames::ToolNames(const Between& between) {
  if (!TakesShortOnly(between.provider, between.flavour)) return;
  for (const Tool& tool : between.request.tools) {
    if (IsLong(tool.name)) caller_names_.emplace(ShortToolName(tool.name), tool.name);
  }
}

void ToolNames::Restore(JsonText& name) const {
  if (caller_names_.empty()) return;
  const auto own = caller_names_.find(std::string(name.inside));
  if (own != caller_names_.end()) name = own->second;
}

}  // namespace translate::internal
