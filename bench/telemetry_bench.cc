#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>
#include <string>

#include "telemetry/log.h"
#include "telemetry/metrics.h"

// What counting and logging add to a request.

namespace {

using namespace std::chrono_literals;

void BM_HistogramObserve(benchmark::State& state) {
  telemetry::Registry registry;
  telemetry::Histogram& cell =
      registry.AddHistogram({.name = "t", .help = "h"}, telemetry::OverheadBounds()).With({});
  std::chrono::nanoseconds duration = 1us;
  for (auto _ : state) {
    cell.Observe(duration);
    duration = duration * 5 / 4;
    if (duration > 1s) duration = 1us;
  }
}
BENCHMARK(BM_HistogramObserve);

void BM_FamilyLookUp(benchmark::State& state) {
  telemetry::Registry registry;
  auto& family =
      registry.AddCounter({.name = "c", .help = "h", .labels = {"model", "rung", "provider", "status"}});
  for (int i = 0; i < 500; ++i)
    family.With({"model-" + std::to_string(i), "strong", "deepseek", "200"}).Add();
  for (auto _ : state) family.With({"model-77", "strong", "deepseek", "200"}).Add();
}
BENCHMARK(BM_FamilyLookUp);

void BM_LogWrite(benchmark::State& state) {
  const auto log =
      telemetry::LineLog::ToFile("/dev/null");  // faster than any disk: this is the caller's cost
  const std::string line(400, 'x');
  for (auto _ : state) (*log)->Write(line);
  state.counters["dropped"] = static_cast<double>((*log)->LinesDropped());
}
BENCHMARK(BM_LogWrite)->Iterations(10'000);  // fewer than the queue holds, so that none is the cheaper drop

}  // namespace
