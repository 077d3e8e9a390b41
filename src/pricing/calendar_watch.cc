#include "pricing/calendar_watch.h"

#include <utility>

#include "pricing/ending_calendars.h"

namespace pricing {
namespace {

constexpr std::chrono::hours kEvery{24};

}  // namespace

void CalendarWatch::Use(std::shared_ptr<const Book> book, std::shared_ptr<const config::Settings> settings) {
  state_.With([&](State& state) {
    state.book = std::move(book);
    state.settings = std::move(settings);
    LookNow(state);
  });
}

void CalendarWatch::Use(std::shared_ptr<const Book> book) {
  state_.With([&](State& state) {
    state.book = std::move(book);
    LookNow(state);
  });
}

void CalendarWatch::Look() {
  state_.With([&](State& state) {
    if (clock_.Now() >= state.next) LookNow(state);
  });
}

void CalendarWatch::LookNow(State& state) const {
  if (state.book == nullptr || state.settings == nullptr) return;
  state.next = clock_.Now() + kEvery;
  for (const std::string& sentence : EndingCalendars(*state.book, *state.settings, clock_.WallNow()))
    tell_(sentence);
}

}  // namespace pricing
