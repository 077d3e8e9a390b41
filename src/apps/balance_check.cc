#include "apps/balance_check.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "base/time_text.h"
#include "config/reader.h"
#include "insight/balance.h"
#include "insight/period.h"
#include "store/row_json.h"
#include "upstream/balance.h"
#include "upstream/proxy.h"

namespace apps {
namespace {

using base::Result;
using insight::BalanceComparison;
using insight::BalanceReading;

constexpr std::chrono::hours kRequestMax{1};  // no request is under way for longer
constexpr std::size_t kReadingsShown = 50;    // the newest, where no period is named

// What the account of one key has, in each currency.
Result<std::vector<BalanceReading>> ReadKey(const std::string& name, const config::ProviderSettings& provider,
                                            const config::Secret& key, const upstream::ProxyRules& proxies,
                                            const base::Clock& clock) {
  const auto balances = upstream::AskBalance(provider, key, proxies, clock);
  if (!balances) return base::Fail(balances.error());
  std::vector<BalanceReading> readings;
  for (const wire::Balance& one : *balances) {
    readings.push_back(
        {clock.WallNow(), name, one.currency, one.total, one.granted, one.topped_up, one.decimals});
  }
  return readings;
}

// What one provider says, in each currency. A key is taken to be of an account that is known when its figures
// are that account's, or lie between two answers to that account's first key; accounts are added up.
Result<std::vector<BalanceReading>> ReadProvider(const std::string& name,
                                                 const config::ProviderSettings& provider,
                                                 const upstream::ProxyRules& proxies,
                                                 const base::Clock& clock, std::size_t& accounts) {
  struct Account {
    const config::Secret* key;
    std::vector<BalanceReading> last;
  };
  std::vector<Account> found;
  for (const config::Secret& key : provider.keys) {
    auto told = ReadKey(name, provider, key, proxies, clock);
    if (!told) return told;
    bool known = false;
    for (Account& account : found) {
      known = insight::OneAccount(account.last, *told, account.last);
      if (known) break;
      auto again = ReadKey(name, provider, *account.key, proxies, clock);
      if (!again) return again;
      known = insight::OneAccount(account.last, *told, *again);
      account.last = std::move(*again);
      if (known) break;
    }
    if (!known) found.push_back({&key, std::move(*told)});
  }
  accounts = found.size();
  std::map<base::Currency, BalanceReading> sums;
  for (const Account& account : found) {
    for (const BalanceReading& one : account.last) {
      BalanceReading& sum = sums[one.currency];
      sum.at = std::max(sum.at, one.at);
      sum.provider = name;
      sum.currency = one.currency;
      sum.total += one.total;
      sum.granted += one.granted;
      sum.topped_up += one.topped_up;
      sum.decimals = std::max(sum.decimals, one.decimals);
    }
  }
  std::vector<BalanceReading> readings;
  for (auto& [currency, sum] : sums) readings.push_back(std::move(sum));
  return readings;
}

// What requests under way at an instant cost, whichever side of it they count on.
Result<base::Int128> Straddling(store::Ledger& ledger, store::LedgerQuery query, base::WallTime at,
                                base::Currency currency) {
  query.from = at - kRequestMax;
  query.to = at;
  const auto parts = ledger.Parts(query);
  if (!parts) return base::Fail(parts.error());
  base::Int128 sum = 0;
  for (const store::LedgerPart& part : *parts) {
    const auto read = store::Ledger::ReadPart(part, query, [&](const store::LedgerRow& row) {
      if (row.completed >= at && store::CurrencyOf(row) == currency) sum += store::CostOf(row).value_or(0);
      return true;
    });
    if (!read) return base::Fail(read.error());
  }
  return sum;
}

Result<insight::LedgerSpend> SpendOf(store::Ledger& ledger, const BalanceReading& before,
                                     const BalanceReading& after) {
  store::LedgerQuery query;
  query.from = before.at;
  query.to = after.at;
  query.filters.push_back({{store::Dimension::kProvider}, {before.provider}});
  insight::LedgerSpend spend;
  const auto bill = ledger.Query(query);
  if (!bill) return base::Fail(bill.error());
  for (const store::BillRow& row : bill->total) {
    if (row.currency == before.currency) spend.recorded = row.sums.cost;
  }
  for (const base::WallTime at : {before.at, after.at}) {
    const auto straddling = Straddling(ledger, query, at, before.currency);
    if (!straddling) return base::Fail(straddling.error());
    spend.straddling += *straddling;
  }
  return spend;
}

std::string_view Word(insight::BalanceVerdict verdict) {
  switch (verdict) {
    case insight::BalanceVerdict::kAgrees:
      return "agrees";
    case insight::BalanceVerdict::kDiffers:
      return "differs";
    case insight::BalanceVerdict::kMoneyCame:
      return "money_came";
  }
  return {};
}

// Whether there is nothing yet to compare a reading with.
bool IsFirst(const BalanceReading& one, const std::vector<BalanceComparison>& comparisons) {
  return std::none_of(comparisons.begin(), comparisons.end(), [&one](const auto& comparison) {
    return comparison.after.provider == one.provider && comparison.after.currency == one.currency;
  });
}

void PrintJson(const std::vector<BalanceReading>& now, const std::vector<BalanceComparison>& comparisons) {
  base::JsonObject object;
  object.OpenArray("balances");
  for (const BalanceReading& one : now) {
    object.OpenElement().Add("provider", one.provider).Add("at", base::PrintTime(one.at));
    object.Add("currency", one.currency.code()).Add("total", base::Print({one.total, one.currency}));
    object.Add("granted", base::Print({one.granted, one.currency}));
    object.Add("topped_up", base::Print({one.topped_up, one.currency})).Close();
  }
  object.Close().OpenArray("periods");
  for (const BalanceComparison& one : comparisons) {
    const base::Currency currency = one.before.currency;
    object.OpenElement().Add("provider", one.before.provider).Add("currency", currency.code());
    object.Add("from", base::PrintTime(one.before.at)).Add("to", base::PrintTime(one.after.at));
    object.Add("balance", base::Print({one.taken, currency}));
    object.Add("ledger", base::Print({one.recorded, currency}));
    object.Add("difference", base::Print({one.difference(), currency}));
    object.Add("uncertain", base::Print({one.uncertain, currency}));
    object.Add("verdict", Word(one.verdict)).Add("words", one.words).Close();
  }
  std::cout << object.Close().Finish() << '\n';
}

// A line for each period; a provider that was asked for the first time has one without a beginning.
void PrintCsv(const std::vector<BalanceReading>& now, const std::vector<BalanceComparison>& comparisons) {
  Table table({"provider", "currency", "from", "to", "total", "granted", "topped_up", "balance", "ledger",
               "difference", "uncertain", "verdict", "words"});
  const auto start = [](const BalanceReading& one, std::string from) {
    return std::vector<std::string>{one.provider,
                                    std::string(one.currency.code()),
                                    std::move(from),
                                    base::PrintTime(one.at),
                                    base::PrintPico(one.total),
                                    base::PrintPico(one.granted),
                                    base::PrintPico(one.topped_up)};
  };
  for (const BalanceReading& one : now) {
    if (!IsFirst(one, comparisons)) continue;
    std::vector<std::string> cells = start(one, "");
    cells.resize(13);
    cells[11] = "first";
    table.Add(std::move(cells));
  }
  for (const BalanceComparison& one : comparisons) {
    std::vector<std::string> cells = start(one.after, base::PrintTime(one.before.at));
    for (const base::Int128 amount : {one.taken, one.recorded, one.difference(), one.uncertain})
      cells.push_back(base::PrintPico(amount));
    cells.emplace_back(Word(one.verdict));
    cells.push_back(one.words);
    table.Add(std::move(cells));
  }
  table.Print(std::cout, Format::kCsv);
}

void PrintText(const std::vector<BalanceReading>& now, const std::vector<BalanceComparison>& comparisons,
               const base::TimeZone& zone) {
  for (const BalanceReading& one : now) {
    std::cout << one.provider << " has " << base::Print({one.total, one.currency}) << " left ("
              << base::PrintPico(one.granted) << " granted, which is spent first, "
              << base::PrintPico(one.topped_up) << " topped up)\n";
    if (IsFirst(one, comparisons))
      std::cout << "  this is the first reading; the next --check compares with it\n";
  }
  for (const BalanceComparison& one : comparisons) {
    const base::Currency currency = one.before.currency;
    std::cout << '\n'
              << one.before.provider << ", " << insight::PrintLocal(one.before.at, zone) << " to "
              << insight::PrintLocal(one.after.at, zone) << "\n  by the balance "
              << base::Print({one.taken, currency}) << ", by the ledger "
              << base::Print({one.recorded, currency}) << ", difference "
              << base::Print({one.difference(), currency}) << " (uncertain by up to "
              << base::Print({one.uncertain, currency}) << ")\n  " << Word(one.verdict) << ": " << one.words
              << '\n';
  }
}

}  // namespace

int CheckBalances(store::Ledger& ledger, const std::string& data_directory, const LoadedConfig& loaded,
                  const LedgerView& view, const config::Environment& environment, const base::Clock& clock,
                  Format format) {
  const config::Settings settings = loaded.settings ? *loaded.settings : config::DefaultSettings(environment);
  const auto proxies = upstream::ProxyRules::FromEnvironment(environment);
  if (!proxies) return Complain(kWrongUsage, proxies.error().detail);
  auto readings = insight::LoadReadings(
      data_directory, [](const std::string& sentence) { std::cerr << "sluice: " << sentence << '\n'; });
  if (!readings) return Complain(kEnvironment, readings.error().detail);
  std::vector<BalanceReading> now;
  for (const auto& [name, provider] : settings.providers) {
    if (!upstream::TellsBalance(provider) || provider.keys.empty()) continue;
    std::size_t accounts = 0;
    auto read = ReadProvider(name, provider, *proxies, clock, accounts);
    if (!read)
      return Complain(kEnvironment, "the balance of " + name + " cannot be had: " + read.error().detail);
    if (accounts > 1)
      std::cerr << "sluice: the " << provider.keys.size() << " keys of " << name << " are of " << accounts
                << " accounts, which are added up\n";
    now.insert(now.end(), read->begin(), read->end());
  }
  if (now.empty()) {
    return Complain(kEnvironment,
                    "no provider with a key tells its balance (DeepSeek does); name the config with -c FILE");
  }
  readings->insert(readings->end(), now.begin(), now.end());
  std::error_code error;
  std::filesystem::create_directories(data_directory, error);
  store::SystemDisk disk;
  if (auto saved = insight::SaveReadings(data_directory, *readings, disk); !saved)
    return Complain(kEnvironment, saved.error().detail);
  std::erase_if(*readings, [&view](const BalanceReading& one) { return !view.period.Has(one.at); });
  if (!view.period.from && readings->size() > kReadingsShown)
    readings->erase(readings->begin(), readings->end() - static_cast<std::ptrdiff_t>(kReadingsShown));
  const auto comparisons =
      insight::CompareAll(*readings, [&ledger](const BalanceReading& before, const BalanceReading& after) {
        return SpendOf(ledger, before, after);
      });
  if (!comparisons) return Complain(kEnvironment, comparisons.error().detail);
  switch (format) {
    case Format::kJson:
      PrintJson(now, *comparisons);
      break;
    case Format::kCsv:
      PrintCsv(now, *comparisons);
      break;
    case Format::kTable:
      PrintText(now, *comparisons, view.zone);
      break;
  }
  // Old periods are shown for the record; what a reading is about is the time since the one before.
  const bool differs =
      std::any_of(comparisons->begin(), comparisons->end(), [&now](const BalanceComparison& one) {
        return one.verdict == insight::BalanceVerdict::kDiffers &&
               std::find(now.begin(), now.end(), one.after) != now.end();
      });
  return differs ? kNo : kDone;
}

}  // namespace apps
