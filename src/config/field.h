#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/money.h"
#include "base/time_zone.h"
#include "config/alert_settings.h"
#include "config/budget_settings.h"
#include "config/complaint.h"
#include "config/endpoint.h"
#include "config/scope.h"
#include "config/secret.h"
#include "config/settings.h"
#include "config/units.h"

namespace config {

// One setting as it is declared: what it is called, what it accepts, what it means, and how text becomes its
// value. It refers to the variable it was made for, which must outlive it.
struct Field {
  std::string_view name;   // a literal
  std::string doc{};       // one sentence
  std::string type{};      // for people, bounds included: "time, 1ms to 1h"
  std::string schema{};    // members of its JSON Schema: "type":"string","pattern":"..."
  std::string example{};   // a value that would be right here
  std::string fallback{};  // the default as one would write it; empty: none
  bool bare = false;       // the default is a number or a truth value in JSON
  bool required = false;
  bool secret = false;          // what was written is never shown
  std::uint64_t items_max = 0;  // of a list or a map

  // Takes the text of a value (of a list: appends one item; of a map: only checks the text of a key). Null
  // for a group.
  std::function<std::optional<Complaint>(std::string_view text)> set{};

  Field Required() && {
    required = true;
    fallback.clear();
    return std::move(*this);
  }
};

// What goes over the declared settings: the reader fills them, the catalogue writes them down.
class Visitor {
 public:
  virtual ~Visitor() = default;
  virtual void Value(const Field& field) = 0;
  virtual void List(const Field& field) = 0;
  // A map with fixed keys, which `inside` declares.
  virtual void Group(const Field& field, const std::function<void()>& inside) = 0;
  // A list of maps; `inside` declares the settings of the item of that number, which counts as in the file
  // even where another item is no map.
  virtual void Items(const Field& field, const std::function<void(std::size_t index)>& inside) = 0;
  // A map with free keys; `inside` declares the settings under one key.
  virtual void Map(const Field& field, const std::function<void(std::string_view key)>& inside) = 0;
  // A map from free keys to single values.
  virtual void Pairs(const Field& field, const std::function<Field(std::string_view key)>& item) = 0;
};

// Kinds of values. Each takes the name, the variable (whose present value is the default), bounds, a
// sentence.
struct Span {
  std::chrono::milliseconds least, most;
};
struct Bounds {
  std::uint64_t least, most;
};
Field Time(std::string_view name, std::chrono::milliseconds& value, Span bounds, std::string doc);
Field Size(std::string_view name, std::uint64_t& value, Bounds bounds, std::string doc);
Field Count(std::string_view name, std::uint64_t& value, Bounds bounds, std::string doc);
Field Share(std::string_view name, Percent& value, std::string doc);
Field Flag(std::string_view name, bool& value, std::string doc);
Field Path(std::string_view name, std::string& value, std::string doc);
Field Address(std::string_view name, HostPort& value, std::string doc);
Field Link(std::string_view name, Url& value, std::string doc);
Field Key(std::string_view name, Secret& value, std::string doc);
Field HeaderValue(std::string_view name, Secret& value, std::string doc);
Field Rung(std::string_view name, ModelRef& value, std::string doc);
Field Name(std::string_view name, std::string& value, std::string example, std::string doc);
// 1 to 256 visible ASCII characters.
Field Word(std::string_view name, std::string& value, std::string example, std::string doc);
Field CurrencyCode(std::string_view name, base::Currency& value, std::string doc);
// An amount of money in pico-units, written as a plain decimal; none: nothing is written.
Field Amount(std::string_view name, std::optional<base::Int128>& value, std::string doc);

// Of budgets and limits.
Field Scope(std::string_view name, ScopePattern& value, std::string doc);
Field Cash(std::string_view name, base::Money& value, std::string doc);  // "200 USD", more than nothing
Field Pace(std::string_view name, Rate& value, std::string doc);
Field Zone(std::string_view name, base::TimeZone& value, std::string doc);
Field AlertTarget(std::string_view name, AlertAddress& value, std::string doc);
Field MailAddress(std::string_view name, std::string& value, std::string doc);
// A name or password as one types it: blanks are part of it.
Field Credential(std::string_view name, Secret& value, std::string doc);
Field Level(std::string_view name, std::optional<Percent>& value, Percent most, std::string doc);

// Lists append to `values`.
Field Keys(std::string_view name, std::vector<Secret>& values, std::uint64_t items_max, std::string doc);
Field Rungs(std::string_view name, std::vector<ModelRef>& values, std::uint64_t items_max, std::string doc);
Field Names(std::string_view name, std::vector<std::string>& values, std::uint64_t items_max,
            std::string doc);

// Groups and maps; `key` of a map checks one key, `pattern` is what the JSON Schema says of it.
inline constexpr std::string_view kNamePattern = "^[A-Za-z0-9._-]{1,64}$";
Field Section(std::string_view name, std::string doc);
Field Entries(std::string_view name, std::uint64_t items_max, std::string doc);  // a list of maps
Field Table(std::string_view name, std::uint64_t items_max, std::string doc,
            std::function<std::optional<Complaint>(std::string_view key)> key,
            std::string_view pattern = kNamePattern);

// One of a few words.
Field Words(std::string_view name, const std::vector<std::string_view>& words, std::size_t present,
            std::function<void(std::size_t)> choose, std::string doc);

template <class E>
Field Choice(std::string_view name, E& value, std::initializer_list<std::pair<std::string_view, E>> choices,
             std::string doc) {
  std::vector<std::string_view> words;
  std::vector<E> values;
  std::size_t present = 0;
  for (const auto& [word, choice] : choices) {
    if (choice == value) present = words.size();
    words.push_back(word);
    values.push_back(choice);
  }
  const auto choose = [&value, values](std::size_t index) { value = values[index]; };
  return Words(name, words, present, choose, std::move(doc));
}

// A list of a few words; appends to `values`.
template <class E>
Field Choices(std::string_view name, std::vector<E>& values,
              std::initializer_list<std::pair<std::string_view, E>> choices, std::string doc) {
  std::vector<std::string_view> words;
  std::vector<E> meant;
  for (const auto& [word, choice] : choices) {
    words.push_back(word);
    meant.push_back(choice);
  }
  const auto choose = [&values, meant](std::size_t index) { values.push_back(meant[index]); };
  Field field = Words(name, words, 0, choose, std::move(doc));
  field.type = "list of " + field.type + ", at most " + std::to_string(words.size());
  field.fallback.clear();
  field.items_max = words.size();
  return field;
}

}  // namespace config
