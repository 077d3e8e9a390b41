#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/arguments.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/time_zone.h"
#include "config/environment.h"
#include "insight/amounts.h"
#include "insight/period.h"
#include "store/ledger_query.h"

namespace apps {

// What every command that reads the ledger may be told: which requests, on whose clock, in which currency.
struct LedgerView {
  base::TimeZone zone;
  insight::Period period;
  std::vector<store::LedgerFilter> filters;
  std::optional<insight::Conversion> conversion;

  // Of the period and the filters.
  store::LedgerQuery Query() const;
};

// The options that LedgerView reads: those with one value, and those that may be repeated.
std::vector<std::string> LedgerViewOptions();
std::vector<std::string> LedgerViewRepeatable();

// Errors: kInvalid, with what to write instead.
base::Result<LedgerView> ReadLedgerView(const Arguments& arguments, const config::Environment& environment,
                                        base::WallTime now);

// The zone of the machine: TZ, else what /etc/localtime points to, else UTC.
std::string SystemZone(const config::Environment& environment);

}  // namespace apps
