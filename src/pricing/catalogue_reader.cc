#include "pricing/catalogue_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/encoding.h"
#include "base/money.h"
#include "base/time_text.h"
#include "pricing/amount_internal.h"
#include "pricing/day_rule_text_internal.h"
#include "pricing/field_walk_internal.h"
#include "pricing/json_tree_internal.h"

namespace pricing {
namespace {

using config::Node;

constexpr std::array kConfidences = {Confidence::kVerified, Confidence::kReported, Confidence::kRecalled,
                                     Confidence::kDerived};

// What an entry inherits from the model and the provider around it.
struct Inherited {
  std::string source;
  std::string checked_on;
  Confidence confidence = Confidence::kReported;
  BilledAt billed_at = BilledAt::kDispatch;
};

class Reader {
 public:
  explicit Reader(Mistake& mistake) : mistake_(mistake) {}

  void Read(const Node& root, Catalogue& out) {
    Fields fields(root, "a catalogue", mistake_);
    for (const Node::Entry& entry : fields.Map("calendars")) ReadCalendar(entry, out);
    for (const Node::Entry& entry : fields.Map("providers")) ReadProvider(entry, out);
    fields.End();
  }

 private:
  using Hours = std::map<std::string, DayRule, std::less<>>;

  void ReadCalendar(const Node::Entry& entry, Catalogue& out) {
    Fields fields(entry.value, "a calendar", mistake_);
    Calendar& calendar = out.calendars[entry.key];
    calendar.id = entry.key;
    fields.Find("source");
    fields.Find("checked_on");
    for (const Node::Entry& year : fields.Map("years")) ReadYear(fields, year, calendar);
    fields.End();
  }

  void ReadYear(Fields& fields, const Node::Entry& entry, Calendar& calendar) {
    const auto year = base::ParseDecimal(entry.key);
    if (!year || *year < 1970 || *year > 2200 || entry.value.kind != Node::Kind::kList) {
      fields.Wrong(entry.value, entry.key, "a year has a list of days", "write 2026: [01-01, 05-01..05-05]");
      return;
    }
    std::vector<std::chrono::sys_days>& days = calendar.holidays[static_cast<int>(*year)];
    for (const Node& item : entry.value.items) {
      const std::string_view text = fields.TextOf(item, entry.key);
      const std::size_t dots = text.find("..");
      const auto first = base::ParseTime(entry.key + "-" + std::string(text.substr(0, dots)));
      const auto last = dots == std::string_view::npos
                            ? first
                            : base::ParseTime(entry.key + "-" + std::string(text.substr(dots + 2)));
      if (!first || !last || *last < *first) {
        fields.Wrong(item, entry.key, "a holiday is a day of its year, or from one to another",
                     "write 05-01 or 05-01..05-05");
        return;
      }
      for (auto day = std::chrono::floor<std::chrono::days>(*first); day <= *last;
           day += std::chrono::days(1))
        days.push_back(day);
    }
    std::sort(days.begin(), days.end());
  }

  void ReadProvider(const Node::Entry& entry, Catalogue& out) {
    Fields fields(entry.value, "the provider " + entry.key, mistake_);
    if (entry.key.size() > 64)
      mistake_.Put(entry.at, "this name is too long", "64 characters are the most", "shorten it");
    CatalogueProvider provider;
    provider.id = entry.key;
    for (const Node& host : fields.List("hosts"))
      provider.hosts.push_back(base::Lower(fields.TextOf(host, "hosts")));
    for (const Node::Entry& region : fields.Map("regions")) {
      for (const Node& host : region.value.items)
        provider.regions[region.key].push_back(base::Lower(fields.TextOf(host, region.key)));
    }
    provider.messages_otherwise = base::Lower(fields.Text("messages_otherwise"));
    const Inherited inherited = ReadInherited(fields, {});
    Hours hours;
    for (const Node::Entry& rule : fields.Map("hours")) {
      if (const auto read = ReadDayRule(rule.value, mistake_)) hours.insert_or_assign(rule.key, *read);
    }
    for (const Node::Entry& model : fields.Map("models")) {
      provider.models.push_back(ReadModel(model, inherited, hours));
    }
    fields.End();
    out.providers.push_back(std::move(provider));
  }

  Inherited ReadInherited(Fields& fields, const Inherited& around) {
    Inherited own;
    own.source = fields.TextOr("source", around.source);
    own.checked_on = fields.TextOr("checked_on", around.checked_on);
    own.confidence = around.confidence;
    if (const Node* node = fields.Find("confidence")) {
      const auto found = std::find_if(kConfidences.begin(), kConfidences.end(),
                                      [node](Confidence one) { return Name(one) == node->text; });
      if (found == kConfidences.end()) {
        fields.Wrong(*node, "confidence", "it says how sure the figures are",
                     "write verified, reported, recalled or derived");
      } else {
        own.confidence = *found;
      }
    }
    own.billed_at = around.billed_at;
    if (const Node* node = fields.Find("billed_at")) {
      if (node->text != "dispatch" && node->text != "completion") {
        fields.Wrong(*node, "billed_at", "it is the instant that decides", "write dispatch or completion");
      }
      own.billed_at = node->text == "completion" ? BilledAt::kCompletion : BilledAt::kDispatch;
    }
    return own;
  }

  CatalogueModel ReadModel(const Node::Entry& entry, const Inherited& around, const Hours& hours) {
    Fields fields(entry.value, "the model " + entry.key, mistake_);
    CatalogueModel model;
    model.name = base::Lower(entry.key);
    if (model.name.size() > kModelNameBytesMax) {
      mistake_.Put(entry.at, "this name is too long", "256 characters are the most", "shorten it");
    }
    for (const Node& name : fields.List("names"))
      model.names.push_back(base::Lower(fields.TextOf(name, "names")));
    model.dated = ReadFlag(fields, "dated").value_or(false);
    for (const Node& rule : fields.List("match")) model.rules.push_back(ReadNameRule(rule));
    for (const Node::Entry& region : fields.Map("regions"))
      model.regions[region.key] = ReadTimes(fields, region);
    if (const Node* limits = fields.Find("limits")) model.limits = ReadLimits(*limits);
    const Inherited inherited = ReadInherited(fields, around);
    for (const Node& price : fields.List("prices")) {
      PriceEntry one = ReadPriceEntry(price, inherited, hours);
      RefuseUnreachable(model.prices, one, price.at);
      model.prices.push_back(std::move(one));
    }
    if (model.prices.empty() || model.prices.size() > kModelPricesMax) {
      mistake_.Put(entry.at, fields.what() + " has no prices or more than 1000", "it has a list of them",
                   "write prices: [{ USD: { input: 1 } }]");
    }
    fields.End();
    return model;
  }

  // How many times as much a region costs, in pico.
  base::Int128 ReadTimes(Fields& fields, const Node::Entry& region) {
    const auto times = base::ParsePico(region.value.text);
    if (times && *times > 0 && *times <= kRegionTimesMax) return *times;
    fields.Wrong(region.value, region.key, "it says how many times as much a token costs there",
                 "write for example 1.1");
    return base::kPico;
  }

  ModelLimits ReadLimits(const Node& node) {
    Fields fields(node, "the limits of a model", mistake_);
    ModelLimits limits;
    limits.context = ReadTokens(fields, "context").value_or(0);
    limits.output = ReadTokens(fields, "output").value_or(0);
    fields.End();
    return limits;
  }

  std::optional<std::int64_t> ReadTokens(Fields& fields, std::string_view name) {
    const Node* node = fields.Find(name);
    if (node == nullptr) return std::nullopt;
    const auto tokens = base::ParseDecimal(node->text);
    if (tokens && *tokens > 0 && *tokens <= kContextTokensMax) return static_cast<std::int64_t>(*tokens);
    fields.Wrong(*node, name, "it is a number of tokens", "write for example 272000");
    return std::nullopt;
  }

  std::optional<bool> ReadFlag(Fields& fields, std::string_view name) {
    const Node* node = fields.Find(name);
    if (node == nullptr) return std::nullopt;
    if (node->text != "true" && node->text != "false")
      fields.Wrong(*node, name, "it is so or not", "write true or false");
    return node->text == "true";
  }

  NameRule ReadNameRule(const Node& node) {
    using Kind = NameRule::Kind;
    constexpr std::array<std::pair<std::string_view, Kind>, 5> kTexts = {{{"equals", Kind::kEquals},
                                                                          {"prefix", Kind::kPrefix},
                                                                          {"suffix", Kind::kSuffix},
                                                                          {"contains", Kind::kContains},
                                                                          {"pattern", Kind::kPattern}}};
    constexpr std::array<std::pair<std::string_view, Kind>, 2> kLists = {
        {{"any", Kind::kAny}, {"all", Kind::kAll}}};
    NameRule rule;
    Fields fields(node, "a rule for names", mistake_);
    int said = 0;
    for (const auto& [name, kind] : kTexts) {
      const std::string_view text = fields.Text(name);
      if (text.empty()) continue;
      rule.kind = kind, rule.text = base::Lower(text), ++said;
    }
    for (const auto& [name, kind] : kLists) {
      for (const Node& item : fields.List(name)) rule.rules.push_back(ReadNameRule(item));
      if (!rule.rules.empty() && said == 0) rule.kind = kind, ++said;
    }
    if (said != 1)
      mistake_.Put(node.at, "this rule does not say one thing", "it has one member",
                   "write { prefix: gpt-5 }");
    fields.End();
    return rule;
  }

  PriceEntry ReadPriceEntry(const Node& node, const Inherited& around, const Hours& hours) {
    Fields fields(node, "a price", mistake_);
    PriceEntry entry;
    entry.from = ReadTime(fields, "from");
    entry.until = ReadTime(fields, "until");
    if (entry.from && entry.until && *entry.until <= *entry.from) {
      mistake_.Put(node.at, "until is not behind from", "this price never holds", "exchange the two");
    }
    if (const Node* when = fields.Find("hours")) {
      const auto found = hours.find(when->text);
      if (found == hours.end()) {
        fields.Wrong(*when, "hours", "the provider's `hours` has no such name", "add it there");
      } else {
        entry.when = found->second;
      }
    }
    entry.phase = fields.Text("phase");
    entry.service_tier = base::Lower(fields.Text("service_tier"));
    if (const auto batch = ReadFlag(fields, "batch")) entry.batch = *batch ? Batch::kYes : Batch::kNo;
    entry.context_over = ReadTokens(fields, "context_over").value_or(0);
    const Inherited own = ReadInherited(fields, around);
    entry.source = own.source;
    entry.checked_on = own.checked_on;
    entry.confidence = own.confidence;
    entry.billed_at = own.billed_at;
    entry.as = base::Lower(fields.Text("as"));
    for (const Node::Entry* other : fields.Others()) {
      if (const auto currency = base::Currency::Parse(other->key)) {
        fields.Find(other->key);
        entry.rates[*currency] = ReadRates(other->value);
      }
    }
    if (entry.rates.empty() == entry.as.empty()) {
      mistake_.Put(node.at, "this price does not say one thing", "it has amounts by currency, or `as`",
                   "write USD: { input: 1 } or as: other-model");
    }
    fields.End();
    return entry;
  }

  std::optional<base::WallTime> ReadTime(Fields& fields, std::string_view name) {
    const Node* node = fields.Find(name);
    if (node == nullptr) return std::nullopt;
    const auto time = base::ParseTime(node->text);
    if (!time) fields.Wrong(*node, name, "it is an instant", "write for example 2026-08-16T16:00:00Z");
    return time ? std::optional(*time) : std::nullopt;
  }

  // { input: 0.15, search: 0.75/1000 }: for a million, or for what stands behind the stroke.
  Rates ReadRates(const Node& node) {
    Fields fields(node, "a list of amounts", mistake_);
    Rates rates;
    for (std::size_t i = 0; i < chat::kMeters; ++i) {
      const auto meter = static_cast<chat::Meter>(i);
      const Node* amount = fields.Find(chat::Name(meter));
      if (amount == nullptr) continue;
      const std::string_view text = amount->text;
      const std::size_t stroke = text.find('/');
      const auto per = stroke == std::string_view::npos ? std::optional<std::uint64_t>(kRatePer)
                                                        : base::ParseDecimal(text.substr(stroke + 1));
      const auto rate = ReadPrice(text.substr(0, stroke), per.value_or(0));
      if (!rate || !rate->exact) {
        fields.Wrong(*amount, chat::Name(meter),
                     "a price comes out even in pico-units for 1000000 and is below 9 for each one",
                     "write for example 0.15, or 0.75/1000");
        continue;
      }
      rates[meter] = rate->rate;
    }
    fields.End();
    if (rates == Rates{})
      mistake_.Put(node.at, "no amount stands here", "it prices nothing", "write input: 1");
    return rates;
  }

  // Of a model's prices the first that holds counts: one behind another that always holds with it is never
  // reached.
  void RefuseUnreachable(const std::vector<PriceEntry>& before, const PriceEntry& entry,
                         config::Position at) {
    const auto covers = [&entry](const PriceEntry& other) {
      const bool currencies = std::all_of(entry.rates.begin(), entry.rates.end(), [&other](const auto& rate) {
        return !other.as.empty() || other.rates.contains(rate.first);
      });
      const bool begins = !other.from || (entry.from && *other.from <= *entry.from);
      const bool ends = !other.until || (entry.until && *other.until >= *entry.until);
      const bool tier = other.service_tier == kAnyTier || other.service_tier == entry.service_tier;
      return currencies && begins && ends && tier && !other.when && other.batch == entry.batch &&
             other.context_over <= entry.context_over;
    };
    if (std::any_of(before.begin(), before.end(), covers)) {
      mistake_.Put(at, "this price never holds", "an earlier one of the list holds whenever it does",
                   "put the one with more conditions first");
    }
  }

  Mistake& mistake_;
};

base::Result<Catalogue> FromTree(const Node& tree, const std::string& file, std::string origin) {
  Catalogue catalogue;
  catalogue.origin = std::move(origin);
  Mistake mistake;
  Reader(mistake).Read(tree, catalogue);
  if (!mistake.first()) return catalogue;
  config::Problem problem = *mistake.first();
  problem.file = file;
  return base::Fail(base::Code::kInvalid, config::Print(problem));
}

}  // namespace

base::Result<Catalogue> ReadYamlCatalogue(std::string_view text, const std::string& file,
                                          std::string origin) {
  const auto tree = config::ParseTree(text, file);
  if (!tree) return base::Fail(base::Code::kInvalid, config::Print(tree.error()));
  return FromTree(*tree, file, std::move(origin));
}

base::Result<Catalogue> ReadJsonCatalogue(std::string_view text, const std::string& file,
                                          std::string origin) {
  const auto tree = ParseJson(text);
  if (!tree) return base::Fail(tree.error().code, file + ":" + tree.error().detail);
  return FromTree(*tree, file, std::move(origin));
}

base::Result<Catalogue> Join(std::vector<Catalogue> parts) {
  Catalogue whole;
  for (Catalogue& part : parts) {
    if (whole.origin.empty()) whole.origin = part.origin;
    for (CatalogueProvider& provider : part.providers) {
      const auto same = [&provider](const CatalogueProvider& other) { return other.id == provider.id; };
      if (std::any_of(whole.providers.begin(), whole.providers.end(), same)) {
        return base::Fail(base::Code::kInvalid, "the provider " + provider.id + " stands in two files");
      }
      whole.providers.push_back(std::move(provider));
    }
    for (auto& [id, calendar] : part.calendars) {
      if (!whole.calendars.emplace(id, std::move(calendar)).second) {
        return base::Fail(base::Code::kInvalid, "the calendar " + id + " stands in two files");
      }
    }
  }
  return whole;
}

}  // namespace pricing
