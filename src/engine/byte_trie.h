#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace engine {

// Keys of bytes, found by walking along a text. Immutable once made; any thread.
//
// The children of a node stand side by side, and their bytes in an array of their own: a node costs nine
// bytes and a step looks at one line of the cache or two. The first two bytes of a text are one step.
class ByteTrie {
 public:
  struct Entry {
    std::string_view key;  // not empty; may go when the trie is made
    std::uint32_t value;   // not kNone
  };
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  ByteTrie() : ByteTrie(std::vector<Entry>()) {}

  // Of two equal keys one value is kept; size() tells that there were some.
  explicit ByteTrie(std::vector<Entry> entries);

  std::size_t size() const { return size_; }  // different keys

  // Calls see(length, value) for each key that `text` begins with, the shortest first.
  template <class See>
  void Prefixes(std::string_view text, See&& see) const;

  // kNone where `key` is none.
  std::uint32_t Find(std::string_view key) const;

 private:
  static constexpr std::uint32_t kRoot = 0;

  std::uint32_t Child(std::uint32_t node, unsigned char byte) const {
    const std::uint32_t begin = first_child_[node];
    const std::uint32_t count = first_child_[node + 1] - begin;
    if (count == 0) return kNone;
    const void* found = std::memchr(labels_.data() + begin, byte, count);
    if (found == nullptr) return kNone;
    return static_cast<std::uint32_t>(static_cast<const unsigned char*>(found) - labels_.data());
  }

  std::vector<std::uint32_t> first_child_;  // by node, one more than there are nodes
  std::vector<unsigned char> labels_;       // by node: the byte that leads to it
  std::vector<std::uint32_t> values_;       // by node
  std::array<std::uint32_t, 256> roots_;    // by first byte
  std::vector<std::uint32_t> pairs_;        // by first two bytes
  std::size_t size_ = 0;
};

template <class See>
void ByteTrie::Prefixes(std::string_view text, See&& see) const {
  if (text.empty()) return;
  const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  std::uint32_t node = roots_[byte(0)];
  if (node == kNone) return;
  if (values_[node] != kNone) see(std::size_t{1}, values_[node]);
  if (text.size() == 1) return;
  node = pairs_[std::size_t{byte(0)} << 8 | byte(1)];
  for (std::size_t length = 2; node != kNone; ++length) {
    if (values_[node] != kNone) see(length, values_[node]);
    if (length == text.size()) return;
    node = Child(node, byte(length));
  }
}

}  // namespace engine
