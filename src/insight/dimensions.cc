#include "insight/dimensions.h"

#include <algorithm>
#include <utility>

#include "chat/endpoint.h"
#include "chat/rung.h"
#include "chat/usage.h"
#include "store/ledger_row.h"

namespace insight {
namespace {

using base::Fail;
using store::Dimension;

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
    case Dimension::kUsageSource:
      add(chat::UsageSource::kNone, [](chat::UsageSource source) { return chat::Name(source); });
      break;
    default:
      break;
  }
  return values;
}

}  // namespace

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

base::Result<store::LedgerFilter> ParseFilter(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return Fail(base::Code::kInvalid, "'" + std::string(text.substr(0, 60)) +
                                          "' is no filter; write a name and its value, such as team=support");
  }
  auto dimension = store::ParseDimension(LongName(text.substr(0, equals)));
  if (!dimension) return Fail(std::move(dimension).error());
  if (IsTime(dimension->dimension))
    return Fail(base::Code::kInvalid, "a time is no filter; say from when and to when");
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

}  // namespace insight
