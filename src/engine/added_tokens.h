#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/byte_trie.h"
#include "engine/vocabulary.h"

namespace engine {

// Finds the places where added tokens stand in a text: the first one, and of several that begin there the
// longest. Immutable; any thread.
class AddedTokens {
 public:
  struct Place {
    std::size_t begin;
    std::size_t bytes;
    std::uint32_t number;
  };

  // Of `added`, those that are looked for in the whole text, or those for what they leave.
  AddedTokens(const std::vector<AddedToken>& added, bool later);

  std::optional<Place> Find(std::string_view text) const;

 private:
  std::size_t NextBegin(std::string_view text, std::size_t from) const;

  ByteTrie trie_;
  std::array<bool, 256> begins_{};  // by byte: some token begins with it
  std::optional<char> only_begin_;  // where it is one byte
};

}  // namespace engine
