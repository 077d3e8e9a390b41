#include "insight/amounts.h"

#include <algorithm>

namespace insight {
namespace {

constexpr base::Int128 kMillion = 1'000'000;
constexpr base::Int128 kRateMax = static_cast<base::Int128>(base::kPico) * 1'000'000;  // of one for another

}  // namespace

std::string Grouped(base::Int128 number) {
  // A whole number of units prints without decimals.
  const bool negative = number < 0;
  std::string digits;
  base::Int128 rest = number;
  std::size_t count = 0;
  do {
    const int digit = static_cast<int>(rest % 10);
    if (count != 0 && count % 3 == 0) digits += ',';
    digits += static_cast<char>('0' + (digit < 0 ? -digit : digit));
    rest /= 10;
    ++count;
  } while (rest != 0);
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string Words(chat::Meter meter) {
  std::string words(chat::Name(meter));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string PrintMillionths(base::Int128 numerator) {
  const base::Int128 whole = numerator / kMillion;
  const auto rest = static_cast<std::int64_t>(numerator % kMillion);
  if (rest == 0) return base::PrintPico(whole);
  // The figures behind the twelfth decimal follow those before it, which must then all be there.
  const std::int64_t fraction = rest < 0 ? -rest : rest;
  std::string more = std::to_string(static_cast<std::int64_t>(kMillion) + fraction).substr(1);
  while (more.ends_with('0')) more.pop_back();
  std::string text = base::PrintPico(whole < 0 ? -whole : whole);
  const std::size_t point = text.find('.');
  const std::size_t decimals = point == std::string::npos ? 0 : text.size() - point - 1;
  if (point == std::string::npos) text += '.';
  text.append(12 - decimals, '0');
  return (numerator < 0 ? "-" : "") + text + more;
}

std::string PrintChange(base::Int128 before, base::Int128 now) {
  if (before <= 0) return {};
  const base::Int128 difference = now < before ? before - now : now - before;
  const base::Int128 tenths = base::DivideRounded(difference * 1'000, before);
  std::string text = tenths == 0 ? "" : now < before ? "-" : "+";
  text += Grouped(tenths / 10);
  text += '.';
  text += static_cast<char>('0' + static_cast<int>(tenths % 10));
  return text + "%";
}

base::Result<Conversion> Conversion::Parse(const std::vector<std::string>& given) {
  const auto refuse = [](const std::string& text, const std::string& why) {
    return base::Fail(base::Code::kInvalid, "'" + text.substr(0, 60) + "': " + why +
                                                "; write what one unit is worth, such as \"CNY=0.14 USD\"");
  };
  Conversion conversion;
  for (const std::string& text : given) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) return refuse(text, "no rate");
    const auto from = base::Currency::Parse(text.substr(0, equals));
    if (!from) return refuse(text, from.error().detail);
    const auto worth = base::ParseMoney(text.substr(equals + 1));
    if (!worth) return refuse(text, worth.error().detail);
    if (worth->pico <= 0 || worth->pico > kRateMax)
      return refuse(text, "a rate is more than 0, up to 1000000");
    if (*from == worth->currency) return refuse(text, "a currency is worth itself");
    if (!conversion.to_.none() && conversion.to_ != worth->currency)
      return refuse(text, "all rates of one report lead to one currency");
    if (!conversion.rates_.emplace(*from, worth->pico).second) return refuse(text, "a second rate");
    conversion.to_ = worth->currency;
  }
  if (conversion.rates_.contains(conversion.to_))
    return base::Fail(base::Code::kInvalid, "the currency that is converted into cannot have a rate itself");
  return conversion;
}

std::optional<base::Int128> Conversion::Convert(base::Int128 pico, base::Currency from) const {
  if (from == to_) return pico;
  const auto rate = rates_.find(from);
  if (rate == rates_.end()) return std::nullopt;
  // Whole units apart from the rest, so that no product overflows.
  const base::Int128 units = pico / base::kPico;
  const base::Int128 rest = pico % base::kPico;
  return units * rate->second + base::DivideRounded(rest * rate->second, base::kPico);
}

std::string Conversion::Print() const {
  std::string text;
  for (const auto& [from, rate] : rates_) {
    if (!text.empty()) text += ", ";
    text.append("1 ").append(from.code()).append(" = ").append(base::Print({rate, to_}));
  }
  return text;
}

std::string Print(const ByCurrency& amounts) {
  std::string text;
  for (const auto& [currency, pico] : amounts) {
    if (!text.empty()) text += " and ";
    text += base::Print({pico, currency});
  }
  return text.empty() ? "nothing" : text;
}

}  // namespace insight
