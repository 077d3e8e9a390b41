#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/vocabulary.h"

namespace engine {

// docs/tokens.md has the layout.
inline constexpr std::string_view kVocabularyMagic = "SLCTOKN1";
inline constexpr std::size_t kVocabularyHeaderBytes = 32;
inline constexpr std::uint32_t kWholePiecesFlag = 1;
inline constexpr std::uint32_t kComposesFlag = 2;
inline constexpr std::uint32_t kNumberedFlag = 4;
inline constexpr std::uint16_t kLaterFlag = 1;

// What a file holds, its sizes checked; what they mean together is not.
struct VocabularyFile {
  std::uint32_t cutting = 0;
  bool whole_pieces = false;
  bool composes = false;
  std::string bytes;
  std::vector<std::uint32_t> starts;
  std::vector<std::uint16_t> lefts;
  std::vector<std::uint32_t> numbers;  // empty: each token's place
  std::vector<AddedToken> added;
};

base::Result<VocabularyFile> ReadVocabularyFile(std::string_view file);

// CRC-32 as zlib and PNG have it.
std::uint32_t Crc32(std::string_view bytes);

}  // namespace engine
