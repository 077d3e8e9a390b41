#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "store/ledger_row.h"

namespace store {

inline constexpr std::uint8_t kRowVersion = 1;

// Writes `row` as the journal holds it (docs/ledger.md), and gives back how many bytes that are. Texts beyond
// their limits are cut between two characters. No allocation. REQUIRES: at most kRowAttemptsMax attempts and
// kRowTagsMax tags, and room for kRowBytesMax bytes.
std::size_t EncodeRow(const LedgerRow& row, std::span<char, kRowBytesMax> out);

// A row with the lists that it points to. Its texts are views of the bytes it was decoded from.
class DecodedRow {
 public:
  DecodedRow() = default;
  DecodedRow(const DecodedRow&) = delete;
  DecodedRow& operator=(const DecodedRow&) = delete;

  const LedgerRow& row() const { return row_; }

  // Replaces it. After an error it holds nothing to be used. Errors: kInvalid with what is wrong: bytes that
  // end too early, a number out of range, another version.
  base::Result<> Decode(std::string_view bytes);

 private:
  LedgerRow row_;
  std::array<std::pair<std::string_view, std::string_view>, kRowTagsMax> tags_;
  std::array<LedgerAttempt, kRowAttemptsMax> attempts_;
};

}  // namespace store
