#include <algorithm>

#include "base/check.h"
#include "budget/account_internal.h"

namespace budget {
namespace {

using base::Int128;
using base::WallTime;

// How far a clock may go back without bringing a window back.
constexpr std::chrono::nanoseconds kClockSlack = std::chrono::hours(24);

Int128 Within(Int128 amount, Int128 most) {
  return std::clamp(amount, Int128{0}, most);
}

}  // namespace

AccountExtra& Account::Extra() {
  if (extra == nullptr) extra = std::make_unique<AccountExtra>();
  return *extra;
}

bool Account::Turn(const Terms& terms, WallTime now) {
  carries = carries && terms.carry_most > 0;
  switch (terms.window.kind()) {
    case Window::Kind::kCalendar:
      return (now >= end || now < start - kClockSlack) && TurnCalendar(terms, now);
    case Window::Kind::kRolling:
      TurnRolling(terms, now);
      return false;
    case Window::Kind::kIdle:
      if (holds > 0 || now < end) return false;
      start = now;
      end = now + terms.window.length();
      settled = 0;
      if (extra != nullptr) extra->unsettled = 0;
      return true;
  }
  return false;
}

bool Account::TurnCalendar(const Terms& terms, WallTime now) {
  const Span next = terms.window.At(now);
  if (terms.carry_most > 0 && start != end && now >= end) {
    AccountExtra& more = Extra();
    const bool follows = next.start == end;
    more.left = follows ? terms.limit.pico + more.carried - settled - reserved : terms.limit.pico;
    more.before = follows ? start : terms.window.At(next.start - std::chrono::nanoseconds(1)).start;
    more.carried = Within(more.left, terms.carry_most);
  }
  if (extra != nullptr) extra->unsettled = 0;
  start = next.start;
  end = next.end;
  settled = 0;
  reserved = 0;
  return true;
}

void Account::TurnRolling(const Terms& terms, WallTime now) {
  if (start == end) start = end = now;
  if (extra == nullptr || extra->slots.empty()) return;
  std::vector<Slot>& slots = extra->slots;
  const auto gone = [&](const Slot& slot) {
    return terms.window.At(slot.start).end <= now - terms.window.length() || slot.start > now + kClockSlack;
  };
  if (!gone(slots.front()) && !gone(slots.back())) return;
  std::erase_if(slots, gone);
  settled = 0;
  reserved = 0;
  for (const Slot& slot : slots) {
    settled += slot.settled;
    reserved += slot.reserved;
  }
}

Int128 Account::Limit(const Terms& terms, WallTime now) const {
  Int128 limit = terms.limit.pico;
  if (extra != nullptr) {
    limit += std::min(extra->carried, terms.carry_most);
    if (now < extra->raise.until) limit += extra->raise.by;
  }
  return limit;
}

AccountView Account::View(const Terms& terms, WallTime now) const {
  AccountView view{
      .settled = settled, .reserved = reserved, .limit = Limit(terms, now), .span = {start, end}};
  if (terms.window.kind() == Window::Kind::kRolling) view.span = {now - terms.window.length(), now};
  if (extra != nullptr && now < extra->raise.until) view.raise = extra->raise;
  return view;
}

WallTime Account::OpensFor(const Terms& terms, Int128 amount, Int128 kept, WallTime now) const {
  if (amount > std::max(terms.limit.pico, Limit(terms, now))) return WallTime::max();
  if (terms.window.kind() != Window::Kind::kRolling) return end;
  const Int128 limit = Limit(terms, now);
  Int128 left = settled;
  WallTime opens = now;
  if (extra != nullptr) {
    for (const Slot& slot : extra->slots) {
      left -= slot.settled;
      opens = terms.window.At(slot.start).end + terms.window.length();
      if (left + kept + amount <= limit) break;
    }
  }
  return opens;  // what is kept has left with the last slot, too
}

// The slot that `at` is in, made where it is missing.
Slot& Account::SlotFor(const Terms& terms, WallTime at) {
  std::vector<Slot>& slots = Extra().slots;
  const Span span = terms.window.At(at);
  end = std::max(end, span.end + terms.window.length());
  const auto place = std::lower_bound(slots.begin(), slots.end(), span.start,
                                      [](const Slot& slot, WallTime begin) { return slot.start < begin; });
  if (place != slots.end() && place->start == span.start) return *place;
  Slot slot;
  slot.start = span.start;
  return *slots.insert(place, slot);
}

void Account::Touch(const Terms& terms, WallTime at) {
  if (terms.window.kind() == Window::Kind::kIdle) end = std::max(end, at + terms.window.length());
}

// Whether a request that began at `started` is of this window, which is not a rolling one. Of a session one
// that ended before another may have begun after it.
bool Account::Counts(const Terms& terms, WallTime started) const {
  const bool idle = terms.window.kind() == Window::Kind::kIdle;
  return started < end && started >= (idle ? start - terms.window.length() : start);
}

WallTime Account::Hold(const Terms& terms, Int128 amount, WallTime now) {
  ++holds;
  reserved += amount;
  Touch(terms, now);
  if (terms.window.kind() != Window::Kind::kRolling) return start;
  Slot& slot = SlotFor(terms, now);
  slot.reserved += amount;
  return slot.start;
}

Int128 Account::StillHeld(const Terms& terms, WallTime held, Int128 amount) const {
  if (terms.window.kind() != Window::Kind::kRolling) return held == start ? std::min(amount, reserved) : 0;
  if (extra == nullptr) return 0;
  for (const Slot& slot : extra->slots) {
    if (slot.start == held) return std::min(amount, slot.reserved);
  }
  return 0;
}

void Account::Release(const Terms& terms, WallTime held, Int128 amount, Int128 cost, WallTime now) {
  CHECK(holds > 0);
  --holds;
  Touch(terms, now);
  Int128 back = amount;
  if (terms.window.kind() == Window::Kind::kRolling) {
    std::vector<Slot>& slots = Extra().slots;
    const auto slot =
        std::find_if(slots.begin(), slots.end(), [&](const Slot& s) { return s.start == held; });
    if (slot == slots.end()) return;
    back = std::min(back, slot->reserved);
    slot->reserved -= back;
    slot->settled += cost;
  } else if (held != start) {
    if (extra != nullptr && extra->before == held) TakeFromRest(terms, cost - amount, held);
    return;
  }
  // A clock that went back and came again may have begun the window anew without it.
  reserved -= std::min(back, reserved);
  Settled(terms, cost);
}

void Account::Settled(const Terms& terms, Int128 amount) {
  settled += amount;
  carries = carries || (amount > 0 && terms.carry_most > 0);
}

void Account::Add(const Terms& terms, Int128 amount, WallTime started, WallTime now) {
  Touch(terms, started);
  if (terms.window.kind() == Window::Kind::kRolling) {
    if (terms.window.At(started).end <= now - terms.window.length()) return;
    SlotFor(terms, started).settled += amount;
  } else if (!Counts(terms, started)) {
    return TakeFromRest(terms, amount, started);
  }
  Settled(terms, amount);
}

// What the window before cost more than was known when it ended is not left for this one.
void Account::TakeFromRest(const Terms& terms, Int128 amount, WallTime started) {
  if (extra == nullptr || started < extra->before || started >= start) return;
  extra->left -= amount;
  extra->carried = Within(extra->left, terms.carry_most);
}

void Account::AddUnsettled(const Terms& terms, Int128 amount, WallTime started, WallTime now) {
  Touch(terms, started);
  const bool rolling = terms.window.kind() == Window::Kind::kRolling;
  if (rolling && terms.window.At(started).end <= now - terms.window.length()) return;
  if (!rolling && !Counts(terms, started)) return TakeFromRest(terms, amount, started);
  Int128& unsettled = rolling ? SlotFor(terms, started).unsettled : Extra().unsettled;
  // What is taken back was added under other terms perhaps: never more than is there.
  const Int128 change = std::max(amount, -unsettled);
  unsettled += change;
  Settled(terms, change);
  if (rolling) SlotFor(terms, started).settled += change;
}

void Account::ForgetSettled() {
  settled = 0;
  if (extra == nullptr) return;
  extra->unsettled = 0;
  for (Slot& slot : extra->slots) slot.settled = slot.unsettled = 0;
}

bool Account::Forgettable(WallTime now) const {
  if (holds > 0 || waiting > 0 || carries) return false;
  if (extra != nullptr && now < extra->raise.until) return false;
  return now >= end || (settled == 0 && (extra == nullptr || extra->slots.empty()));
}

bool Account::WorthSaving() const {
  return settled != 0 || carries || (extra != nullptr && extra->raise.by != 0);
}

SavedAccount Account::Save() const {
  SavedAccount saved{.rule = key.rule,
                     .value = value,
                     .start = start,
                     .end = end,
                     .settled = settled,
                     .carried = 0,
                     .raise = 0,
                     .raise_until = {},
                     .slots = {}};
  if (extra == nullptr) return saved;
  saved.settled -= extra->unsettled;
  saved.carried = extra->carried;
  saved.raise = extra->raise.by;
  saved.raise_until = extra->raise.until;
  for (const Slot& slot : extra->slots) {
    saved.settled -= slot.unsettled;
    saved.slots.push_back({.settled = slot.settled - slot.unsettled, .start = slot.start});
  }
  return saved;
}

void Account::Restore(const SavedAccount& saved) {
  start = saved.start;
  end = saved.end;
  settled = saved.settled;
  carries = true;  // if its terms do, as the next turn says
  if (saved.carried != 0 || saved.raise != 0 || !saved.slots.empty()) {
    AccountExtra& more = Extra();
    more.carried = saved.carried;
    more.raise = {.by = saved.raise, .until = saved.raise_until};
    for (const SavedSlot& slot : saved.slots) {
      more.slots.push_back({.settled = slot.settled, .reserved = 0, .unsettled = 0, .start = slot.start});
    }
  }
}

}  // namespace budget
