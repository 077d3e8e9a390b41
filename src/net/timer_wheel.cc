#include "net/timer_wheel.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace net {

Timer::~Timer() {
  if (tick_ != kNowhere) wheel_.Remove(*this);
}

void Timer::SetAfter(std::chrono::nanoseconds delay) {
  SetAt(wheel_.Now() + delay);
}

void Timer::SetAt(base::MonoTime when) {
  when_ = when;
  if (tick_ != kNowhere) {
    if (tick_ <= TimerWheel::TickOf(when) + 1) return;  // the wheel comes to it earlier and moves it on
    wheel_.Remove(*this);
  }
  wheel_.Insert(*this);
}

TimerWheel::TimerWheel(const base::Clock& clock, std::function<void(base::MonoTime)> on_earlier)
    : clock_(clock), on_earlier_(std::move(on_earlier)), tick_(TickOf(clock.Now())) {}

void TimerWheel::Insert(Timer& timer) {
  // A timer is looked at in the tick after its deadline, so that it is never early.
  const std::int64_t tick = std::max(TickOf(timer.when_) + 1, tick_);
  const std::size_t slot = SlotOf(tick);
  timer.tick_ = tick;
  timer.previous_ = nullptr;
  timer.next_ = slots_[slot];
  if (timer.next_ != nullptr) timer.next_->previous_ = &timer;
  slots_[slot] = &timer;
  occupied_[slot / 64] |= std::uint64_t{1} << slot % 64;
  if (const base::MonoTime due{tick * kTick}; due < promised_) {
    promised_ = due;
    on_earlier_(due);
  }
}

void TimerWheel::Remove(Timer& timer) {
  const std::size_t slot = SlotOf(timer.tick_);
  if (firing_next_ == &timer) firing_next_ = timer.next_;
  if (timer.previous_ != nullptr) timer.previous_->next_ = timer.next_;
  if (timer.next_ != nullptr) timer.next_->previous_ = timer.previous_;
  if (slots_[slot] == &timer) slots_[slot] = timer.next_;
  if (slots_[slot] == nullptr) occupied_[slot / 64] &= ~(std::uint64_t{1} << slot % 64);
  timer.next_ = timer.previous_ = nullptr;
  timer.tick_ = Timer::kNowhere;
}

void TimerWheel::Advance() {
  const base::MonoTime now = clock_.Now();
  const std::int64_t until = TickOf(now);
  // After a long sleep one whole turn looks at every slot; more turns would look at the same ones.
  if (until - tick_ >= static_cast<std::int64_t>(kSlots))
    tick_ = until - static_cast<std::int64_t>(kSlots) + 1;
  while (tick_ <= until) {
    // Counted first: what a callback sets for the past goes into a slot that is still to come.
    const std::size_t slot = SlotOf(tick_++);
    FireSlot(slot, now);
  }
  promised_ = NextDue().value_or(base::MonoTime::max());
}

void TimerWheel::FireSlot(std::size_t slot, base::MonoTime now) {
  for (Timer* timer = slots_[slot]; timer != nullptr; timer = firing_next_) {
    firing_next_ = timer->next_;
    Remove(*timer);
    if (timer->when_ > now) {
      if (timer->pending()) Insert(*timer);  // at its own time, or a turn later
      continue;
    }
    timer->Cancel();
    // The callback may destroy the timer it belongs to.
    const std::function<void()> on_time = timer->on_time_;
    on_time();
  }
  firing_next_ = nullptr;
}

std::optional<base::MonoTime> TimerWheel::NextDue() const {
  const std::size_t start = SlotOf(tick_);
  // From `start` to the end of the array and round again; the first word is looked at in two halves.
  for (std::size_t step = 0; step <= kSlots / 64; ++step) {
    const std::size_t word = (start / 64 + step) % (kSlots / 64);
    std::uint64_t bits = occupied_[word];
    if (step == 0) bits &= ~std::uint64_t{0} << start % 64;
    if (step == kSlots / 64) bits &= ~(~std::uint64_t{0} << start % 64);
    if (bits == 0) continue;
    const std::size_t slot = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
    const auto ahead = static_cast<std::int64_t>((slot + kSlots - start) % kSlots);
    return base::MonoTime{(tick_ + ahead) * kTick};
  }
  return std::nullopt;
}

}  // namespace net
