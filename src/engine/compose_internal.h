#pragma once

#include <cstddef>
#include <cstdint>

namespace engine {

struct Composition {
  char32_t first;
  char32_t second;
  char32_t composed;
};
struct Decomposition {
  char32_t composed;
  char32_t first;
  char32_t second;  // 0: one character stands for another
};
struct CombiningRange {
  char32_t first;
  char32_t last;
  std::uint8_t combining;
};

extern const Composition kCompositions[961];        // by first and second
extern const Decomposition kDecompositions[2081];   // by composed; one step each
extern const CombiningRange kCombiningRanges[393];  // ascending; what is in none is of combining class 0

}  // namespace engine
