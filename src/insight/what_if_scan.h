#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/result.h"
#include "insight/period.h"
#include "insight/what_if.h"
#include "store/journal_damage.h"
#include "store/ledger_query.h"

namespace insight {

struct ScanOptions {
  Period period{};  // of the start of a request
  std::vector<store::LedgerFilter> filters{};
  unsigned threads = 1;  // that read; at least 1
  // Told how far it is, each time some megabytes have been read; by one thread at a time. May be empty.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress{};
  // As in store::LedgerOptions. May be empty.
  std::function<void(std::string_view event, std::string_view sentence)> note{};
};

struct ScanResult {
  WhatIf what_if{};
  std::uint64_t rows = 0;                      // read, those outside of the period included
  std::vector<store::JournalDamage> damage{};  // what could not be read, the first kDamageMax
  std::uint64_t damages = 0;
  // Requests that were started before this may be missing in the period: their rows were removed for their
  // age.
  std::optional<base::WallTime> missing_before{};
};
inline constexpr std::size_t kDamageMax = 20;

// Prices every row of the journal of a data directory again, straight from its segments, while the gateway
// may be writing. A row that was written twice counts once, as in a bill: the index, which is brought up to
// date for that, knows them. The calling thread reads too. `supposition` outlives the call. Errors: those of
// store::Ledger.
base::Result<ScanResult> ScanWhatIf(const std::filesystem::path& data_directory,
                                    const Supposition& supposition, const ScanOptions& options);

}  // namespace insight
