#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <thread>
#include <utility>

#include "apps/commands.h"
#include "apps/ledger_view.h"
#include "apps/price_book.h"
#include "apps/table.h"
#include "base/clock.h"
#include "config/reader.h"
#include "config/units.h"
#include "insight/dimensions.h"
#include "insight/report.h"
#include "insight/what_if_scan.h"
#include "insight/what_if_text.h"
#include "pricing/import.h"
#include "pricing/price_files.h"

namespace apps {
namespace {

using base::Fail;
using base::Result;
using insight::Supposition;

constexpr std::string_view kHelp =
    R"(usage: sluice what-if [suppositions] [--from T] [--to T] [filters] [--format table|json|csv]

What the requests of the ledger would have cost if something had been different: every one of them is priced
again, exactly, from its own tokens, hour and service tier. What cannot be priced again is named with the
reason and is in neither total. Without a supposition each request is priced again from its price's definition
in the ledger, and nothing may differ.

suppositions (they combine)
  --at T               with the prices in force at that time, each call at its own hour: --at 2026-08-20
  --prices FILE        with the prices of a file (whatever `sluice prices import` reads); models that
                       it does not list keep what they cost
  --prices catalogue   with the prices as they are known today, at each call's own time
  --off-peak           as if every hour were off-peak, where a price has phases
  --no-provider-cache  as if the provider had no prompt cache: cached input at the full price
  --cache-hits 20%     as if that share of the requests had been answered from a cache, for nothing
  --to-model PROVIDER/MODEL
                       as if another model had answered, with the tokens that were recorded; of which requests:
  --of NAME=VALUE      those of a team, an asked name, a model ...: --of asked=assistant --of team=support
  --share 30%          this share of them, always the same ones (by a hash of the request's id)

which requests: --from, --to, --team, --model, --where NAME=A|B ... as in sluice bill; they limit the report
  --timezone ZONE      whose clock T is on (the machine's own)
  --convert "CNY=0.14 USD"
                       shows everything in one currency as well
  --threads N          that read (one for each core)
  -c FILE, --data DIR  which data directory (the config's, ./sluice-data)

  sluice what-if --off-peak --from last-month --to this-month
  sluice what-if --to-model deepseek/deepseek-flash --of model=openai/gpt-5-mini --share 30%
)";

constexpr unsigned kThreadsMax = 64;
constexpr auto kProgressEvery = std::chrono::milliseconds(100);

// How far a long reading is, on one line of the terminal that is gone at the end.
class ProgressBar {
 public:
  explicit ProgressBar(const base::Clock& clock) : clock_(clock), shows_(isatty(STDERR_FILENO) != 0) {}
  ~ProgressBar() {
    if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
  }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // One thread at a time.
  void Tell(std::uint64_t done, std::uint64_t all) {
    constexpr std::uint64_t kCells = 40;
    if (!shows_ || all == 0 || (drawn_ && clock_.Now() - last_ < kProgressEvery)) return;
    last_ = clock_.Now();
    drawn_ = true;
    const std::uint64_t cells = done * kCells / all;
    std::cerr << "\r[" << std::string(cells, '#') << std::string(kCells - cells, '.') << "] "
              << done * 100 / all << "%" << std::flush;
  }

 private:
  const base::Clock& clock_;
  const bool shows_;
  bool drawn_ = false;
  base::MonoTime last_{};
};

// The book that a supposition needs: of the named file alone, or of all that is known.
Result<std::shared_ptr<const pricing::Book>> MakeBook(const std::string& prices, config::Settings settings,
                                                      const std::string& data_directory) {
  if (prices.empty() || prices == "catalogue") return BookOf(data_directory, settings);
  const auto text = pricing::ReadCatalogueFile(prices);
  if (!text) return Fail(text.error());
  auto import = pricing::ReadImport(*text, prices);
  if (!import) return Fail(std::move(import).error());
  settings.prices.clear();  // the file decides
  return pricing::Book::Make({.overrides = {}, .shipped = std::move(import->catalogue), .imports = {}},
                             settings);
}

Result<config::Percent> ParseShare(const Arguments& arguments, std::string_view option,
                                   config::Percent otherwise) {
  const auto given = arguments.Find(option);
  if (!given) return otherwise;
  const auto share = config::ParsePercent(*given);
  if (!share) return Fail(base::Code::kInvalid, std::string(option) + ": write a share such as 30% or 0.5%");
  return *share;
}

Result<std::optional<insight::Move>> ReadMove(const Arguments& arguments, const pricing::Book* book) {
  const auto to = arguments.Find("--to-model");
  if (!to) {
    if (arguments.Has("--of") || arguments.Has("--share"))
      return Fail(base::Code::kInvalid, "--of and --share say which requests --to-model is about");
    return std::optional<insight::Move>();
  }
  insight::Move move;
  const auto ref = config::ModelRef::Parse(*to);
  if (!ref) return Fail(base::Code::kInvalid, "--to-model: write PROVIDER/MODEL, such as openai/gpt-5-mini");
  move.to = *ref;
  const base::Currency currency = book->CurrencyOf(ref->provider);
  if (book->Find(ref->provider, ref->model, currency) == nullptr) {
    const std::string in = currency.none() ? "" : " in " + std::string(currency.code());
    return Fail(base::Code::kInvalid,
                "no price of " + *to + in + " is known; sluice prices list has those that are");
  }
  for (const std::string& text : arguments.All("--of")) {
    auto filter = insight::ParseFilter(text);
    if (!filter) return Fail(std::move(filter).error());
    move.filters.push_back(std::move(*filter));
  }
  const auto share = ParseShare(arguments, "--share", move.share);
  if (!share) return Fail(share.error());
  move.share = *share;
  return std::optional(std::move(move));
}

Result<Supposition> ReadSupposition(const Arguments& arguments, const LedgerView& view,
                                    const config::Settings& settings, const std::string& data_directory,
                                    base::WallTime now) {
  Supposition supposition;
  const std::string prices = arguments.Get("--prices", "");
  supposition.other_prices = !prices.empty();
  supposition.keep_unlisted = supposition.other_prices && prices != "catalogue";
  supposition.off_peak = arguments.Has("--off-peak");
  supposition.no_provider_cache = arguments.Has("--no-provider-cache");
  if (const auto at = arguments.Find("--at")) {
    const auto instant = insight::ParseInstant(*at, view.zone, now);
    if (!instant) return Fail(instant.error());
    supposition.prices_of = *instant;
  }
  const auto hits = ParseShare(arguments, "--cache-hits", supposition.cache_hits);
  if (!hits) return Fail(hits.error());
  supposition.cache_hits = *hits;
  auto book = MakeBook(prices, settings, data_directory);
  if (!book) return Fail(std::move(book).error());
  supposition.book = std::move(*book);
  auto move = ReadMove(arguments, supposition.book.get());
  if (!move) return Fail(std::move(move).error());
  supposition.move = std::move(*move);
  return supposition;
}

int PrintResult(const insight::ScanResult& scan, const std::string& what, const LedgerView& view,
                Format format) {
  if (scan.damages > 0) {
    std::cerr << "sluice: " << scan.damages << " parts of the journal cannot be read:\n";
    for (const store::JournalDamage& damage : scan.damage) std::cerr << "  " << store::Print(damage) << '\n';
  }
  if (scan.missing_before)
    std::cerr << "sluice: " << insight::MissingSentence(*scan.missing_before, view.zone) << '\n';
  switch (format) {
    case Format::kJson:
      std::cout << insight::WhatIfJson(scan.what_if, what, view.conversion) << '\n';
      break;
    case Format::kCsv:
      std::cout << insight::WhatIfCsv(scan.what_if, view.conversion);
      std::cerr << insight::WhatIfNotes(scan.what_if);
      break;
    case Format::kTable:
      std::cout << insight::WhatIfText(scan.what_if, what, view.conversion);
      break;
  }
  return kDone;
}

}  // namespace

int WhatIf(const std::vector<std::string>& given, const config::Environment& environment) {
  if (AsksForHelp(given)) {
    std::cout << kHelp;
    return kDone;
  }
  std::vector<std::string> options = LedgerViewOptions();
  options.insert(options.end(), {"--at", "--prices", "--cache-hits", "--to-model", "--share", "--threads"});
  std::vector<std::string> repeatable = LedgerViewRepeatable();
  repeatable.emplace_back("--of");
  const auto arguments = Arguments::Parse(
      given, options, {.flags = {"--off-peak", "--no-provider-cache"}, .repeatable = std::move(repeatable)});
  if (!arguments) return Complain(kWrongUsage, arguments.error().detail);
  if (!arguments->words().empty())
    return Complain(kWrongUsage, "what-if takes options only; see sluice what-if --help");
  const base::SystemClock clock;
  const base::WallTime now = clock.WallNow();
  const auto view = ReadLedgerView(*arguments, environment, now);
  if (!view) return Complain(kWrongUsage, view.error().detail);
  const auto format = ParseFormat(arguments->Get("--format", "table"));
  if (!format) return Complain(kWrongUsage, "--format is table, json or csv");
  const auto threads = config::ParseCount(
      arguments->Get("--threads", std::to_string(std::max(1U, std::thread::hardware_concurrency()))));
  if (!threads || *threads == 0) return Complain(kWrongUsage, "--threads is a number from 1");
  const LoadedConfig loaded = LoadConfig(*arguments, environment);
  if (loaded.code != kDone) return loaded.code;
  const std::string data = DataDirectory(*arguments, loaded);
  if (const int code = RequireData(data); code != kDone) return code;
  const config::Settings settings = loaded.settings ? *loaded.settings : config::DefaultSettings(environment);
  const auto supposition = ReadSupposition(*arguments, *view, settings, data, now);
  if (!supposition) {
    const bool wrong = supposition.error().code == base::Code::kInvalid;
    return Complain(wrong ? kWrongUsage : kEnvironment, supposition.error().detail);
  }
  base::Result<insight::ScanResult> scan = [&] {
    ProgressBar bar(clock);
    return insight::ScanWhatIf(
        data, *supposition,
        {.period = view->period,
         .filters = view->filters,
         .threads = static_cast<unsigned>(std::min<std::uint64_t>(*threads, kThreadsMax)),
         .progress = [&bar](std::uint64_t done, std::uint64_t all) { bar.Tell(done, all); },
         .note = TellOfIndex});
  }();
  if (!scan) return Complain(kEnvironment, scan.error().detail);
  return PrintResult(*scan, insight::Describe(*supposition, arguments->Get("--prices", ""), view->zone),
                     *view, *format);
}

}  // namespace apps
