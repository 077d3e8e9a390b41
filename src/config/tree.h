#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "config/problem.h"

// A YAML file as plain data with exact positions: what the reader of settings walks over, and that of other
// files that people write. Aliases, anchors, tags, several documents and keys that are not text are refused
// here, so that the tree is never larger than its file.

namespace config {

struct Node {
  enum class Kind { kNull, kText, kList, kMap };
  struct Entry;

  Kind kind = Kind::kNull;
  Position at;
  std::string text;
  std::vector<Node> items;
  std::vector<Entry> entries;  // in the order of the file; keys are unique
};

struct Node::Entry {
  std::string key;
  Position at;  // of the key
  Node value;
};

// The one document in `text`, which is a map. `file` only names it in the problem. At most 1 MiB, UTF-8, 16
// levels and 100000 values.
tl::expected<Node, Problem> ParseTree(std::string_view text, const std::string& file);

}  // namespace config
