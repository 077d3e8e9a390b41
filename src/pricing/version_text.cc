#include "pricing/version_text.h"

#include <array>
#include <charconv>

#include "base/json_text.h"
#include "base/time_text.h"
#include "pricing/json_tree_internal.h"

namespace pricing {
namespace {

using config::Node;

constexpr std::array kConfidences = {Confidence::kVerified, Confidence::kReported, Confidence::kRecalled,
                                     Confidence::kDerived};

std::string_view BatchName(Batch batch) {
  switch (batch) {
    case Batch::kNo:
      return "no";
    case Batch::kYes:
      return "yes";
    case Batch::kAny:
      return "any";
  }
  return {};
}

std::optional<std::int64_t> Number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Takes the members of a line; false: one of them is not what it must be.
class Line {
 public:
  explicit Line(const Node& node) : node_(node) {}

  std::string_view Text(std::string_view name) const {
    for (const Node::Entry& entry : node_.entries) {
      if (entry.key == name) return entry.value.text;
    }
    return {};
  }
  const Node* Map(std::string_view name) const {
    for (const Node::Entry& entry : node_.entries) {
      if (entry.key == name && entry.value.kind == Node::Kind::kMap) return &entry.value;
    }
    return nullptr;
  }
  bool Time(std::string_view name, std::optional<base::WallTime>& out) const {
    const std::string_view text = Text(name);
    if (text.empty()) return true;
    const auto time = base::ParseTime(text);
    if (time) out = *time;
    return time.has_value();
  }

 private:
  const Node& node_;
};

bool ReadRates(const Node& node, Rates& rates) {
  const Line line(node);
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    const std::string_view text = line.Text(chat::Name(static_cast<chat::Meter>(i)));
    if (text.empty()) continue;
    const auto rate = Number(text);
    if (!rate || *rate < 0) return false;
    rates.per_million[i] = *rate;
  }
  return true;
}

bool ReadConditions(const Line& line, PriceVersion& version) {
  const std::string_view batch = line.Text("batch");
  for (const Batch one : {Batch::kNo, Batch::kYes, Batch::kAny}) {
    if (BatchName(one) == batch) version.batch = one;
  }
  for (const Confidence one : kConfidences) {
    if (Name(one) == line.Text("confidence")) version.confidence = one;
  }
  version.billed_at = line.Text("billed_at") == "completion" ? BilledAt::kCompletion : BilledAt::kDispatch;
  const std::string_view over = line.Text("context_over");
  const auto tokens = over.empty() ? std::optional<std::int64_t>(0) : Number(over);
  if (!tokens || *tokens < 0) return false;
  version.context_over = *tokens;
  return line.Time("valid_from", version.valid_from) && line.Time("valid_until", version.valid_until);
}

}  // namespace

std::string WriteVersion(const PriceVersion& version) {
  base::JsonObject line;
  line.Add("version", version.id).Add("provider", version.provider).Add("model", version.model);
  line.Add("currency", version.currency.code());
  line.OpenObject("rates");
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    if (const auto rate = version.rates.per_million[i])
      line.Add(chat::Name(static_cast<chat::Meter>(i)), *rate);
  }
  line.Close();
  if (version.valid_from) line.Add("valid_from", base::PrintTime(*version.valid_from));
  if (version.valid_until) line.Add("valid_until", base::PrintTime(*version.valid_until));
  const auto add = [&line](std::string_view name, const std::string& text) {
    if (!text.empty()) line.Add(name, text);
  };
  add("phase", version.phase);
  add("hours", version.hours);
  add("place", version.place);
  line.Add("billed_at", Name(version.billed_at));
  add("service_tier", version.service_tier);
  line.Add("batch", BatchName(version.batch));
  if (version.context_over > 0) line.Add("context_over", version.context_over);
  add("origin", version.origin);
  add("source", version.source);
  add("checked_on", version.checked_on);
  line.Add("confidence", Name(version.confidence));
  return line.Take();
}

base::Result<PriceVersion> ReadVersion(std::string_view text) {
  const auto tree = ParseJson(text);
  if (!tree) return base::Fail(tree.error());
  const Line line(*tree);
  PriceVersion version;
  version.id = line.Text("version");
  version.provider = line.Text("provider");
  version.model = line.Text("model");
  version.phase = line.Text("phase");
  version.hours = line.Text("hours");
  version.place = line.Text("place");
  version.service_tier = line.Text("service_tier");
  version.origin = line.Text("origin");
  version.source = line.Text("source");
  version.checked_on = line.Text("checked_on");
  const auto currency = base::Currency::Parse(line.Text("currency"));
  const Node* rates = line.Map("rates");
  if (!currency || rates == nullptr || version.id.empty() || !ReadRates(*rates, version.rates) ||
      !ReadConditions(line, version)) {
    return base::Fail(base::Code::kInvalid, "this is no price version");
  }
  version.currency = *currency;
  return version;
}

}  // namespace pricing
