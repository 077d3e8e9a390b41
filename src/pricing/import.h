#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pricing/catalogue.h"

namespace pricing {

enum class ImportFormat { kOwn, kGenaiPrices, kLitellm };

constexpr std::string_view Name(ImportFormat format) {
  switch (format) {
    case ImportFormat::kOwn:
      return "sluice";
    case ImportFormat::kGenaiPrices:
      return "genai-prices v2";
    case ImportFormat::kLitellm:
      return "LiteLLM's model map";
  }
  return {};
}

// A catalogue out of a file, and what of the file it cannot say.
struct Import {
  ImportFormat format = ImportFormat::kOwn;
  Catalogue catalogue;
  std::vector<std::string> left_out;  // one sentence each, with the model it is about
};

// Reads our own YAML (or JSON of the same shape), the JSON of genai-prices v2, or LiteLLM's map, told apart
// by their shape. `name` names the file in errors and in the origin "import NAME". Errors: kInvalid and
// kTooLarge with a sentence; what another catalogue says that ours cannot is no error but left out.
base::Result<Import> ReadImport(std::string_view bytes, const std::string& name);

}  // namespace pricing
