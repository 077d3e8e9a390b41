#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "base/result.h"
#include "store/disk.h"

// What a provider says is left on an account, held against what the ledger says was spent.

namespace insight {

inline constexpr std::size_t kReadingsMax = 1'000;  // that are kept; the oldest go first

// What an account had at one moment, in one currency.
struct BalanceReading {
  base::WallTime at;
  std::string provider;  // as in the config
  base::Currency currency;
  base::Int128 total = 0;  // pico-units; the sum of the next two
  base::Int128 granted = 0;
  base::Int128 topped_up = 0;
  int decimals = 2;  // how finely the provider says it

  friend bool operator==(const BalanceReading&, const BalanceReading&) = default;
};

// The readings of a data directory, DATA/balances.txt: one a line, owner-only. A file of nothing or of zeros,
// as a power cut can leave one, is set aside as balances.txt.damaged, `note` is told a sentence, and there
// are no readings. Errors: kIo with a sentence that names the file; kInvalid where a line is none of ours.
base::Result<std::vector<BalanceReading>> LoadReadings(
    const std::filesystem::path& data_directory, const std::function<void(const std::string&)>& note = {});
// Replaces the file in one step by the last kReadingsMax of `readings`; they are on the medium when it
// returns. Errors: kIo with a sentence that names the file.
base::Result<> SaveReadings(const std::filesystem::path& data_directory,
                            const std::vector<BalanceReading>& readings, store::Disk& disk);

// Whether what a second key was told, `between` two answers to a first one, can be of the first one's
// account: in every currency each figure lies between those of the two answers. Where nothing is spent that
// is the same figures; where the account is used the figures move from one question to the next.
bool OneAccount(const std::vector<BalanceReading>& before, const std::vector<BalanceReading>& between,
                const std::vector<BalanceReading>& after);

enum class BalanceVerdict : std::uint8_t {
  kAgrees,
  kDiffers,
  kMoneyCame,  // the account got money in between: the balance does not tell what was spent
};

// One period between two readings.
struct BalanceComparison {
  BalanceReading before;
  BalanceReading after;
  base::Int128 taken = 0;      // by the balance
  base::Int128 recorded = 0;   // by the ledger
  base::Int128 uncertain = 0;  // of what was being answered at either reading, and of how finely it is said
  BalanceVerdict verdict = BalanceVerdict::kAgrees;
  std::string words{};  // one or two sentences

  base::Int128 difference() const { return taken - recorded; }
};

// What the ledger says about one provider and currency.
struct LedgerSpend {
  base::Int128 recorded = 0;    // by requests that started in the period
  base::Int128 straddling = 0;  // by requests that were under way at one of its ends
};
using SpendOf =
    std::function<base::Result<LedgerSpend>(const BalanceReading& before, const BalanceReading& after)>;

// REQUIRES: both are of one provider and currency.
BalanceComparison Compare(const BalanceReading& before, const BalanceReading& after,
                          const LedgerSpend& spend);

// Every period between two readings of one provider and currency, by these and then by time. Errors: those
// of `spend_of`.
base::Result<std::vector<BalanceComparison>> CompareAll(const std::vector<BalanceReading>& readings,
                                                        const SpendOf& spend_of);

}  // namespace insight
