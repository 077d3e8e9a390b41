#include "config/model_ref.h"

#include <algorithm>

#include "base/ascii.h"

namespace config {

bool IsSettingName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return base::IsAlnum(c) || c == '.' || c == '_' || c == '-';
  });
}

Parsed<ModelRef> ModelRef::Parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return Refuse("a rung names its provider and its model with a slash between",
                  "write for example deepseek/deepseek-flash");
  }
  const std::string_view provider = text.substr(0, slash);
  const std::string_view model = text.substr(slash + 1);
  if (!IsSettingName(provider)) {
    return Refuse("what stands before the slash is not the name of a provider",
                  "write for example deepseek/deepseek-flash");
  }
  const bool visible = std::all_of(model.begin(), model.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (model.empty() || model.size() > 256 || !visible) {
    return Refuse("after the slash stand 1 to 256 visible ASCII characters without blanks",
                  "write the model's name as the provider publishes it");
  }
  return ModelRef{std::string(provider), std::string(model)};
}

}  // namespace config
