#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/money.h"

namespace budget {

struct SavedSlot {
  base::Int128 settled = 0;
  base::WallTime start;

  friend bool operator==(const SavedSlot&, const SavedSlot&) = default;
};

// An account as a checkpoint keeps it: what is settled, by the value's own name, since its hash is another
// one in the next process.
struct SavedAccount {
  std::uint64_t rule = 0;  // Terms::id
  std::string value;
  base::WallTime start;  // of the window
  base::WallTime end;
  base::Int128 settled = 0;  // pico-units of the limit's currency
  base::Int128 carried = 0;
  base::Int128 raise = 0;
  base::WallTime raise_until;
  std::vector<SavedSlot> slots;  // of a rolling window, in order

  friend bool operator==(const SavedAccount&, const SavedAccount&) = default;
};

}  // namespace budget
