#pragma once

#include <string>

namespace config {

// The reference page of all settings, Markdown: one table per group, from the declared settings.
std::string Reference();

// JSON Schema, draft 2020-12, of a config after YAML was read, for editors. It knows names, types, units and
// bounds; what only the reader knows (rules between settings, several spellings of one number) is not in it.
std::string JsonSchema();

}  // namespace config
