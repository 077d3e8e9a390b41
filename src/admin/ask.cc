#include "admin/ask.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/encoding.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "config/units.h"
#include "wire/json_string.h"

namespace admin {
namespace {

using base::Fail;

base::Result<> Invalid(std::string sentence) {
  return Fail(base::Code::kInvalid, std::move(sentence));
}

bool AppendByte(std::string& out, std::string_view digits) {
  unsigned byte = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
  if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) return false;
  out += static_cast<char>(byte);
  return true;
}

// As forms encode it; none where an escape is cut or what it means is no text.
std::optional<std::string> Decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (!AppendByte(out, text.substr(i + 1, 2))) return std::nullopt;
    i += 2;
  }
  if (!base::IsUtf8(out)) return std::nullopt;
  return out;
}

bool Has(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

base::Result<Parameters> Parameters::Read(std::string_view query, std::span<const std::string_view> once,
                                          std::span<const std::string_view> often) {
  Parameters parameters;
  std::size_t count = 0;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = Decode(pair.substr(0, equals));
    auto value = Decode(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return Fail(base::Code::kInvalid, "the query is not encoded as it must be");
    if (!Has(once, *name) && !Has(often, *name)) {
      return Fail(base::Code::kInvalid, "there is no parameter '" + *name + "' here");
    }
    std::vector<std::string>& values = parameters.values_[*name];
    if (!values.empty() && Has(once, *name)) {
      return Fail(base::Code::kInvalid, "'" + *name + "' is asked for twice");
    }
    if (++count > kParametersMax) {
      return Fail(base::Code::kInvalid, "more than " + std::to_string(kParametersMax) + " parameters");
    }
    values.push_back(std::move(*value));
  }
  return parameters;
}

std::string Parameters::Get(std::string_view name) const {
  const auto& values = All(name);
  return values.empty() ? std::string() : values.front();
}

const std::vector<std::string>& Parameters::All(std::string_view name) const {
  static const std::vector<std::string> kNone;
  const auto found = values_.find(name);
  return found == values_.end() ? kNone : found->second;
}

base::Result<std::size_t> Parameters::Count(std::string_view name, std::size_t otherwise,
                                            std::size_t most) const {
  if (All(name).empty()) return otherwise;
  const auto number = base::ParseDecimal(Get(name));
  if (!number || *number < 1 || *number > most) {
    return Fail(base::Code::kInvalid, std::string(name) + ": from 1 to " + std::to_string(most));
  }
  return static_cast<std::size_t>(*number);
}

base::Result<> ReadBody(
    std::string_view body,
    const std::function<base::Result<bool>(std::string_view name, const wire::JsonValue& value)>& member) {
  if (body.empty()) return {};
  wire::JsonCursor cursor(body);
  std::set<std::string, std::less<>> seen;
  if (!cursor.EnterObject()) return Invalid("the body must be a JSON object");
  while (cursor.NextMember()) {
    std::string name;
    wire::AppendUnescaped(name, cursor.Key());
    const wire::JsonValue value = cursor.Take();
    if (cursor.Failed()) break;
    if (!seen.insert(name).second) return Invalid("'" + name + "' stands in the body twice");
    const auto known = member(name, value);
    if (!known) return Fail(known.error());
    if (!*known) return Invalid("there is no member '" + name + "' here");
  }
  if (auto end = cursor.End(); !end) return Fail(std::move(end).error());
  return {};
}

base::Result<> ReadTextMembers(std::string_view body,
                               std::initializer_list<std::pair<std::string_view, std::string*>> members) {
  return ReadBody(body, [&](std::string_view name, const wire::JsonValue& value) {
    for (const auto& [known, text] : members) {
      if (known != name) continue;
      const auto done = ReadText(name, value, *text);
      return done ? base::Result<bool>(true) : base::Result<bool>(Fail(done.error()));
    }
    return base::Result<bool>(false);
  });
}

base::Result<> ReadText(std::string_view name, const wire::JsonValue& value, std::string& text) {
  if (value.IsNull()) return {};
  if (!value.IsString()) return Invalid(std::string(name) + ": must be a string");
  text = value.Text();
  return {};
}

base::Result<base::WallTime> ReadInstant(const std::string& text, base::WallTime now) {
  if (const auto after = config::ParseDuration(text)) return now + *after;
  return base::ParseTime(text);
}

base::Result<> ReadTexts(std::string_view name, const wire::JsonValue& value,
                         std::vector<std::string>& texts) {
  if (value.IsNull()) return {};
  wire::JsonCursor cursor(value.raw);
  if (!cursor.EnterArray()) return Invalid(std::string(name) + ": must be a list of strings");
  while (cursor.NextElement()) {
    const wire::JsonValue one = cursor.Take();
    if (!one.IsString()) return Invalid(std::string(name) + ": must be a list of strings");
    texts.push_back(one.Text());
  }
  return {};
}

}  // namespace admin
