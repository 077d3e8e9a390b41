#include "translate/messages_models_internal.h"

#include <string>

#include "base/ascii.h"
#include "base/encoding.h"

namespace translate::internal {
namespace {

constexpr int kNewest = 9900;

// Generation and release: 406 for 4.6. Numbers of more than two digits are dates.
int VersionOf(std::string_view name) {
  int numbers = 0;
  int version = 0;
  while (!name.empty() && numbers < 2) {
    const std::size_t end = name.find_first_of("-._/@: ");
    const std::string_view word = name.substr(0, end);
    name.remove_prefix(end == std::string_view::npos ? name.size() : end + 1);
    const auto number = word.size() <= 2 ? base::ParseDecimal(word) : std::nullopt;
    if (number) {
      version += static_cast<int>(*number) * (numbers == 0 ? 100 : 1);
      ++numbers;
    } else if (numbers > 0) {
      break;
    }
  }
  return numbers > 0 ? version : kNewest;
}

MessagesModel::Off OffOf(std::string_view name, int version, bool always) {
  using Off = MessagesModel::Off;
  const bool latest = version >= 505;
  if (always || (latest && name.find("opus") != std::string_view::npos) || version > 599) return Off::kNever;
  if (latest && name.find("sonnet") != std::string_view::npos) return Off::kBetween;
  return version == 407 || version == 408 ? Off::kByLeaving : Off::kByDisabled;
}

}  // namespace

MessagesModel MessagesModelOf(chat::Flavour flavour, std::string_view name) {
  MessagesModel model;
  if (flavour == chat::Flavour::kDeepseek) {
    model.effort = true;
    model.xhigh = true;
    model.thinks_unasked = true;
    model.forced_tools = true;
    return model;
  }
  const std::string lower = base::Lower(name);
  const std::size_t claude = lower.find("claude");
  if (claude == std::string::npos) return model;
  const std::string_view rest = std::string_view(lower).substr(claude + 6);
  const auto is = [rest](std::string_view word) { return rest.find(word) != std::string_view::npos; };

  const bool preview = is("mythos") && is("preview");
  const bool always = is("fable") || is("mythos");  // the two that cannot but think
  const int version = preview ? 407 : VersionOf(rest);
  model.claude = true;
  model.adaptive = version >= 406 || always;
  model.budget = (version < 407 && !always) || preview;
  model.thinks_unasked = version >= 500 || always;
  model.off = OffOf(rest, version, always);
  model.effort = model.adaptive || (version == 405 && is("opus"));
  model.xhigh = model.adaptive && version != 406;
  model.samples = version < 407 && !always;
  model.both_samplings = version < 401;
  model.prefill = version < 406 && !always;
  model.forced_tools = always ? version < 501 : version < 505;
  model.later_system = version >= 408 && !(version == 500 && is("sonnet"));
  return model;
}

}  // namespace translate::internal
