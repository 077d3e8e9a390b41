#include "telemetry/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "telemetry/process_metrics.h"

namespace telemetry {
namespace {

using namespace std::chrono_literals;

// The exposition without the registry's own counter.
std::string WithoutDropped(const Registry& registry) {
  std::string text = registry.Exposition();
  const std::string_view last = "sluice_metric_series_dropped_total 0\n";
  const std::size_t begin = text.find("# HELP sluice_metric_series_dropped_total");
  text.erase(begin, text.find(last) + last.size() - begin);
  return text;
}

TEST(ExpositionTest, GoldenTextIsSortedEscapedAndExact) {
  Registry registry;
  Family<Histogram>& overhead = registry.AddHistogram(
      {.name = "sluice_overhead_seconds", .help = "What Sluice added."}, {10us, 1ms, 2500ms, 10s});
  Family<Counter>& requests = registry.AddCounter({.name = "sluice_requests_total",
                                                   .help = "Requests: a \\ and\na line.",
                                                   .labels = {"model", "status"}});
  Family<Gauge>& depth = registry.AddGauge({.name = "sluice_queue_depth", .help = "Waiting."});
  registry.AddCallback(Registry::Kind::kGauge, "answer", "Asked for at scrape.", [] { return 41.5; });

  requests.With({"z", "200"}).Add(3);
  requests.With({"a\"b\\c\nd", "429"}).Add();
  depth.With({}).Add(-2);
  for (const std::chrono::nanoseconds duration : {10'000ns, 10'001ns, 2'500'000'000ns, 60'000'000'000ns}) {
    overhead.With({}).Observe(duration);
  }

  EXPECT_EQ(WithoutDropped(registry),
            "# HELP answer Asked for at scrape.\n"
            "# TYPE answer gauge\n"
            "answer 41.5\n"
            "# HELP sluice_overhead_seconds What Sluice added.\n"
            "# TYPE sluice_overhead_seconds histogram\n"
            "sluice_overhead_seconds_bucket{le=\"0.00001\"} 1\n"
            "sluice_overhead_seconds_bucket{le=\"0.001\"} 2\n"
            "sluice_overhead_seconds_bucket{le=\"2.5\"} 3\n"
            "sluice_overhead_seconds_bucket{le=\"10\"} 3\n"
            "sluice_overhead_seconds_bucket{le=\"+Inf\"} 4\n"
            "sluice_overhead_seconds_sum 62.500020001\n"
            "sluice_overhead_seconds_count 4\n"
            "# HELP sluice_queue_depth Waiting.\n"
            "# TYPE sluice_queue_depth gauge\n"
            "sluice_queue_depth -2\n"
            "# HELP sluice_requests_total Requests: a \\\\ and\\na line.\n"
            "# TYPE sluice_requests_total counter\n"
            "sluice_requests_total{model=\"a\\\"b\\\\c\\nd\",status=\"429\"} 1\n"
            "sluice_requests_total{model=\"z\",status=\"200\"} 3\n");
}

TEST(ExpositionTest, LabelledHistogramPutsItsLabelsBeforeTheBound) {
  Registry registry;
  registry.AddHistogram({.name = "t", .help = "h", .labels = {"kind"}}, {1s}).With({"a"}).Observe(1s);
  const std::string text = registry.Exposition();
  EXPECT_NE(text.find("t_bucket{kind=\"a\",le=\"1\"} 1\nt_bucket{kind=\"a\",le=\"+Inf\"} 1\n"
                      "t_sum{kind=\"a\"} 1\nt_count{kind=\"a\"} 1\n"),
            std::string::npos)
      << text;
}

TEST(ExpositionTest, UnlabelledAndInitialSeriesExistFromTheStartWithZero) {
  Registry registry;
  registry.AddGauge({.name = "plain", .help = "h"});
  registry.AddGauge({.name = "flight", .help = "h", .labels = {"provider"}, .initial = {{"b"}, {"a"}}});
  const std::string text = registry.Exposition();
  EXPECT_NE(text.find("flight{provider=\"a\"} 0\nflight{provider=\"b\"} 0\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\nplain 0\n"), std::string::npos) << text;
  EXPECT_NE(text.find("sluice_metric_series_dropped_total 0\n"), std::string::npos) << text;
}

TEST(ExpositionTest, SeriesOfALabelAreAskedForAtEachScrape) {
  Registry registry;
  Registry::Series series = {{"team/b", 0.5}, {"a\"b", 1}};
  registry.AddCallback(
      Registry::Kind::kGauge, "used", "h", "scope", [&series] { return series; }, 3);
  EXPECT_EQ(registry.Exposition(),
            "# HELP sluice_metric_series_dropped_total" +
                registry.Exposition().substr(41, registry.Exposition().find("# HELP used") - 41) +
                "# HELP used h\n# TYPE used gauge\nused{scope=\"a\\\"b\"} 1\nused{scope=\"team/b\"} 0.5\n");
  series = {{"\xff", 1}, {std::string(257, 'x'), 1}, {"c", 1}, {"b", 1}};
  const std::string text = registry.Exposition();
  EXPECT_NE(text.find("used{scope=\"b\"} 1\nused{scope=\"c\"} 1\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("xxx"), std::string::npos);
  series = {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}};
  EXPECT_EQ(registry.Exposition().find("scope=\"d\""), std::string::npos);
}

TEST(ExpositionTest, CallbackThatKnowsNothingSaysNaN) {
  Registry registry;
  registry.AddCallback(Registry::Kind::kGauge, "g", "h", [] { return std::nan(""); });
  EXPECT_NE(registry.Exposition().find("\ng NaN\n"), std::string::npos);
}

TEST(HistogramTest, NegativeDurationCountsAsZero) {
  Registry registry;
  Histogram& cell = registry.AddHistogram({.name = "t", .help = "h"}, {1ms}).With({});
  cell.Observe(-5ms);
  EXPECT_EQ(cell.InBucket(0), 1U);
  EXPECT_EQ(cell.SumNanoseconds(), 0U);
}

TEST(HistogramTest, TheShippedBoundsAreAcceptable) {
  Registry registry;
  registry.AddHistogram({.name = "a", .help = "h"}, RequestBounds());
  registry.AddHistogram({.name = "b", .help = "h"}, OverheadBounds());
}

TEST(FamilyTest, TheSameLabelsAreTheSameCellForever) {
  Registry registry;
  Family<Counter>& family = registry.AddCounter({.name = "c", .help = "h", .labels = {"a", "b"}});
  Counter& first = family.With({"x", "y"});
  for (int i = 0; i < 900; ++i) family.With({"x", std::to_string(i)});
  EXPECT_EQ(&family.With({"x", "y"}), &first);
  EXPECT_NE(&family.With({"y", "x"}), &first);
}

TEST(FamilyTest, BeyondTheLimitNewLabelsShareTheSeriesOther) {
  Registry registry;
  Family<Counter>& family =
      registry.AddCounter({.name = "c", .help = "h", .labels = {"a", "b"}, .series_max = 2});
  family.With({"1", "1"}).Add();
  family.With({"2", "2"}).Add();
  family.With({"3", "3"}).Add();
  family.With({"4", "4"}).Add();
  family.With({"1", "1"}).Add();
  const std::string text = registry.Exposition();
  EXPECT_NE(text.find("c{a=\"1\",b=\"1\"} 2\nc{a=\"2\",b=\"2\"} 1\nc{a=\"other\",b=\"other\"} 2\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("sluice_metric_series_dropped_total 2\n"), std::string::npos) << text;
}

TEST(FamilyTest, AValueThatWouldSpoilTheScrapeIsOther) {
  Registry registry;
  Family<Counter>& family = registry.AddCounter({.name = "c", .help = "h", .labels = {"a"}});
  Counter& other = family.With({"\xff"});
  EXPECT_EQ(&family.With({std::string(kLabelValueBytesMax + 1, 'x')}), &other);
  EXPECT_NE(&family.With({std::string(kLabelValueBytesMax, 'x')}), &other);
  EXPECT_EQ(&family.With({"other"}), &other);
}

TEST(FamilyTest, FourThreadsLoseNoCountAndNoSeries) {
  Registry registry;
  Family<Counter>& counters = registry.AddCounter({.name = "c", .help = "h", .labels = {"a"}});
  Family<Histogram>& times = registry.AddHistogram({.name = "t", .help = "h"}, {1us, 1ms});
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&] {
        for (int i = 0; i < 5000; ++i) {
          counters.With({std::to_string(i % 10)}).Add();
          times.With({}).Observe(std::chrono::nanoseconds(i));
          if (i % 1000 == 0) {
            EXPECT_FALSE(registry.Exposition().empty());
          }
        }
      });
    }
  }
  for (int i = 0; i < 10; ++i) EXPECT_EQ(counters.With({std::to_string(i)}).Value(), 2000U);
  EXPECT_EQ(times.With({}).Count(), 20000U);
  EXPECT_EQ(times.With({}).SumNanoseconds(), 4U * (4999U * 5000U / 2U));
}

TEST(RegistryDeathTest, DeclaringANameTwiceOrBadlyIsABug) {
  Registry registry;
  registry.AddGauge({.name = "g", .help = "h"});
  EXPECT_DEATH(registry.AddCounter({.name = "g", .help = "h"}), "CHECK|is_new");
  EXPECT_DEATH(registry.AddCounter({.name = "1g", .help = "h"}), "IsMetricName");
  EXPECT_DEATH(registry.AddCounter({.name = "ok", .help = "h", .labels = {"a:b"}}), "IsMetricName");
  EXPECT_DEATH(registry.AddHistogram({.name = "h", .help = "h"}, {2s, 1s}), "adjacent_find");
}

TEST(ProcessMetricsTest, TheKernelAnswersAllOfThem) {
  Registry registry;
  AddProcessMetrics(registry);
  const std::string text = registry.Exposition();
  for (const std::string name : {"process_resident_memory_bytes", "process_open_fds",
                                 "process_cpu_seconds_total", "process_start_time_seconds"}) {
    const std::size_t at = text.find("\n" + name + " ");
    ASSERT_NE(at, std::string::npos) << text;
    EXPECT_GT(std::stod(text.substr(at + name.size() + 2)), name.starts_with("process_cpu") ? -1.0 : 1.0)
        << text;
  }
}

}  // namespace
}  // namespace telemetry
