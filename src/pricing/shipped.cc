#include "pricing/shipped.h"

#include <string>
#include <utility>
#include <vector>

#include "pricing/catalogue_reader.h"
#include "pricing/embedded_internal.h"

namespace pricing {

base::Result<Catalogue> ShippedCatalogue() {
  std::vector<Catalogue> parts;
  for (const EmbeddedText& one : EmbeddedTexts()) {
    auto part = ReadJsonCatalogue(one.text, std::string(one.name), "catalogue");
    if (!part) return part;
    parts.push_back(std::move(*part));
  }
  return Join(std::move(parts));
}

}  // namespace pricing
