#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "config/environment.h"
#include "config/problem.h"
#include "config/settings.h"

namespace config {

// A whole config or everything that is wrong with it: at least one problem, in the order of the file, at most
// 50. Rules between settings are looked at only when each setting is right by itself.
using ReadResult = tl::expected<std::shared_ptr<const Settings>, std::vector<Problem>>;

// Settings from YAML text. `file` only names the text in problems.
ReadResult ReadText(std::string_view text, const std::string& file, const Environment& environment);

// Settings from a file. One that cannot be read (or is not a regular file, or is over 1 MiB) is a problem
// without a line.
ReadResult ReadFile(const std::string& path, const Environment& environment);

// For `sluice serve` without a config: open on loopback, and a provider for each API key in the environment
// (DEEPSEEK_API_KEY, OPENAI_API_KEY, ANTHROPIC_API_KEY; empty counts as not set). Without any there is no
// provider: the caller adds simulated ones, then runs Complete and Check.
Settings DefaultSettings(const Environment& environment);

}  // namespace config
