#include "telemetry/metrics.h"

#include <charconv>
#include <cmath>
#include <type_traits>
#include <utility>

#include "base/ascii.h"
#include "base/check.h"
#include "base/utf8.h"

namespace telemetry {
namespace {

using std::chrono::nanoseconds;

bool IsMetricName(std::string_view name, bool colons) {
  if (name.empty() || base::IsDigit(name.front())) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return base::IsAlnum(c) || c == '_' || (colons && c == ':'); });
}

bool IsFitForLabel(std::string_view value) {
  return value.size() <= kLabelValueBytesMax && base::IsUtf8(value);
}

// Help texts escape backslash and newline; label values also the quote.
void AppendEscaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out.push_back(c);
    }
  }
}

template <class Number>
void AppendNumber(std::string& out, Number value) {
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void AppendDouble(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    AppendNumber(out, value);
  }
}

// Seconds as an exact decimal: 0.25, 10, 0.000005.
void AppendSeconds(std::string& out, std::uint64_t nanos) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  AppendNumber(out, nanos / kSecond);
  std::uint64_t rest = nanos % kSecond;
  if (rest == 0) return;
  std::string fraction = ".000000000";
  for (std::size_t i = 9; i > 0; --i, rest /= 10) fraction[i] = static_cast<char>('0' + rest % 10);
  while (fraction.back() == '0') fraction.pop_back();
  out += fraction;
}

void AppendHead(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
  out.append("# HELP ").append(name).push_back(' ');
  AppendEscaped(out, help, false);
  out.append("\n# TYPE ").append(name).append(" ").append(type).push_back('\n');
}

// `a="1",b="2"`, without braces.
std::string LabelText(const std::vector<std::string>& names, const std::vector<std::string>& values) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out.push_back(',');
    out.append(names[i]).append("=\"");
    AppendEscaped(out, values[i], true);
    out.push_back('"');
  }
  return out;
}

// `name{labels} `, or `name ` when there are none.
void AppendSeries(std::string& out, std::string_view name, std::string_view labels) {
  out += name;
  if (!labels.empty()) out.append("{").append(labels).push_back('}');
  out.push_back(' ');
}

template <class Cell>
void AppendCell(std::string& out, const std::string& name, const std::string& labels, const Cell& cell) {
  AppendSeries(out, name, labels);
  AppendNumber(out, cell.Value());
  out.push_back('\n');
}

// The buckets are read once and summed, so that _count equals the last bucket while others go on counting.
void AppendCell(std::string& out, const std::string& name, const std::string& labels, const Histogram& cell) {
  const std::string before = labels.empty() ? "" : labels + ",";
  std::uint64_t count = 0;
  for (std::size_t i = 0; i <= cell.Bounds().size(); ++i) {
    count += cell.InBucket(i);
    out.append(name).append("_bucket{").append(before).append("le=\"");
    if (i < cell.Bounds().size()) {
      AppendSeconds(out, static_cast<std::uint64_t>(cell.Bounds()[i].count()));
    } else {
      out += "+Inf";
    }
    out += "\"} ";
    AppendNumber(out, count);
    out.push_back('\n');
  }
  AppendSeries(out, name + "_sum", labels);
  AppendSeconds(out, cell.SumNanoseconds());
  out.push_back('\n');
  AppendSeries(out, name + "_count", labels);
  AppendNumber(out, count);
  out.push_back('\n');
}

template <class Cell>
constexpr std::string_view TypeName() {
  if constexpr (std::is_same_v<Cell, Counter>) return "counter";
  if constexpr (std::is_same_v<Cell, Gauge>) return "gauge";
  return "histogram";
}

// One series whose value is asked for when it is written.
class Callback final : public FamilyWriter {
 public:
  Callback(Registry::Kind kind, std::string name, std::string help, std::function<double()> value)
      : kind_(kind), name_(std::move(name)), help_(std::move(help)), value_(std::move(value)) {}

  void Append(std::string& out) override {
    AppendHead(out, name_, help_, kind_ == Registry::Kind::kCounter ? "counter" : "gauge");
    AppendSeries(out, name_, "");
    AppendDouble(out, value_());
    out.push_back('\n');
  }

 private:
  const Registry::Kind kind_;
  const std::string name_;
  const std::string help_;
  const std::function<double()> value_;
};

// Series of one label, asked for when they are written.
class LabelledCallback final : public FamilyWriter {
 public:
  LabelledCallback(Registry::Kind kind, std::string name, std::string help, std::string label,
                   std::function<Registry::Series()> series, std::size_t series_max)
      : kind_(kind),
        name_(std::move(name)),
        help_(std::move(help)),
        labels_{std::move(label)},
        series_(std::move(series)),
        series_max_(series_max) {}

  void Append(std::string& out) override {
    AppendHead(out, name_, help_, kind_ == Registry::Kind::kCounter ? "counter" : "gauge");
    Registry::Series series = series_();
    std::sort(series.begin(), series.end());
    if (series.size() > series_max_) series.resize(series_max_);
    for (const auto& [value, number] : series) {
      if (value.size() > kLabelValueBytesMax || !base::IsUtf8(value)) continue;
      AppendSeries(out, name_, LabelText(labels_, {value}));
      AppendDouble(out, number);
      out.push_back('\n');
    }
  }

 private:
  const Registry::Kind kind_;
  const std::string name_;
  const std::string help_;
  const std::vector<std::string> labels_;
  const std::function<Registry::Series()> series_;
  const std::size_t series_max_;
};

}  // namespace

std::uint64_t Histogram::Count() const {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i <= bounds_.size(); ++i) count += InBucket(i);
  return count;
}

std::vector<nanoseconds> RequestBounds() {
  using namespace std::chrono_literals;
  return {1ms,    2500us, 5ms, 10ms, 25ms, 50ms, 100ms, 250ms, 500ms, 1s,
          2500ms, 5s,     10s, 20s,  30s,  60s,  120s,  300s,  600s};
}

std::vector<nanoseconds> OverheadBounds() {
  using namespace std::chrono_literals;
  return {5us, 10us, 20us, 50us, 100us, 200us, 500us, 1ms, 2ms, 5ms, 10ms, 20ms, 50ms, 100ms, 1s};
}

template <class Cell>
Family<Cell>::Family(FamilyOptions options, std::vector<nanoseconds> bounds, Counter& dropped)
    : options_(std::move(options)), bounds_(std::move(bounds)), dropped_(dropped) {
  CHECK(options_.labels.size() <= kLabelsMax);
  for (const std::string& label : options_.labels) CHECK(IsMetricName(label, false));
  series_.With([&](Series& series) {
    if (options_.labels.empty()) Insert(series, {});
    for (const Values& values : options_.initial) {
      CHECK(values.size() == options_.labels.size());
      Insert(series, values);
    }
  });
}

template <class Cell>
std::size_t Family<Cell>::Hash::operator()(std::span<const std::string_view> values) const {
  std::size_t hash = values.size();
  for (const std::string_view value : values) {
    hash = hash * 0x9e3779b97f4a7c15 + std::hash<std::string_view>{}(value);
  }
  return hash;
}

template <class Cell>
std::size_t Family<Cell>::Hash::operator()(const Values& values) const {
  std::array<std::string_view, kLabelsMax> views;
  std::copy(values.begin(), values.end(), views.begin());
  return (*this)(std::span<const std::string_view>(views.data(), values.size()));
}

template <class Cell>
Cell& Family<Cell>::Insert(Series& series, Values values) const {
  std::unique_ptr<Cell>& cell = series[std::move(values)];
  if (cell != nullptr) return *cell;
  if constexpr (std::is_same_v<Cell, Histogram>) {
    cell = std::make_unique<Cell>(bounds_);
  } else {
    cell = std::make_unique<Cell>();
  }
  return *cell;
}

template <class Cell>
Cell& Family<Cell>::InsertNew(Series& series, std::span<const std::string_view> values) {
  if (series.size() < options_.series_max && std::all_of(values.begin(), values.end(), IsFitForLabel)) {
    return Insert(series, Values(values.begin(), values.end()));
  }
  dropped_.Add();
  return Insert(series, Values(values.size(), "other"));
}

template <class Cell>
Cell& Family<Cell>::With(std::span<const std::string_view> values) {
  CHECK(values.size() == options_.labels.size());
  const auto* const recent = recent_.load(std::memory_order_acquire);
  if (recent != nullptr && Equal{}(values, recent->first)) return *recent->second;
  return series_.With([&](Series& series) -> Cell& {
    const auto found = series.find(values);
    if (found == series.end()) return InsertNew(series, values);
    recent_.store(&*found, std::memory_order_release);
    return *found->second;
  });
}

// Series are never taken away, so what was listed under the lock may be read after it.
template <class Cell>
void Family<Cell>::Append(std::string& out) {
  std::vector<std::pair<const Values*, const Cell*>> rows;
  series_.With([&](const Series& series) {
    rows.reserve(series.size());
    for (const auto& [values, cell] : series) rows.emplace_back(&values, cell.get());
  });
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return *a.first < *b.first; });
  AppendHead(out, options_.name, options_.help, TypeName<Cell>());
  for (const auto& [values, cell] : rows) {
    AppendCell(out, options_.name, LabelText(options_.labels, *values), *cell);
  }
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

Registry::Registry() {
  AddCallback(Kind::kCounter, "sluice_metric_series_dropped_total",
              "Look-ups of a label set that fell on \"other\" because the family was full or a value unfit.",
              [this] { return static_cast<double>(dropped_.Value()); });
}

void Registry::Insert(std::string name, std::unique_ptr<FamilyWriter> family) {
  CHECK(IsMetricName(name, true));
  families_.With([&](auto& families) {
    const bool is_new = families.try_emplace(std::move(name), std::move(family)).second;
    CHECK(is_new);
  });
}

template <class Cell>
Family<Cell>& Registry::Insert(FamilyOptions options, std::vector<nanoseconds> bounds) {
  const std::string name = options.name;
  auto family = std::make_unique<Family<Cell>>(std::move(options), std::move(bounds), dropped_);
  Family<Cell>& reference = *family;
  Insert(name, std::move(family));
  return reference;
}

Family<Counter>& Registry::AddCounter(FamilyOptions options) {
  return Insert<Counter>(std::move(options), {});
}

Family<Gauge>& Registry::AddGauge(FamilyOptions options) {
  return Insert<Gauge>(std::move(options), {});
}

Family<Histogram>& Registry::AddHistogram(FamilyOptions options, std::vector<nanoseconds> bounds) {
  CHECK(!bounds.empty() && bounds.size() <= kBoundsMax && bounds.front().count() > 0);
  CHECK(std::adjacent_find(bounds.begin(), bounds.end(), std::greater_equal<>()) == bounds.end());
  return Insert<Histogram>(std::move(options), std::move(bounds));
}

void Registry::AddCallback(Kind kind, std::string name, std::string help, std::function<double()> value) {
  auto callback = std::make_unique<Callback>(kind, name, std::move(help), std::move(value));
  Insert(std::move(name), std::move(callback));
}

void Registry::AddCallback(Kind kind, std::string name, std::string help, std::string label,
                           std::function<Series()> series, std::size_t series_max) {
  CHECK(IsMetricName(label, false));
  auto callback = std::make_unique<LabelledCallback>(kind, name, std::move(help), std::move(label),
                                                     std::move(series), series_max);
  Insert(std::move(name), std::move(callback));
}

std::string Registry::Exposition() const {
  std::vector<FamilyWriter*> writers;
  families_.With([&](const auto& families) {
    for (const auto& [name, family] : families) writers.push_back(family.get());
  });
  std::string out;
  for (FamilyWriter* const writer : writers) writer->Append(out);
  return out;
}

}  // namespace telemetry
