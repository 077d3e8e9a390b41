#pragma once

#include <compare>
#include <cstdint>

namespace store {

// Where a record of the journal begins, or where the next one will: a segment's number, counted from 1, and a
// byte of its file. Later is greater. The default lies before everything.
struct JournalPosition {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;

  friend auto operator<=>(const JournalPosition&, const JournalPosition&) = default;
};

}  // namespace store
