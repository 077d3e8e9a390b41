#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "config/settings.h"

namespace routing {

// Whether a provider to which the settings give no models has one of this name; nullopt where nobody knows.
using Listed = std::function<std::optional<bool>(std::string_view provider, std::string_view model)>;

// Which model of which provider a name that is no alias stands for: `provider/model`, or, where the config
// has no aliases, a bare name. That is a model of the provider that has it; while a provider's models are not
// known, a name of its family (gpt-..., claude-..., deepseek-...) and, where it is the only provider, any
// name is taken for one of its. nullopt: there is no such model.
std::optional<config::ModelRef> Resolve(const config::Settings& settings, std::string_view name,
                                        const Listed& listed);

// Whether Resolve would look at `listed`.
bool DependsOnLists(const config::Settings& settings, std::string_view name);

}  // namespace routing
