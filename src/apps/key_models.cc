#include "apps/key_models.h"

#include "config/model_ref.h"
#include "config/problem.h"

namespace apps {
namespace {

bool CanBeAskedFor(const std::string& model, const config::Settings& settings) {
  if (settings.models.contains(model)) return true;
  const auto ref = config::ModelRef::Parse(model);
  return ref && settings.providers.contains(ref->provider);
}

}  // namespace

std::string WarnOfUnknownModels(const std::vector<std::string>& models, const config::Settings& settings) {
  std::string lines;
  if (settings.models.empty()) return lines;
  std::vector<std::string> names;
  for (const auto& [alias, ladder] : settings.models) names.push_back(alias);
  for (const std::string& model : models) {
    if (CanBeAskedFor(model, settings)) continue;
    lines += "warning: the config has no model " + config::Quote(model);
    if (const auto near = config::Nearest(model, names))
      lines += "; did you mean " + config::Quote(*near) + "?";
    lines += '\n';
  }
  return lines;
}

}  // namespace apps
