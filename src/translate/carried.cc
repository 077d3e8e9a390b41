#include "translate/carried.h"

#include "base/ascii.h"

namespace translate {
namespace {

constexpr std::string_view kOpenai = "openai.";
constexpr std::string_view kAnthropic = "anthropic.";
constexpr std::string_view kRedacted = "anthropic-redacted.";
constexpr std::string_view kPlain = "plain.";

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
    case Mind::kNobody:
      break;
  }
  return seal.append(kPlain);
}

void Unseal(JsonText seal, Mind own, Part& part) {
  std::string_view rest = seal.inside;
  part.mind = own;
  part.signature = seal;
  if (!Take(rest, kMark)) return;
  if (Take(rest, kRedacted)) {
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
