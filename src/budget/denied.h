#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/money.h"
#include "budget/window.h"

namespace budget {

// More than the limit for a while: on top of it until then.
struct Raise {
  base::Int128 by = 0;
  base::WallTime until;
};

// One account as it stands, in pico-units of its limit's currency.
struct AccountView {
  base::Int128 settled = 0;   // what the window's requests have cost, those without a known end included
  base::Int128 reserved = 0;  // the worst case of those that are under way
  base::Int128 limit = 0;     // with what was carried over and a raise that holds
  Span span;                  // of the window; of a rolling one until now
  Raise raise{};              // by 0: none holds

  // What another request may be given now, and when all that is reserved has come back.
  base::Int128 room() const { return limit > settled + reserved ? limit - settled - reserved : 0; }
  base::Int128 room_at_most() const { return limit > settled ? limit - settled : 0; }
};

enum class DeniedWhy : std::uint8_t {
  kOver,      // what is settled leaves no room for it
  kBusy,      // only what others have reserved is in the way, or they wait before it
  kTooMany,   // there are as many accounts as there may be, and this needs another
  kLineFull,  // kBusy, and as many wait as may
};

// Why a demand was not met. Where several accounts are in the way, one that is kOver is named before one that
// is kBusy.
struct Denied {
  DeniedWhy why = DeniedWhy::kOver;
  std::size_t demand = 0;  // which of those that were asked for
  AccountView account;
  base::WallTime opens;  // of kOver when there is room for it again, if nobody else takes it
};

}  // namespace budget
