#include "config/field.h"

#include <algorithm>

#include "base/json_text.h"
#include "config/field_internal.h"
#include "config/problem.h"

namespace config {
namespace {

constexpr std::size_t kPathMax = 4096;
constexpr std::size_t kSecretMax = 8192;
constexpr std::size_t kNameMax = 256;

bool IsVisibleAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// A parser that also keeps the bounds; `least` and `most` are as people write them.
template <class T>
auto Within(Parsed<T> (*parse)(std::string_view), T least, T most, std::string least_text,
            std::string most_text) {
  return [=](std::string_view text) -> Parsed<T> {
    Parsed<T> parsed = parse(text);
    if (!parsed) return parsed;
    if (*parsed < least)
      return Refuse("the least is " + least_text, "write " + least_text + " to " + most_text);
    if (*parsed > most) return Refuse("the most is " + most_text, "write " + least_text + " to " + most_text);
    return parsed;
  };
}

Parsed<std::string> ParsePath(std::string_view text) {
  if (text.empty()) return Refuse("a path is not empty", "write for example ./sluice-data");
  if (text.size() > kPathMax) return Refuse("a path has at most 4096 bytes", "write a shorter path");
  if (text.find_first_of(std::string_view("\0\n\r", 3)) != std::string_view::npos) {
    return Refuse("a path is one line", "write for example ./sluice-data");
  }
  return std::string(text);
}

Parsed<Secret> ParseSecret(std::string_view text) {
  if (text.empty()) {
    return Refuse("a secret is not empty", "set the environment variable it comes from, or write the secret");
  }
  if (text.size() > kSecretMax)
    return Refuse("a secret has at most 8192 characters", "write the secret alone");
  if (!IsVisibleAscii(text)) {
    return Refuse("a secret travels in an HTTP header and has only visible ASCII characters without blanks",
                  "remove the blank, line end or other character");
  }
  return Secret(std::string(text));
}

// The value of a header: words with blanks between them, as in `Bearer x`.
Parsed<Secret> ParseHeaderSecret(std::string_view text) {
  std::string words(text);
  if (!text.starts_with(' ') && !text.ends_with(' ')) std::erase(words, ' ');
  if (const auto secret = ParseSecret(words); !secret) {
    return Refuse(
        "it is the value of an HTTP header, of visible ASCII characters with blanks only between them",
        "remove the blank, line end or other character");
  }
  return Secret(std::string(text));
}

Parsed<std::string> ParseModelName(std::string_view text) {
  if (text.empty() || text.size() > kNameMax || !IsVisibleAscii(text)) {
    return Refuse("a model name has 1 to 256 visible ASCII characters without blanks",
                  "write the name as the provider publishes it");
  }
  return std::string(text);
}

Parsed<std::string> ParseWord(std::string_view text) {
  if (text.empty() || text.size() > kNameMax || !IsVisibleAscii(text)) {
    return Refuse("it has 1 to 256 visible ASCII characters without blanks", "write it as the issuer does");
  }
  return std::string(text);
}

Parsed<std::string> ParseName(std::string_view text) {
  if (IsSettingName(text)) return std::string(text);
  return Refuse("a name has 1 to 64 of the characters A-Z a-z 0-9 . _ -", "write for example deepseek");
}

Parsed<base::Currency> ParseCurrency(std::string_view text) {
  const auto currency = base::Currency::Parse(text);
  if (currency) return *currency;
  return Refuse("a currency is its three capital letters", "write for example USD or CNY");
}

Parsed<std::optional<base::Int128>> ParseAmount(std::string_view text) {
  const auto pico = base::ParsePico(text);
  if (pico && *pico >= 0) return std::optional(*pico);
  return Refuse("a price is a plain decimal that is not negative, with at most twelve decimals",
                "write for example 0.15");
}

}  // namespace

Field Time(std::string_view name, std::chrono::milliseconds& value, Span bounds, std::string doc) {
  const std::string least = Print(bounds.least), most = Print(bounds.most);
  return {.name = name,
          .doc = std::move(doc),
          .type = "time, " + least + " to " + most,
          .schema = Pattern("^[0-9]+(ms|s|m|h|d)$"),
          .example = Print(value),
          .fallback = Print(value),
          .set = Store(value, Within(&ParseDuration, bounds.least, bounds.most, least, most))};
}

Field Size(std::string_view name, std::uint64_t& value, Bounds bounds, std::string doc) {
  const std::string least = PrintSize(bounds.least), most = PrintSize(bounds.most);
  return {.name = name,
          .doc = std::move(doc),
          .type = "size, " + least + " to " + most,
          .schema = Pattern("^[0-9]+(B|KiB|MiB|GiB)$"),
          .example = PrintSize(value),
          .fallback = PrintSize(value),
          .set = Store(value, Within(&ParseSize, bounds.least, bounds.most, least, most))};
}

Field Count(std::string_view name, std::uint64_t& value, Bounds bounds, std::string doc) {
  const std::string least = std::to_string(bounds.least), most = std::to_string(bounds.most);
  return {.name = name,
          .doc = std::move(doc),
          .type = "count, " + least + " to " + most,
          .schema = R"("type":"integer","minimum":)" + least + R"(,"maximum":)" + most,
          .example = std::to_string(value),
          .fallback = std::to_string(value),
          .bare = true,
          .set = Store(value, Within(&ParseCount, bounds.least, bounds.most, least, most))};
}

Field Share(std::string_view name, Percent& value, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "percent, 0% to 100%",
          .schema = Pattern("^[0-9]{1,3}(\\.[0-9]{1,2})?%$"),
          .example = Print(value),
          .fallback = Print(value),
          .set = Store(value, [](std::string_view text) { return ParsePercent(text); })};
}

Field Flag(std::string_view name, bool& value, std::string doc) {
  const auto parse = [](std::string_view text) -> Parsed<bool> {
    if (text == "true") return true;
    if (text == "false") return false;
    return Refuse("this setting is either on or off", "write true or false");
  };
  const std::string present = value ? "true" : "false";
  return {.name = name,
          .doc = std::move(doc),
          .type = "true or false",
          .schema = R"("type":"boolean")",
          .example = present,
          .fallback = present,
          .bare = true,
          .set = Store(value, parse)};
}

Field Path(std::string_view name, std::string& value, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "path",
          .schema = std::string(kText),
          .example = value.empty() ? "./file.pem" : value,
          .fallback = value,
          .set = Store(value, &ParsePath)};
}

Field Address(std::string_view name, HostPort& value, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "address, `HOST:PORT`",
          .schema = Pattern("^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+):[0-9]{1,5}$"),
          .example = value.Print(),
          .fallback = value.Print(),
          .set = Store(value, &HostPort::Parse)};
}

Field Link(std::string_view name, Url& value, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "URL",
          .schema = Pattern("^[Hh][Tt][Tt][Pp][Ss]?://[^?#@]+$"),
          .example = "https://api.example.com/v1",
          .fallback = value.host.empty() ? "" : value.Print(),
          .set = Store(value, &Url::Parse)};
}

Field Key(std::string_view name, Secret& value, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "secret",
          .schema = std::string(kText),
          .example = R"("${SOME_VARIABLE}")",
          .secret = true,
          .set = Store(value, &ParseSecret)};
}

Field HeaderValue(std::string_view name, Secret& value, std::string doc) {
  Field field = Key(name, value, std::move(doc));
  field.set = Store(value, &ParseHeaderSecret);
  return field;
}

Field Rung(std::string_view name, ModelRef& value, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "`provider/model`",
          .schema = Pattern("^[A-Za-z0-9._-]{1,64}/.+$"),
          .example = "deepseek/deepseek-flash",
          .set = Store(value, &ModelRef::Parse)};
}

Field Name(std::string_view name, std::string& value, std::string example, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "name",
          .schema = Pattern("^[A-Za-z0-9._-]{1,64}$"),
          .example = std::move(example),
          .fallback = value,
          .set = Store(value, &ParseName)};
}

Field Word(std::string_view name, std::string& value, std::string example, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "text without blanks",
          .schema = Pattern("^[!-~]{1,256}$"),
          .example = std::move(example),
          .fallback = value,
          .set = Store(value, &ParseWord)};
}

Field CurrencyCode(std::string_view name, base::Currency& value, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "currency",
          .schema = Pattern("^[A-Z]{3}$"),
          .example = std::string(value.code()),
          .fallback = std::string(value.code()),
          .set = Store(value, &ParseCurrency)};
}

Field Amount(std::string_view name, std::optional<base::Int128>& value, std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "amount, at most twelve decimals",
          .schema = R"("type":["number","string"],"pattern":"^[0-9]+(\\.[0-9]+)?$","minimum":0)",
          .example = "0.15",
          .set = Store(value, &ParseAmount)};
}

Field Keys(std::string_view name, std::vector<Secret>& values, std::uint64_t items_max, std::string doc) {
  Secret none;
  Field field = Key(name, none, std::move(doc));
  field.type = "list of secrets, at most " + std::to_string(items_max);
  field.items_max = items_max;
  field.set = Append(values, &ParseSecret);
  return field;
}

Field Rungs(std::string_view name, std::vector<ModelRef>& values, std::uint64_t items_max, std::string doc) {
  ModelRef none;
  Field field = Rung(name, none, std::move(doc));
  field.type = "list of `provider/model`, at most " + std::to_string(items_max);
  field.items_max = items_max;
  field.set = Append(values, &ModelRef::Parse);
  return field;
}

Field Names(std::string_view name, std::vector<std::string>& values, std::uint64_t items_max,
            std::string doc) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "list of names, at most " + std::to_string(items_max),
          .schema = std::string(kText),
          .example = "deepseek-flash",
          .items_max = items_max,
          .set = Append(values, &ParseModelName)};
}

Field Section(std::string_view name, std::string doc) {
  return {.name = name, .doc = std::move(doc), .type = "settings"};
}

Field Table(std::string_view name, std::uint64_t items_max, std::string doc,
            std::function<std::optional<Complaint>(std::string_view key)> key, std::string_view pattern) {
  return {.name = name,
          .doc = std::move(doc),
          .type = "names, at most " + std::to_string(items_max),
          .schema = Pattern(pattern).substr(kText.size() + 1),
          .items_max = items_max,
          .set = std::move(key)};
}

Field Words(std::string_view name, const std::vector<std::string_view>& words, std::size_t present,
            std::function<void(std::size_t)> choose, std::string doc) {
  std::string list, schema = R"("enum":[)";
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) list += i + 1 == words.size() ? " or " : ", ", schema += ',';
    list += words[i];
    base::AppendJsonString(schema, words[i]);
  }
  const std::vector<std::string> kept(words.begin(), words.end());
  const auto set = [kept, list,
                    choose = std::move(choose)](std::string_view text) -> std::optional<Complaint> {
    const auto found = std::find(kept.begin(), kept.end(), text);
    if (found != kept.end()) {
      choose(static_cast<std::size_t>(found - kept.begin()));
      return std::nullopt;
    }
    const std::optional<std::string> near = Nearest(text, kept);
    return Complaint{"this setting is one of " + list, "write " + (near ? *near : list)};
  };
  return {.name = name,
          .doc = std::move(doc),
          .type = list,
          .schema = schema + "]",
          .example = std::string(words[present]),
          .fallback = std::string(words[present]),
          .set = set};
}

}  // namespace config
