#include "translate/carried.h"

#include <algorithm>

#include "base/ascii.h"

namespace translate {
namespace {

constexpr std::string_view kOpenai = "openai.";
constexpr std::string_view kAnthropic = "anthropic.";
constexpr std::string_view kRedacted = "anthropic-redacted.";
constexpr std::string_view kPlain = "plain.";
constexpr std::string_view kOf = "of.";
constexpr std::string_view kOfRedacted = "of-redacted.";

// Takes `word` off the front.
bool Take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

}  // namespace

std::string Seal(const Part& part, Mind own) {
  if (part.mind == own) return std::string(part.signature.inside);
  std::string seal(kMark);
  switch (part.mind) {
    case Mind::kOpenai:
      return seal.append(kOpenai).append(part.id.inside).append(".").append(part.signature.inside);
    case Mind::kAnthropic:
      return seal.append(part.redacted ? kRedacted : kAnthropic).append(part.signature.inside);
    case Mind::kMaker:
      seal.append(part.redacted ? kOfRedacted : kOf).append(part.id.inside);
      return seal.append(".").append(part.signature.inside);
    case Mind::kNobody:
      break;
  }
  return seal.append(kPlain);
}

std::string MakerOf(chat::Operation operation, chat::Flavour flavour, std::string_view provider) {
  const Mind family = FamilyOf(operation);
  if (family == Mind::kNobody) return {};
  if (flavour == chat::Flavour::kDeepseek) return "deepseek";
  if (family == Mind::kOpenai && flavour == chat::Flavour::kOpenai) return {};
  if (family == Mind::kAnthropic && flavour == chat::Flavour::kAnthropic) return {};
  std::string maker(provider.empty() ? chat::Name(flavour) : provider);
  std::replace_if(
      maker.begin(), maker.end(), [](char c) { return !base::IsAlnum(c) && c != '_' && c != '-'; }, '~');
  return maker;
}

std::string MarkOf(std::string_view maker) {
  return std::string(kMark).append(kOf).append(maker).append("..");
}

Mind FamilyOf(chat::Operation operation) {
  switch (chat::DialectOf(operation)) {
    case chat::Dialect::kOpenai:
      return Mind::kNobody;
    case chat::Dialect::kResponses:
      return Mind::kOpenai;
    case chat::Dialect::kAnthropic:
      break;
  }
  return Mind::kAnthropic;
}

bool IsOwnThought(const Part& part, chat::Operation operation, std::string_view maker) {
  if (maker.empty()) return part.mind == FamilyOf(operation);
  return part.mind == Mind::kMaker && part.id.inside.substr(0, part.id.inside.find('.')) == maker;
}

void Unseal(JsonText seal, Mind own, Part& part) {
  std::string_view rest = seal.inside;
  part.mind = own;
  part.signature = seal;
  if (!Take(rest, kMark)) return;
  const bool of_redacted = Take(rest, kOfRedacted);
  if (of_redacted || Take(rest, kOf)) {
    const std::size_t maker = rest.find('.');
    const std::size_t dot = maker == std::string_view::npos ? maker : rest.find('.', maker + 1);
    if (dot == std::string_view::npos) return;
    part.mind = Mind::kMaker;
    part.redacted = of_redacted;
    part.id = {rest.substr(0, dot)};
    rest.remove_prefix(dot + 1);
  } else if (Take(rest, kRedacted)) {
    part.mind = Mind::kAnthropic;
    part.redacted = true;
  } else if (Take(rest, kAnthropic)) {
    part.mind = Mind::kAnthropic;
  } else if (Take(rest, kPlain)) {
    part.mind = Mind::kNobody;
    rest = {};
  } else if (Take(rest, kOpenai)) {
    const std::size_t dot = rest.find('.');
    if (dot == std::string_view::npos) return;
    part.mind = Mind::kOpenai;
    part.id = {rest.substr(0, dot)};
    rest.remove_prefix(dot + 1);
  } else {
    return;
  }
  part.signature = {rest};
}

}  // namespace translate
