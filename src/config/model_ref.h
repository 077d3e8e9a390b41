#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "config/complaint.h"

namespace config {

// `provider/model`; the model's name may contain further slashes.
struct ModelRef {
  std::string provider;
  std::string model;

  static Parsed<ModelRef> Parse(std::string_view text);
  std::string Print() const { return provider + "/" + model; }
  friend auto operator<=>(const ModelRef&, const ModelRef&) = default;
};

// [A-Za-z0-9._-]{1,64}: what a provider or an alias may be called.
bool IsSettingName(std::string_view name);

}  // namespace config
