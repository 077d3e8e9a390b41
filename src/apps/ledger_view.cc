#include "apps/ledger_view.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "insight/dimensions.h"

namespace apps {
namespace {

using base::Fail;

// Filters that have an option of their own.
constexpr std::pair<std::string_view, std::string_view> kFilterOptions[] = {
    {"--org", "org"},           {"--team", "team"}, {"--project", "project"},
    {"--key", "key_id"},        {"--user", "user"}, {"--model", "model"},
    {"--provider", "provider"}, {"--rung", "rung"}, {"--asked", "asked_model"}};

}  // namespace

store::LedgerQuery LedgerView::Query() const {
  store::LedgerQuery query;
  query.from = period.from;
  query.to = period.to;
  query.filters = filters;
  query.utc_offset = [zone = zone](base::WallTime at) { return zone.OffsetAt(at); };
  return query;
}

std::vector<std::string> LedgerViewOptions() {
  return {"-c", "--data", "--from", "--to", "--timezone", "--format"};
}

std::vector<std::string> LedgerViewRepeatable() {
  std::vector<std::string> options = {"--where", "--convert"};
  for (const auto& [option, dimension] : kFilterOptions) options.emplace_back(option);
  return options;
}

std::string SystemZone(const config::Environment& environment) {
  constexpr std::string_view kFolder = "zoneinfo/";
  if (auto zone = environment("TZ"); zone && !zone->empty())
    return zone->starts_with(':') ? zone->substr(1) : *zone;
  std::error_code error;
  const std::string target = std::filesystem::read_symlink("/etc/localtime", error).string();
  const std::size_t at = target.rfind(kFolder);
  return error || at == std::string::npos ? "UTC" : target.substr(at + kFolder.size());
}

base::Result<LedgerView> ReadLedgerView(const Arguments& arguments, const config::Environment& environment,
                                        base::WallTime now) {
  LedgerView view;
  if (const auto named = arguments.Find("--timezone")) {
    auto zone = base::TimeZone::Find(*named);
    if (!zone) return Fail(std::move(zone).error());
    view.zone = std::move(*zone);
  } else if (auto zone = base::TimeZone::Find(SystemZone(environment)); zone) {
    view.zone = std::move(*zone);  // a machine whose own zone is odd is read in UTC
  }
  auto period = insight::ParsePeriod(arguments.Get("--from", ""), arguments.Get("--to", ""), view.zone, now);
  if (!period) return Fail(std::move(period).error());
  view.period = *period;
  for (const std::string& text : arguments.All("--where")) {
    auto filter = insight::ParseFilter(text);
    if (!filter) return Fail(std::move(filter).error());
    view.filters.push_back(std::move(*filter));
  }
  for (const auto& [option, dimension] : kFilterOptions) {
    const std::vector<std::string>& values = arguments.All(option);
    if (values.empty()) continue;
    auto parsed = store::ParseDimension(dimension);
    if (!parsed) return Fail(std::move(parsed).error());
    view.filters.push_back({std::move(*parsed), values});
    if (auto checked = insight::CheckValues(view.filters.back()); !checked)
      return Fail(std::move(checked).error());
  }
  if (const std::vector<std::string>& rates = arguments.All("--convert"); !rates.empty()) {
    auto conversion = insight::Conversion::Parse(rates);
    if (!conversion) return Fail(std::move(conversion).error());
    view.conversion = std::move(*conversion);
  }
  return view;
}

}  // namespace apps
