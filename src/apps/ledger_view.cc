#include "apps/ledger_view.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "chat/endpoint.h"
#include "chat/rung.h"
#include "store/ledger_row.h"

namespace apps {
namespace {

using base::Fail;
using store::Dimension;

// Filters that have an option of their own.
constexpr std::pair<std::string_view, std::string_view> kFilterOptions[] = {
    {"--org", "org"},           {"--team", "team"}, {"--project", "project"},
    {"--key", "key_id"},        {"--user", "user"}, {"--model", "model"},
    {"--provider", "provider"}, {"--rung", "rung"}, {"--asked", "asked_model"}};

std::vector<std::string> Split(std::string_view text, char at) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = std::min(text.find(at), text.size());
    parts.emplace_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view LongName(std::string_view name) {
  if (name == "asked") return "asked_model";
  if (name == "key") return "key_id";
  if (name == "request_id") return "request";
  return name;
}

bool IsTime(Dimension dimension) {
  return dimension == Dimension::kHour || dimension == Dimension::kDay || dimension == Dimension::kWeek ||
         dimension == Dimension::kMonth;
}

// The values that a dimension can have; empty where they are anybody's.
std::vector<std::string> FixedValues(Dimension dimension) {
  std::vector<std::string> values;
  const auto add = [&values](auto last, auto name) {
    for (int i = 0; i <= static_cast<int>(last); ++i)
      values.emplace_back(name(static_cast<decltype(last)>(i)));
  };
  switch (dimension) {
    case Dimension::kRung:
      add(chat::Rung::kStrong, [](chat::Rung rung) { return chat::Name(rung); });
      break;
    case Dimension::kOperation:
      add(chat::Operation::kCountTokens, store::OperationWord);
      break;
    case Dimension::kStatus:
      values = {"1xx", "2xx", "3xx", "4xx", "5xx", "none"};
      break;
    case Dimension::kStream:
      values = {"true", "false"};
      break;
    default:
      break;
  }
  return values;
}

// Refuses what no row can have, so that a slip of the pen is not an empty bill.
base::Result<> CheckValues(const store::LedgerFilter& filter) {
  const std::vector<std::string> known = FixedValues(filter.dimension.dimension);
  for (const std::string& value : filter.any_of) {
    const std::string no = "'" + value + "' is no " + store::Name(filter.dimension);
    if (filter.dimension.dimension == Dimension::kCurrency && !value.empty() &&
        !base::Currency::Parse(value)) {
      return Fail(base::Code::kInvalid, no + "; write a code such as USD or CNY");
    }
    if (known.empty() || std::find(known.begin(), known.end(), value) != known.end()) continue;
    std::string list;
    for (const std::string& each : known) list += (list.empty() ? "" : ", ") + each;
    return Fail(base::Code::kInvalid, no + "; there are " + list);
  }
  return {};
}

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

base::Result<store::LedgerFilter> ParseFilter(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return Fail(base::Code::kInvalid, "'" + std::string(text.substr(0, 60)) +
                                          "' is no filter; write a name and its value, such as team=support");
  }
  auto dimension = store::ParseDimension(LongName(text.substr(0, equals)));
  if (!dimension) return Fail(std::move(dimension).error());
  if (IsTime(dimension->dimension))
    return Fail(base::Code::kInvalid, "a time is no filter; use --from and --to");
  store::LedgerFilter filter{std::move(*dimension), Split(text.substr(equals + 1), '|')};
  if (auto checked = CheckValues(filter); !checked) return Fail(std::move(checked).error());
  return filter;
}

base::Result<std::vector<store::DimensionRef>> ParseDimensions(std::string_view list) {
  std::vector<store::DimensionRef> dimensions;
  if (list.empty()) return dimensions;
  for (const std::string& name : Split(list, ',')) {
    auto dimension = store::ParseDimension(LongName(name));
    if (!dimension) return Fail(std::move(dimension).error());
    if (std::find(dimensions.begin(), dimensions.end(), *dimension) != dimensions.end())
      return Fail(base::Code::kInvalid, "'" + name + "' is asked for twice");
    dimensions.push_back(std::move(*dimension));
  }
  return dimensions;
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
    auto filter = ParseFilter(text);
    if (!filter) return Fail(std::move(filter).error());
    view.filters.push_back(std::move(*filter));
  }
  for (const auto& [option, dimension] : kFilterOptions) {
    const std::vector<std::string>& values = arguments.All(option);
    if (values.empty()) continue;
    auto parsed = store::ParseDimension(dimension);
    if (!parsed) return Fail(std::move(parsed).error());
    view.filters.push_back({std::move(*parsed), values});
    if (auto checked = CheckValues(view.filters.back()); !checked) return Fail(std::move(checked).error());
  }
  if (const std::vector<std::string>& rates = arguments.All("--convert"); !rates.empty()) {
    auto conversion = insight::Conversion::Parse(rates);
    if (!conversion) return Fail(std::move(conversion).error());
    view.conversion = std::move(*conversion);
  }
  return view;
}

}  // namespace apps
