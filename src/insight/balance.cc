#include "insight/balance.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "base/encoding.h"
#include "base/time_text.h"
#include "store/replaced_file.h"

namespace insight {
namespace {

constexpr std::string_view kFile = "balances.txt";
constexpr std::string_view kHeading = "sluice balances 1";
constexpr int kDecimalsMax = 12;

std::string LineOf(const BalanceReading& reading) {
  std::string line(base::Rfc3339(reading.at).view());
  line.append(" ").append(reading.provider).append(" ").append(reading.currency.code());
  for (const base::Int128 pico : {reading.total, reading.granted, reading.topped_up})
    line.append(" ").append(base::PrintPico(pico));
  return line + " " + std::to_string(reading.decimals) + "\n";
}

std::optional<BalanceReading> ReadLine(const std::string& line) {
  std::istringstream in(line);
  const std::vector<std::string> words{std::istream_iterator<std::string>(in), {}};
  if (words.size() != 7) return std::nullopt;
  const auto at = base::ParseTime(words[0]);
  const auto currency = base::Currency::Parse(words[2]);
  const auto total = base::ParsePico(words[3]);
  const auto granted = base::ParsePico(words[4]);
  const auto topped_up = base::ParsePico(words[5]);
  const auto decimals = base::ParseDecimal(words[6]);
  if (!at || !currency || !total || !granted || !topped_up || !decimals || *decimals > kDecimalsMax)
    return std::nullopt;
  return BalanceReading{*at, words[1], *currency, *total, *granted, *topped_up, static_cast<int>(*decimals)};
}

base::Int128 SmallestStep(int decimals) {
  base::Int128 step = base::kPico;
  for (int i = 0; i < decimals && i < kDecimalsMax; ++i) step /= 10;
  return step;
}

std::string MoneyCame(const BalanceComparison& one) {
  const base::Currency currency = one.before.currency;
  std::string text = "money came in between: ";
  const auto rose = [&](std::string_view what, base::Int128 from, base::Int128 to) {
    text.append("what was ").append(what).append(" rose from ").append(base::PrintPico(from));
    text.append(" to ").append(base::Print({to, currency}));
  };
  if (one.after.topped_up > one.before.topped_up) {
    rose("topped up", one.before.topped_up, one.after.topped_up);
  } else {
    rose("granted", one.before.granted, one.after.granted);
  }
  const base::Int128 added = one.recorded - one.taken;
  return text + ". If the ledger is right, " + base::Print({added, currency}) +
         " were added; if you know what was, compare it with that.";
}

std::string Differs(const BalanceComparison& one) {
  const base::Currency currency = one.before.currency;
  const base::Int128 difference = one.difference();
  if (difference < 0) {
    return "the provider took " + base::Print({-difference, currency}) +
           " less than the ledger has. Either money came in that was spent again before this reading, or the "
           "ledger counts too much.";
  }
  std::string text =
      "the provider took " + base::Print({difference, currency}) +
      " more than the ledger has. Requests that did not pass this gateway are not in it; those "
      "whose price is unknown, such as calls whose answer was broken, are in it without a cost.";
  if (one.after.granted < one.before.granted && one.after.topped_up == one.before.topped_up &&
      one.after.granted == 0) {
    text += " The grant has gone to 0: what was left of it may have expired.";
  }
  return text;
}

base::Result<std::vector<BalanceReading>> SetAside(const std::filesystem::path& path,
                                                   const std::function<void(const std::string&)>& note) {
  const std::string aside = path.string() + ".damaged";
  std::error_code error;
  std::filesystem::rename(path, aside, error);
  if (error) {
    return base::Fail(base::Code::kIo,
                      path.string() + " is empty and cannot be moved away: " + error.message());
  }
  if (note) {
    note(path.string() + " holds no readings, as after a power cut; it is kept as " + aside +
         ", and the balances are compared from this reading on");
  }
  return std::vector<BalanceReading>{};
}

}  // namespace

base::Result<std::vector<BalanceReading>> LoadReadings(const std::filesystem::path& data_directory,
                                                       const std::function<void(const std::string&)>& note) {
  const std::filesystem::path path = data_directory / kFile;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::vector<BalanceReading>{};
  std::ifstream file(path);
  if (!file) return base::Fail(base::Code::kIo, "cannot read " + path.string());
  std::string line;
  if (!std::getline(file, line) || line.starts_with('\0')) {
    if (file.bad()) return base::Fail(base::Code::kIo, "cannot read " + path.string());
    return SetAside(path, note);
  }
  const auto refuse = [&path](const std::string& what) {
    return base::Fail(base::Code::kInvalid, path.string() + ": " + what +
                                                "; move the file away to begin again with the next reading");
  };
  if (line != kHeading) return refuse("this is not a list of balances, or of a newer Sluice");
  std::vector<BalanceReading> readings;
  for (std::size_t number = 2; std::getline(file, line); ++number) {
    auto reading = ReadLine(line);
    if (!reading) return refuse("line " + std::to_string(number) + " is no reading");
    readings.push_back(std::move(*reading));
  }
  return readings;
}

base::Result<> SaveReadings(const std::filesystem::path& data_directory,
                            const std::vector<BalanceReading>& readings, store::Disk& disk) {
  auto file = store::ReplacedFile::Begin(data_directory / kFile, disk);
  if (!file) return base::Fail(std::move(file).error());
  std::string text = std::string(kHeading) + "\n";
  const std::size_t first = readings.size() > kReadingsMax ? readings.size() - kReadingsMax : 0;
  for (std::size_t i = first; i < readings.size(); ++i) text += LineOf(readings[i]);
  if (auto done = file->Append(text); !done) return done;
  return file->Commit();
}

bool OneAccount(const std::vector<BalanceReading>& before, const std::vector<BalanceReading>& between,
                const std::vector<BalanceReading>& after) {
  if (before.size() != between.size() || before.size() != after.size()) return false;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const BalanceReading& one = between[i];
    if (before[i].currency != one.currency || after[i].currency != one.currency) return false;
    for (const auto figure : {&BalanceReading::total, &BalanceReading::granted, &BalanceReading::topped_up}) {
      const auto [low, high] = std::minmax(before[i].*figure, after[i].*figure);
      if (one.*figure < low || one.*figure > high) return false;
    }
  }
  return true;
}

BalanceComparison Compare(const BalanceReading& before, const BalanceReading& after,
                          const LedgerSpend& spend) {
  BalanceComparison one{before, after};
  one.taken = before.total - after.total;
  one.recorded = spend.recorded;
  const int decimals = std::max(before.decimals, after.decimals);
  // Twelve decimals are all there are: then nothing was cut off.
  one.uncertain = spend.straddling + (decimals >= kDecimalsMax ? 0 : SmallestStep(decimals));
  const base::Int128 difference = one.difference();
  const base::Int128 size = difference < 0 ? -difference : difference;
  if (after.topped_up > before.topped_up || after.granted > before.granted) {
    one.verdict = BalanceVerdict::kMoneyCame;
    one.words = MoneyCame(one);
  } else if (size <= one.uncertain) {
    one.verdict = BalanceVerdict::kAgrees;
    one.words = size == 0 ? "they agree" : "they agree, as finely as it can be known";
  } else {
    one.verdict = BalanceVerdict::kDiffers;
    one.words = Differs(one);
  }
  return one;
}

base::Result<std::vector<BalanceComparison>> CompareAll(const std::vector<BalanceReading>& readings,
                                                        const SpendOf& spend_of) {
  std::vector<BalanceReading> sorted = readings;
  std::stable_sort(sorted.begin(), sorted.end(), [](const BalanceReading& a, const BalanceReading& b) {
    return std::tie(a.provider, a.currency, a.at) < std::tie(b.provider, b.currency, b.at);
  });
  std::vector<BalanceComparison> comparisons;
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    const BalanceReading& before = sorted[i - 1];
    const BalanceReading& after = sorted[i];
    if (before.provider != after.provider || before.currency != after.currency) continue;
    const auto spend = spend_of(before, after);
    if (!spend) return base::Fail(spend.error());
    comparisons.push_back(Compare(before, after, *spend));
  }
  return comparisons;
}

}  // namespace insight
