#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "store/journal_position.h"

namespace store {

// A part of the journal that cannot be read, while what follows it can.
struct JournalDamage {
  JournalPosition at;
  std::uint64_t bytes = 0;    // 0: of a whole segment that is missing, or of records that are
  std::uint64_t records = 0;  // that were in them, as far as the next good one's number tells
  bool zeros = false;         // the bytes are, as a power cut leaves them
  std::string why{};

  friend bool operator==(const JournalDamage&, const JournalDamage&) = default;
};

// "segment 3, byte 4096: 512 bytes are no record (2 records are lost)".
std::string Print(const JournalDamage& damage);

using OnDamage = std::function<void(const JournalDamage&)>;  // may be empty

}  // namespace store
