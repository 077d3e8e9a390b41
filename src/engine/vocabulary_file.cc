#include <array>
#include <utility>

#include "engine/vocabulary_file_internal.h"

namespace engine {
namespace {

using base::Code;
using base::Fail;
using base::Result;

constexpr std::size_t kAddedRecordBytes = 8;
constexpr std::size_t kAddedBytesMax = 256;

// Little-endian numbers and texts, one after another; whoever takes has checked that they are there.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : bytes_(bytes) {}

  std::uint32_t Number(std::size_t bytes) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      number |= std::uint32_t{static_cast<unsigned char>(bytes_[i])} << 8 * i;
    }
    bytes_.remove_prefix(bytes);
    return number;
  }

  std::string_view Text(std::size_t bytes) {
    const std::string_view text = bytes_.substr(0, bytes);
    bytes_.remove_prefix(bytes);
    return text;
  }

  std::size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

auto Damaged() {
  return Fail(Code::kInvalid, "the tokenizer file is damaged; make it again with `make models`");
}

Result<std::vector<AddedToken>> TakeAdded(Taker& taker, std::size_t count) {
  std::vector<AddedToken> added(count);
  std::vector<std::size_t> lengths(count);
  if (taker.left() < count * kAddedRecordBytes) return Damaged();
  for (std::size_t i = 0; i < count; ++i) {
    added[i].number = taker.Number(4);
    lengths[i] = taker.Number(2);
    added[i].later = (taker.Number(2) & kLaterFlag) != 0;
    if (added[i].number >= 2 * Vocabulary::kTokensMax || lengths[i] == 0 || lengths[i] > kAddedBytesMax) {
      return Damaged();
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (taker.left() < lengths[i]) return Damaged();
    added[i].text = taker.Text(lengths[i]);
  }
  return added;
}

}  // namespace

std::uint32_t Crc32(std::string_view bytes) {
  static constexpr std::array<std::uint32_t, 256> kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t rest = i;
      for (int bit = 0; bit < 8; ++bit) rest = (rest & 1) != 0 ? rest >> 1 ^ 0xEDB88320 : rest >> 1;
      table[i] = rest;
    }
    return table;
  }();
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) crc = kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF] ^ crc >> 8;
  return ~crc;
}

Result<VocabularyFile> ReadVocabularyFile(std::string_view file) {
  if (file.size() > Vocabulary::kFileBytesMax) {
    return Fail(Code::kTooLarge, "a tokenizer file has at most 64 MiB");
  }
  if (file.size() < kVocabularyHeaderBytes || file.substr(0, kVocabularyMagic.size()) != kVocabularyMagic) {
    return Fail(Code::kInvalid, "this is no tokenizer file of this version; `make models` makes them");
  }
  Taker taker(file.substr(kVocabularyMagic.size()));
  VocabularyFile read;
  read.cutting = taker.Number(4);
  const std::uint32_t flags = taker.Number(4);
  const std::size_t ids = taker.Number(4);
  const std::size_t bytes = taker.Number(4);
  const std::size_t added = taker.Number(4);
  const std::uint32_t crc = taker.Number(4);
  const bool known = read.cutting >= 1 && read.cutting <= kCuttings &&
                     flags <= (kWholePiecesFlag | kComposesFlag | kNumberedFlag);
  if (!known || Crc32(file.substr(kVocabularyHeaderBytes)) != crc) return Damaged();
  if (ids > Vocabulary::kTokensMax || added > Vocabulary::kAddedMax) return Damaged();
  read.whole_pieces = (flags & kWholePiecesFlag) != 0;
  read.composes = (flags & kComposesFlag) != 0;
  if (taker.left() < 4 * ids) return Damaged();
  read.starts.reserve(ids + 1);
  std::uint32_t end = 0;
  for (std::size_t id = 0; id < ids; ++id) {
    read.starts.push_back(end);
    const std::uint32_t length = taker.Number(2);
    if (length > Vocabulary::kTokenBytesMax) return Damaged();
    end += length;
  }
  read.starts.push_back(end);
  read.lefts.reserve(ids);
  for (std::size_t id = 0; id < ids; ++id) read.lefts.push_back(static_cast<std::uint16_t>(taker.Number(2)));
  if ((flags & kNumberedFlag) != 0) {
    if (taker.left() < 4 * ids) return Damaged();
    for (std::size_t id = 0; id < ids; ++id) read.numbers.push_back(taker.Number(4));
  }
  if (end != bytes || taker.left() < bytes) return Damaged();
  read.bytes = taker.Text(bytes);
  auto tokens = TakeAdded(taker, added);
  if (!tokens || taker.left() != 0) return Damaged();
  read.added = std::move(*tokens);
  return read;
}

}  // namespace engine
