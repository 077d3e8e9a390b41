#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "apps/commands.h"
#include "apps/named_files.h"
#include "apps/places.h"
#include "apps/price_book.h"
#include "base/clock.h"
#include "config/explain.h"
#include "config/reference.h"
#include "pricing/ending_calendars.h"

namespace apps {
namespace {

constexpr std::string_view kCheckHelp = R"(usage: sluice check [-c FILE]

Checks a config (./sluice.yaml if none is named) and says in words what it will do, what becomes of names of
models that it does not mention, what a reload cannot change, which models have no price, and which prices
end with a calendar of holidays in the next 60 days. Each mistake is one line, all of them at once,
`file:line:column: what, why, what to write instead`, and makes the exit code 1. So does each certificate,
key or file of authorities that the config names and that cannot be used. Where this user could not write the
data directory or the log, it warns.
)";

constexpr std::string_view kConfigHelp = R"(usage: sluice config reference
       sluice config schema

reference   every setting with its meaning, bounds and default, as Markdown
schema      the same as JSON Schema, so that an editor can complete and check
)";

// Models whose cost would be unknown are no mistake, since they answer all the same.
void WarnOfPrices(const Arguments& arguments, const LoadedConfig& loaded) {
  const auto book = BookOf(DataDirectory(arguments, loaded), *loaded.settings);
  if (!book) {
    std::cout << "Warning: no price is known: " << book.error().detail << '\n';
    return;
  }
  const base::SystemClock clock;
  const std::vector<std::string> unpriced = UnpricedModels(**book, *loaded.settings, clock.WallNow());
  for (const std::string& sentence : unpriced) std::cout << "Warning: " << sentence << '\n';
  if (!unpriced.empty())
    std::cout << "  Write what they cost under prices:, or import a catalogue (sluice prices import FILE).\n";
  for (const std::string& sentence : pricing::EndingCalendars(**book, *loaded.settings, clock.WallNow()))
    std::cout << "Warning: " << sentence << '\n';
}

}  // namespace

int Check(const std::vector<std::string>& given, const config::Environment& environment) {
  if (AsksForHelp(given)) {
    std::cout << kCheckHelp;
    return kDone;
  }
  const auto arguments = Arguments::Parse(given, {"-c"});
  if (!arguments) return Complain(kWrongUsage, arguments.error().detail);
  if (!arguments->words().empty()) {
    return Complain(kWrongUsage, "check takes options only; name the config with -c FILE");
  }
  const LoadedConfig loaded = LoadConfig(*arguments, environment, kNo);
  if (loaded.code != kDone) return loaded.code;
  if (!loaded.settings) {
    return Complain(kEnvironment, "there is no sluice.yaml here; name a config with -c FILE");
  }
  const std::vector<std::string> unusable = UnusableFiles(*loaded.settings);
  for (const std::string& sentence : unusable) std::cerr << loaded.file << ": " << sentence << '\n';
  if (!unusable.empty()) return kNo;
  std::cout << loaded.file << " is good. It will do this:\n" << config::Explain(*loaded.settings);
  WarnOfPrices(*arguments, loaded);
  for (const std::string& sentence :
       UnwritablePlaces(DataDirectory(*arguments, loaded), loaded.settings->telemetry.log))
    std::cout << "Warning: " << sentence << '\n';
  return kDone;
}

int Config(const std::vector<std::string>& given) {
  if (AsksForHelp(given)) {
    std::cout << kConfigHelp;
    return kDone;
  }
  if (given.size() == 1 && given[0] == "reference") {
    std::cout << config::Reference();
    return kDone;
  }
  if (given.size() == 1 && given[0] == "schema") {
    std::cout << config::JsonSchema();
    return kDone;
  }
  return Complain(kWrongUsage, "usage: sluice config reference | sluice config schema");
}

}  // namespace apps
