#pragma once

#include <string_view>
#include <vector>

namespace pricing {

// The files under data/ that are compiled in.
struct EmbeddedText {
  std::string_view name;
  std::string_view text;
};
const std::vector<EmbeddedText>& EmbeddedTexts();

}  // namespace pricing
