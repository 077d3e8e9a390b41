#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "wire/json_scanner.h"

namespace translate::internal {

// The members of one JSON object where they stand, to be asked for by name in any order. Whoever reads a
// thing uses the members that it understands; the rest is what nobody has understood. Made once and filled
// again for each object. Views lie in the text that was read.
class Members {
 public:
  static constexpr std::size_t kMax = 64;       // members of one object inside a body
  static constexpr std::size_t kMaxTop = 1024;  // of a body itself

  // False if `object` is no object, is not well formed, or has more than `max` members; problem() then says
  // which.
  bool Read(std::string_view object, std::size_t max = kMax);

  // The member of that name, null if there is none. A name that is there twice makes twice() true: two
  // readers could take it differently.
  wire::JsonValue Use(std::string_view name);
  bool twice() const { return twice_; }

  // Counts the members of these names as used. `names` are sorted.
  void Pass(std::span<const std::string_view> names);

  // Appends the values that were not used and are not null.
  void AppendRest(std::vector<std::string_view>& rest) const;

  std::string_view raw() const { return raw_; }
  const char* problem() const { return problem_; }

 private:
  struct Entry {
    std::string_view key;
    wire::JsonValue value;
    bool escaped;
    bool used;
  };

  std::string_view raw_;
  std::vector<Entry> entries_;
  const char* problem_ = "";
  bool twice_ = false;
};

}  // namespace translate::internal
