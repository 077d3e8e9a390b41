#include "pricing/ending_calendars.h"

#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

#include "base/time_text.h"

namespace pricing {
namespace {

// What ends with one calendar.
struct Ending {
  CalendarEnd end;
  std::size_t models = 0;
};

std::string Sentence(const std::string& provider, const Ending& ending, base::WallTime now) {
  const std::string year = std::to_string(static_cast<int>(ending.end.year));
  const std::string models =
      std::to_string(ending.models) + (ending.models == 1 ? " model of " : " models of ") + provider;
  return "What " + models + (ending.models == 1 ? " costs is unknown " : " cost is unknown ") +
         (ending.end.at <= now ? "now" : "from " + base::PrintTime(ending.end.at) + " on") +
         ": it depends on the holidays of '" + ending.end.calendar + "', and there is no calendar of " +
         year + " for them. Import a file that has one: sluice prices import FILE.";
}

}  // namespace

std::vector<std::string> EndingCalendars(const Book& book, const config::Settings& settings,
                                         base::WallTime now) {
  std::map<std::pair<std::string_view, std::string>, Ending> endings;  // by provider and calendar
  for (const Book::Listed& listed : book.List()) {
    const auto provider = settings.providers.find(listed.provider);
    if (provider == settings.providers.end() || provider->second.simulated ||
        provider->second.currency != listed.currency)
      continue;
    auto end = CalendarEndOf(*listed.prices, listed.currency, {now, now});
    if (!end || end->at >= now + kHolidaysAhead) continue;
    Ending& ending = endings[{listed.provider, end->calendar}];
    if (ending.models++ == 0 || end->at < ending.end.at) ending.end = std::move(*end);
  }
  std::vector<std::string> sentences;
  for (const auto& [key, ending] : endings)
    sentences.push_back(Sentence(std::string(key.first), ending, now));
  return sentences;
}

}  // namespace pricing
