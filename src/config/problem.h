#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace config {

// Where something stands in the file; both count from 1, columns in bytes. 0: not in a file.
struct Position {
  int line = 0;
  int column = 0;
};

// One thing that is wrong with a config, for the person who wrote it. No part of it holds a secret.
struct Problem {
  std::string file;
  Position at;
  std::string what;     // drain_timeout is "30"
  std::string why;      // a time needs its unit (ms, s, m, h or d)
  std::string instead;  // write 30s
};

// `file:line:column: what, why, what to write instead`, without what is not known of the place.
std::string Print(const Problem& problem);

// `text` in double quotes on one line: at most 60 bytes of it, whatever is not plain text escaped.
std::string Quote(std::string_view text);

// The candidate that `word` was most likely meant to be, if one is near enough: a third of its letters, and
// at least one, may differ, a swap of neighbours counting once. Case never counts.
std::optional<std::string> Nearest(std::string_view word, const std::vector<std::string>& candidates);

// The same for several, the nearest first, at most `count`. Looks at no more than kNearestLooks candidates.
inline constexpr std::size_t kNearestLooks = 2'000;
std::vector<std::string> NearestFew(std::string_view word, const std::vector<std::string>& candidates,
                                    std::size_t count);

}  // namespace config
