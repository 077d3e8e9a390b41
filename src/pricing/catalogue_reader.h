#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pricing/catalogue.h"

namespace pricing {

// A catalogue in our own format, which docs/prices.md describes, from YAML or from JSON of the same shape.
// `file` names the text in errors, `origin` the catalogue. Errors: kInvalid with `file:line:column: what,
// why, what to write instead`: not YAML, a key that does not exist, a price that is not exact, an entry that
// could never hold because an earlier one always does.
base::Result<Catalogue> ReadYamlCatalogue(std::string_view text, const std::string& file, std::string origin);
base::Result<Catalogue> ReadJsonCatalogue(std::string_view text, const std::string& file, std::string origin);

// What several texts say together. Errors: kInvalid where two say something of the same provider or calendar.
base::Result<Catalogue> Join(std::vector<Catalogue> parts);

}  // namespace pricing
