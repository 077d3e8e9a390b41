#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "apps/commands.h"
#include "apps/price_book.h"
#include "apps/price_print.h"
#include "apps/table.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "pricing/import.h"
#include "pricing/price_files.h"

namespace apps {
namespace {

using pricing::Book;

constexpr std::string_view kHelp =
    R"(usage: sluice prices show MODEL [--at TIME] [--tier NAME] [--batch] [--input TOKENS] [--all]
       sluice prices list [PROVIDER] [--at TIME]
       sluice prices import FILE [--override]
       sluice prices diff FILE [--at TIME]

What models cost: the shipped catalogue, imports, and the config's own prices, which win.

show     the price in force, one for each currency; exit code 1 and the word `unknown` where there is none.
         MODEL is provider/name, or a name that only one provider has. --tier, --batch and --input say for
         which calls; --all shows every price that it has had
list     the price in force of every model, or of one provider's
import   keeps a catalogue in the data directory: genai-prices v2 (JSON), LiteLLM's model map (JSON), or YAML as
         docs/prices.md describes it. It fills in what the shipped one lacks; with --override it wins over it.
         A running gateway uses it within 5 seconds. What it says and cannot be said here is listed
diff     what a catalogue says otherwise, prices and holidays; exit code 1 where it differs. Where it does not name
         what is counted, it does not differ

  --at TIME              2026-08-16T16:00:00Z, 2026-08-16 16:00 (UTC) or 2026-08-16; now if not given
  -c FILE, --data DIR    which data directory (the config's, ./sluice-data)
  --format table|json|csv
)";

int ExitCode(const base::Error& error) {
  return error.code == base::Code::kIo ? kEnvironment : kNo;
}

// What the calls are for which a price is asked.
struct Asked {
  base::WallTime at;
  std::string tier;
  bool batch = false;
  std::int64_t input_tokens = 0;
  Format format = Format::kTable;

  pricing::Circumstances circumstances() const { return {at, at, tier, batch}; }
};

// From when on the holidays that a model's prices depend on are not known.
std::optional<base::WallTime> KnownUntil(const pricing::ModelPrices& prices, base::Currency currency,
                                         const Asked& asked) {
  const auto end = pricing::CalendarEndOf(prices, currency, asked.circumstances());
  return end ? std::optional(end->at) : std::nullopt;
}

PrintedPrice PriceOf(const Book& book, const std::string& provider, const std::string& model,
                     base::Currency currency, const Asked& asked) {
  PrintedPrice price{
      .model = provider + "/" + model, .currency = currency, .version = nullptr, .why_unknown = {}};
  const pricing::ModelPrices* prices = book.Find(provider, model, currency);
  price.version =
      book.VersionAt(prices, currency, asked.input_tokens, asked.circumstances(), &price.why_unknown);
  if (price.version != nullptr) price.known_until = KnownUntil(*prices, currency, asked);
  return price;
}

struct Named {
  std::string provider;
  std::string model;
};

// Whose model a name means; an exit code where that is nobody's or not clear.
tl::expected<Named, int> WhoseModel(const Book& book, const std::string& name) {
  if (const std::size_t slash = name.find('/'); slash != std::string::npos) {
    const Named named{name.substr(0, slash), name.substr(slash + 1)};
    if (!book.CurrenciesOf(named.provider, named.model).empty()) return named;
  }
  const std::vector<std::string_view> providers = book.ProvidersOf(name);
  if (providers.size() == 1) return Named{std::string(providers[0]), name};
  if (providers.empty()) return tl::unexpected(Complain(kNo, "unknown: no price of " + name + " is known"));
  std::string list;
  for (const std::string_view provider : providers) list.append(list.empty() ? "" : ", ").append(provider);
  return tl::unexpected(Complain(kWrongUsage, "several providers have " + name + ": " + list +
                                                  "; say which one: write " + std::string(providers[0]) +
                                                  "/" + name));
}

// Every price that a model has had in a currency.
void AddEvery(const Book& book, const Named& named, base::Currency currency, const Asked& asked,
              std::vector<PrintedPrice>& out) {
  const pricing::ModelPrices& prices = *book.Find(named.provider, named.model, currency);
  for (const pricing::PriceVersion* version : pricing::VersionsOf(prices)) {
    if (version->currency == currency)
      out.push_back(
          {named.provider + "/" + named.model, currency, version, {}, KnownUntil(prices, currency, asked)});
  }
}

int Show(const Book& book, const std::string& name, const Asked& asked, bool all) {
  const auto whose = WhoseModel(book, name);
  if (!whose) {
    if (asked.format == Format::kJson && whose.error() == kNo) {
      PrintPrices(std::cout,
                  {{.model = name,
                    .currency = {},
                    .version = nullptr,
                    .why_unknown = "no price of this model is known"}},
                  asked.format);
    }
    return whose.error();
  }
  std::vector<PrintedPrice> prices;
  bool known = false;
  for (const base::Currency currency : book.CurrenciesOf(whose->provider, whose->model)) {
    if (all) {
      AddEvery(book, *whose, currency, asked, prices);
      known = true;
      continue;
    }
    prices.push_back(PriceOf(book, whose->provider, whose->model, currency, asked));
    known = known || prices.back().version != nullptr;
  }
  if (known) std::erase_if(prices, [](const PrintedPrice& price) { return price.version == nullptr; });
  PrintPrices(std::cout, prices, asked.format);
  if (known) return kDone;
  return Complain(kNo,
                  "unknown: " + (prices.empty() ? "nothing is known of " + name : prices[0].why_unknown));
}

int List(const Book& book, const std::vector<std::string>& words, const Asked& asked) {
  std::vector<PrintedPrice> prices;
  for (const Book::Listed& listed : book.List()) {
    if (!words.empty() && listed.provider != words[0]) continue;
    prices.push_back(
        PriceOf(book, std::string(listed.provider), std::string(listed.model), listed.currency, asked));
  }
  if (prices.empty() && !words.empty()) return Complain(kNo, "no price of " + words[0] + " is known");
  PrintPriceList(std::cout, prices, asked.format);
  return kDone;
}

tl::expected<std::string, int> ReadBytes(const std::string& path) {
  auto bytes = pricing::ReadCatalogueFile(path);
  if (bytes) return std::move(*bytes);
  const bool too_large = bytes.error().code == base::Code::kTooLarge;
  return tl::unexpected(Complain(too_large ? kNo : kEnvironment, bytes.error().detail));
}

int ImportFile(const std::string& path, const std::filesystem::path& data, const config::Settings& settings,
               bool overrides, Format format) {
  const auto bytes = ReadBytes(path);
  if (!bytes) return bytes.error();
  const std::string name = std::filesystem::path(path).filename().string();
  const auto import = pricing::ReadImport(*bytes, name);
  if (!import) return Complain(kNo, import.error().detail);
  // One that contradicts itself would take every other price with it.
  if (const auto book = BookWith(data, settings, import->catalogue, overrides); !book) {
    return Complain(kNo, book.error().detail);
  }
  if (const auto stored = pricing::StoreImport(data, name, *bytes, overrides); !stored) {
    return Complain(ExitCode(stored.error()), stored.error().detail);
  }
  PrintImport(std::cout, std::cerr, *import, name, overrides, format);
  return kDone;
}

int Diff(const Book& book, const std::string& path, const config::Settings& settings, const Asked& asked) {
  const auto bytes = ReadBytes(path);
  if (!bytes) return bytes.error();
  auto import = pricing::ReadImport(*bytes, std::filesystem::path(path).filename().string());
  if (!import) return Complain(kNo, import.error().detail);
  config::Settings without_own = settings;  // the config's own prices are on neither side
  without_own.prices.clear();
  const auto theirs =
      Book::Make({.overrides = {}, .shipped = std::move(import->catalogue), .imports = {}}, without_own);
  if (!theirs) return Complain(kNo, theirs.error().detail);
  Differences differences{.prices = {},
                          .holidays = HolidayDifferences(book.Calendars(), (*theirs)->Calendars())};
  for (const Book::Listed& listed : (*theirs)->List()) {
    const std::string provider(listed.provider);
    const std::string model(listed.model);
    AddDifferences(PriceOf(book, provider, model, listed.currency, asked),
                   PriceOf(**theirs, provider, model, listed.currency, asked), differences.prices);
  }
  PrintDifferences(std::cout, differences, asked.format);
  return differences.prices.empty() && differences.holidays.empty() ? kDone : kNo;
}

// Why the options do not fit, or nothing.
std::optional<std::string> ReadAsked(const Arguments& arguments, Asked& asked) {
  if (const auto at = arguments.Find("--at")) {
    const auto time = base::ParseTime(*at);
    if (!time) return time.error().detail;
    asked.at = *time;
  }
  asked.tier = arguments.Get("--tier", "");
  asked.batch = arguments.Has("--batch");
  if (const auto input = arguments.Find("--input")) {
    const auto tokens = base::ParseDecimal(*input);
    if (!tokens || *tokens > 1'000'000'000) return "--input is a number of tokens";
    asked.input_tokens = static_cast<std::int64_t>(*tokens);
  }
  const auto format = ParseFormat(arguments.Get("--format", "table"));
  if (!format) return "--format is table, json or csv";
  asked.format = *format;
  return std::nullopt;
}

struct Action {
  std::string_view name;
  std::string_view usage;
  std::size_t words_least;
  std::size_t words_most;
  std::vector<std::string> options;
  std::vector<std::string> flags;
};

const std::vector<Action>& Actions() {
  static const std::vector<Action> actions = {
      {"show",
       "sluice prices show MODEL [--at TIME]",
       1,
       1,
       {"--at", "--tier", "--input"},
       {"--batch", "--all"}},
      {"list", "sluice prices list [PROVIDER] [--at TIME]", 0, 1, {"--at", "--tier", "--input"}, {"--batch"}},
      {"import", "sluice prices import FILE [--override]", 1, 1, {}, {"--override"}},
      {"diff", "sluice prices diff FILE [--at TIME]", 1, 1, {"--at"}, {}},
  };
  return actions;
}

}  // namespace

int Prices(const std::vector<std::string>& given, const config::Environment& environment) {
  if (given.empty() || AsksForHelp(given)) {
    std::cout << kHelp;
    return given.empty() ? kWrongUsage : kDone;
  }
  const auto action = std::find_if(Actions().begin(), Actions().end(),
                                   [&given](const Action& one) { return one.name == given[0]; });
  if (action == Actions().end()) {
    return Complain(kWrongUsage, "prices knows show, list, import and diff; see sluice prices --help");
  }
  std::vector<std::string> options = {"-c", "--data", "--format"};
  options.insert(options.end(), action->options.begin(), action->options.end());
  const auto arguments =
      Arguments::Parse({given.begin() + 1, given.end()}, options, {.flags = action->flags});
  if (!arguments) return Complain(kWrongUsage, arguments.error().detail);
  const std::vector<std::string>& words = arguments->words();
  if (words.size() < action->words_least || words.size() > action->words_most) {
    return Complain(kWrongUsage, "usage: " + std::string(action->usage));
  }
  const base::SystemClock clock;
  Asked asked;
  asked.at = clock.WallNow();
  if (const auto why = ReadAsked(*arguments, asked)) return Complain(kWrongUsage, *why);
  const LoadedConfig loaded = LoadConfig(*arguments, environment);
  if (loaded.code != kDone) return loaded.code;
  const config::Settings settings = loaded.settings ? *loaded.settings : config::Settings{};
  const std::filesystem::path data = DataDirectory(*arguments, loaded);
  if (action->name == "import") {
    return ImportFile(words[0], data, settings, arguments->Has("--override"), asked.format);
  }
  const auto book = BookOf(data, settings);
  if (!book) return Complain(ExitCode(book.error()), book.error().detail);
  if (action->name == "show") return Show(**book, words[0], asked, arguments->Has("--all"));
  if (action->name == "list") return List(**book, words, asked);
  return Diff(**book, words[0], settings, asked);
}

}  // namespace apps
