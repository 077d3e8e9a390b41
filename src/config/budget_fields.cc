#include <algorithm>
#include <string>
#include <utility>

#include "config/field.h"
#include "config/field_internal.h"

namespace config {
namespace {

constexpr std::size_t kCredentialMax = 512;  // bytes

Parsed<base::Money> ParseCash(std::string_view text) {
  constexpr std::string_view kExample = "write for example 200 USD";
  const auto money = base::ParseMoney(text);
  if (!money) {
    return Refuse("an amount of money is a plain decimal and a currency with a blank between",
                  std::string(kExample));
  }
  if (money->pico <= 0) return Refuse("it is more than nothing", std::string(kExample));
  return *money;
}

Parsed<base::TimeZone> ParseZone(std::string_view text) {
  auto zone = base::TimeZone::Find(text);
  if (zone) return std::move(*zone);
  if (zone.error().code == base::Code::kUnavailable) {
    return Refuse("the names of time zones are not known here: " + zone.error().detail,
                  "write UTC, or an offset such as +08:00");
  }
  return Refuse(
      "there is no such time zone",
      "write its name in the zone database, such as Asia/Shanghai, or UTC, or an offset such as +08:00");
}

Parsed<Secret> ParseCredential(std::string_view text) {
  if (text.empty()) {
    return Refuse("it is not empty", "set the environment variable it comes from, or leave it out");
  }
  const bool printable = std::all_of(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != '\x7f'; });
  if (text.size() > kCredentialMax || !printable) {
    return Refuse("it has at most 512 bytes and no line end", "write it alone");
  }
  return Secret(std::string(text));
}

}  // namespace

Field Scope(std::string_view name, ScopePattern& value, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "scope, `KIND/NAME`",
          .schema = Pattern("^(org|(org|team|project|key|user|tag|provider|model|session)/.+)$"),
          .example = "team/support",
          .set = Store(value, &ScopePattern::Parse)};
}

Field Cash(std::string_view name, base::Money& value, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "amount of money, at most twelve decimals",
          .schema = Pattern("^[0-9]+(\\.[0-9]+)? [A-Z]{3}$"),
          .example = "200 USD",
          .set = Store(value, &ParseCash)};
}

Field Pace(std::string_view name, Rate& value, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "rate, `COUNT/s`, `/min`, `/h` or `/day`",
          .schema = Pattern("^[0-9]+/(s|min|h|day)$"),
          .example = "600/min",
          .set = Store(value, &Rate::Parse)};
}

Field Zone(std::string_view name, base::TimeZone& value, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "time zone",
          .schema = std::string(kText),
          .example = "Asia/Shanghai",
          .fallback = value.name(),
          .set = Store(value, &ParseZone)};
}

Field AlertTarget(std::string_view name, AlertAddress& value, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "URL, or `mailto:ADDRESS`",
          .schema = Pattern("^([Hh][Tt][Tt][Pp][Ss]?://[^#@]+|[Mm][Aa][Ii][Ll][Tt][Oo]:[^#?%]+)$"),
          .example = "https://hooks.example.com/x",
          .secret = true,
          .set = Store(value, &AlertAddress::Parse)};
}

Field MailAddress(std::string_view name, std::string& value, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "e-mail address",
          .schema = Pattern("^[!-~]{1,64}@[A-Za-z0-9.-]{1,253}$"),
          .example = "sluice@example.com",
          .fallback = value,
          .set = Store(value, &ParseMailAddress)};
}

Field Credential(std::string_view name, Secret& value, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "secret",
          .schema = std::string(kText),
          .example = R"("${SOME_VARIABLE}")",
          .secret = true,
          .set = Store(value, &ParseCredential)};
}

Field Level(std::string_view name, std::optional<Percent>& value, Percent most, std::string doc) {
  const auto parse = [most](std::string_view text) -> Parsed<std::optional<Percent>> {
    auto percent = ParsePercent(text, most);
    if (!percent) return tl::unexpected<Complaint>(std::move(percent.error()));
    return std::optional(*percent);
  };
  return {.name = name,
          .doc = std::move(doc),
          .type = "percent, 0% to " + Print(most),
          .schema = Pattern("^[0-9]{1,4}(\\.[0-9]{1,2})?%$"),
          .example = "90%",
          .set = Store(value, parse)};
}

Field Entries(std::string_view name, std::uint64_t items_max, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "list of settings, at most " + std::to_string(items_max),
          .items_max = items_max};
}

}  // namespace config
