#include "engine/byte_trie.h"

#include <algorithm>
#include <utility>

namespace engine {
namespace {

// A node that is still to be given its children: the sorted entries below it, and how much of them it is.
struct Open {
  std::size_t begin;
  std::size_t end;
  std::size_t depth;
};

}  // namespace

// Breadth first: a node's children are made one after another, so that they stand side by side.
ByteTrie::ByteTrie(std::vector<Entry> entries) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
  std::vector<Open> open = {{0, entries.size(), 0}};
  labels_.push_back(0);
  for (std::size_t node = 0; node < open.size(); ++node) {
    auto [at, end, depth] = open[node];
    values_.push_back(kNone);
    while (at < end && entries[at].key.size() == depth) {
      if (values_.back() == kNone) ++size_;
      values_.back() = entries[at++].value;
    }
    first_child_.push_back(static_cast<std::uint32_t>(open.size()));
    while (at < end) {
      const char label = entries[at].key[depth];
      const std::size_t begin = at;
      while (at < end && entries[at].key[depth] == label) ++at;
      open.push_back({begin, at, depth + 1});
      labels_.push_back(static_cast<unsigned char>(label));
    }
  }
  first_child_.push_back(static_cast<std::uint32_t>(open.size()));
  pairs_.resize(std::size_t{1} << 16);
  for (std::size_t first = 0; first < roots_.size(); ++first) {
    roots_[first] = Child(kRoot, static_cast<unsigned char>(first));
    for (std::size_t second = 0; second < 256; ++second) {
      pairs_[first << 8 | second] =
          roots_[first] == kNone ? kNone : Child(roots_[first], static_cast<unsigned char>(second));
    }
  }
}

std::uint32_t ByteTrie::Find(std::string_view key) const {
  std::uint32_t found = kNone;
  Prefixes(key, [&](std::size_t length, std::uint32_t value) {
    if (length == key.size()) found = value;
  });
  return found;
}

}  // namespace engine
