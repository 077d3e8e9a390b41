#pragma once

#include <string>
#include <vector>

#include "config/field.h"

namespace config {

// A declared setting with what is declared under it, written down from Describe().
struct Entry {
  enum class Kind { kValue, kList, kGroup, kItems, kMap, kPairs };
  Kind kind = Kind::kGroup;
  Field field;                  // `set` is null: nothing stands behind it any more
  std::string path;             // providers.NAME.timeout.idle, budgets[].limit
  std::vector<Entry> children;  // of a group; of a map or a list of maps: what stands in each
};

// All settings; the root has no name.
Entry Catalogue();

// The paths of all settings with this last name, in order.
std::vector<std::string> PathsNamed(const Entry& root, std::string_view name);

}  // namespace config
