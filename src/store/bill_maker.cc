#include <algorithm>
#include <charconv>
#include <chrono>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "store/bill_maker_internal.h"

namespace store {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::local_seconds;
using std::chrono::minutes;
using std::chrono::seconds;

bool IsTime(Dimension dimension) {
  return dimension >= Dimension::kHour && dimension <= Dimension::kMonth;
}

seconds OffsetAt(const LedgerQuery& query, base::WallTime at) {
  return query.utc_offset ? query.utc_offset(at) : seconds(0);
}

std::string Digits(std::int64_t number, std::size_t width) {
  char text[20];
  const char* const end = std::to_chars(text, text + sizeof text, number).ptr;
  const auto size = static_cast<std::size_t>(end - text);
  return std::string(size < width ? width - size : 0, '0').append(text, size);
}

std::string DayText(std::chrono::local_days day) {
  const std::chrono::year_month_day date(day);
  return Digits(static_cast<int>(date.year()), 4) + "-" + Digits(static_cast<unsigned>(date.month()), 2) +
         "-" + Digits(static_cast<unsigned>(date.day()), 2);
}

// ISO 8601: a week belongs to the year of its Thursday.
std::string WeekText(std::chrono::local_days day) {
  const auto thursday = day + (days(3) - (std::chrono::weekday(day) - std::chrono::Monday));
  const auto year = std::chrono::year_month_day(thursday).year();
  const std::chrono::local_days first(year / std::chrono::January / 1);
  return Digits(static_cast<int>(year), 4) + "-W" + Digits((thursday - first).count() / 7 + 1, 2);
}

std::string OffsetText(seconds offset) {
  if (offset.count() == 0) return "Z";
  const auto total = std::chrono::duration_cast<minutes>(std::chrono::abs(offset));
  return (offset.count() < 0 ? "-" : "+") + Digits(total / hours(1), 2) + ":" +
         Digits((total % hours(1)).count(), 2);
}

// "2026-11-23T09:00+08:00", "2026-11-23", "2026-W48", "2026-11".
std::string TimeText(Dimension dimension, base::WallTime at, seconds offset) {
  const local_seconds local((floor<seconds>(at) + offset).time_since_epoch());
  const auto day = floor<days>(local);
  switch (dimension) {
    case Dimension::kHour:
      return DayText(day) + "T" + Digits(floor<hours>(local - day).count(), 2) + ":00" + OffsetText(offset);
    case Dimension::kDay:
      return DayText(day);
    case Dimension::kWeek:
      return WeekText(day);
    default:
      return DayText(day).substr(0, 7);
  }
}

// A row's text of a dimension that is not among kSummed and no time.
std::string_view RowText(const LedgerRow& row, const DimensionRef& dimension) {
  switch (dimension.dimension) {
    case Dimension::kUser:
      return row.user;
    case Dimension::kSession:
      return row.session;
    case Dimension::kRequest:
      return row.request_id;
    case Dimension::kTag:
      for (const auto& [name, value] : row.tags) {
        if (name == dimension.tag) return value;
      }
      return {};
    default:
      return {};
  }
}

bool IsAmong(std::string_view text, const std::vector<std::string>& texts) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

bool PassesSummed(const LedgerQuery& query, const SummedTexts& texts) {
  return std::all_of(query.filters.begin(), query.filters.end(), [&](const LedgerFilter& filter) {
    const std::size_t at = SummedAt(filter.dimension.dimension);
    return at == kSummed.size() || IsAmong(texts[at], filter.any_of);
  });
}

bool PassesOther(const LedgerQuery& query, const LedgerRow& row) {
  return std::all_of(query.filters.begin(), query.filters.end(), [&](const LedgerFilter& filter) {
    return SummedAt(filter.dimension.dimension) < kSummed.size() ||
           IsAmong(RowText(row, filter.dimension), filter.any_of);
  });
}

}  // namespace

bool InPeriod(const LedgerQuery& query, base::WallTime at) {
  return (!query.from || at >= *query.from) && (!query.to || at < *query.to);
}

bool Passes(const LedgerQuery& query, const LedgerRow& row, std::string& model) {
  if (query.filters.empty()) return true;
  if (!PassesOther(query, row)) return false;
  bool passes = false;
  ForEachContribution(row, model, [&](const Contribution& contribution) {
    passes = passes || PassesSummed(query, contribution.texts);
  });
  return passes;
}

BillMaker::BillMaker(const LedgerQuery& query, std::size_t rows_max) : query_(query), rows_max_(rows_max) {
  CHECK(query.by.size() <= kDimensionsMax);
  const auto look = [this](Dimension dimension) {
    if (IsTime(dimension)) {
      has_times_ = true;
      return;
    }
    by_usage_source_ = by_usage_source_ || dimension == Dimension::kUsageSource;
    const std::size_t at = SummedAt(dimension);
    from_sums_ = from_sums_ && at < kSummed.size();
    from_coarse_sums_ = from_coarse_sums_ && at < kCoarseDimensions;
  };
  for (const DimensionRef& by : query.by) look(by.dimension);
  for (const LedgerFilter& filter : query.filters) look(filter.dimension.dimension);
}

bool BillMaker::HourIsWhole(base::WallTime hour) const {
  if (!has_times_) return true;
  const seconds begin = OffsetAt(query_, hour);
  return begin % hours(1) == seconds(0) && begin == OffsetAt(query_, hour + hours(1) - seconds(1));
}

std::uint32_t BillMaker::Values::Number(std::string_view text) {
  auto found = numbers_.find(text);
  if (found == numbers_.end()) {
    found = numbers_.emplace(std::string(text), static_cast<std::uint32_t>(texts_.size())).first;
    texts_.push_back(&found->first);
  }
  return found->second;
}

std::vector<std::uint32_t> BillMaker::Values::Ranks() const {
  std::vector<std::uint32_t> ranks(texts_.size());
  std::uint32_t rank = 0;
  for (const auto& [text, number] : numbers_) ranks[number] = rank++;
  return ranks;
}

std::size_t BillMaker::GroupHash::operator()(const Group& group) const {
  std::uint64_t hash = group.currency;
  for (const std::uint32_t value : group.values) hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  return hash ^ hash >> 32;
}

bool BillMaker::Passes(const SummedTexts& texts) const {
  return PassesSummed(query_, texts);
}

std::optional<BillMaker::Group> BillMaker::GroupOf(const SummedTexts& texts) {
  if (!Passes(texts)) return std::nullopt;
  Group group;
  for (std::size_t i = 0; i < query_.by.size(); ++i) {
    const std::size_t at = SummedAt(query_.by[i].dimension);
    if (at < kSummed.size()) group.values[i] = values_[i].Number(texts[at]);
  }
  group.currency = currencies_.Number(texts[SummedAt(Dimension::kCurrency)]);
  return group;
}

// The texts of times are made once a second of the rows', or once an hour of the sums'.
void BillMaker::SetTimes(Group& group, base::WallTime at) {
  const std::int64_t second = floor<seconds>(at).time_since_epoch().count();
  const bool known = times_of_ == second;
  times_of_ = second;
  for (std::size_t i = 0; i < query_.by.size(); ++i) {
    const Dimension dimension = query_.by[i].dimension;
    if (!IsTime(dimension)) continue;
    if (!known) times_.values[i] = values_[i].Number(TimeText(dimension, at, OffsetAt(query_, at)));
    group.values[i] = times_.values[i];
  }
}

void BillMaker::Add(const Group& group, base::WallTime at, const LedgerSums& sums) {
  Group timed = group;
  if (has_times_) SetTimes(timed, at);
  if (groups_.size() < rows_max_) {
    groups_[timed] += sums;
  } else if (const auto known = groups_.find(timed); known != groups_.end()) {
    known->second += sums;
  } else {
    too_large_ = true;
  }
}

void BillMaker::Add(const LedgerRow& row) {
  if (!PassesOther(query_, row)) return;
  ForEachContribution(row, model_, [&](const Contribution& contribution) {
    std::optional<Group> group = GroupOf(contribution.texts);
    if (!group) return;
    for (std::size_t i = 0; i < query_.by.size(); ++i) {
      const DimensionRef& by = query_.by[i];
      if (SummedAt(by.dimension) < kSummed.size() || IsTime(by.dimension)) continue;
      group->values[i] = values_[i].Number(RowText(row, by));
    }
    Add(*group, row.started, contribution.sums);
  });
}

Bill BillMaker::Finish() {
  std::array<std::vector<std::uint32_t>, kDimensionsMax> ranks;
  for (std::size_t i = 0; i < query_.by.size(); ++i) ranks[i] = values_[i].Ranks();
  const std::vector<std::uint32_t> currency_ranks = currencies_.Ranks();
  using Place = std::array<std::uint32_t, kDimensionsMax + 1>;
  std::vector<std::pair<Place, const std::pair<const Group, LedgerSums>*>> order;
  order.reserve(groups_.size());
  for (const auto& entry : groups_) {
    Place place{};
    for (std::size_t i = 0; i < query_.by.size(); ++i) place[i] = ranks[i][entry.first.values[i]];
    place[query_.by.size()] = currency_ranks[entry.first.currency];
    order.emplace_back(place, &entry);
  }
  std::sort(order.begin(), order.end());
  const auto currency = [this](std::uint32_t number) {
    return base::Currency::Parse(currencies_.text(number)).value_or(base::Currency());
  };
  Bill bill;
  bill.rows.reserve(order.size());
  std::map<base::Currency, LedgerSums> total;
  for (const auto& [place, entry] : order) {
    BillRow& row = bill.rows.emplace_back();
    for (std::size_t i = 0; i < query_.by.size(); ++i) {
      row.values.push_back(values_[i].text(entry->first.values[i]));
    }
    row.currency = currency(entry->first.currency);
    row.sums = entry->second;
    total[row.currency] += row.sums;
    bill.unknown_price_requests += row.sums.unknown_price_requests;
  }
  for (const auto& [each, sums] : total) bill.total.push_back({.currency = each, .sums = sums});
  return bill;
}

}  // namespace store
