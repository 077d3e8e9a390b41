#include "bench/load_result.h"

#include <algorithm>
#include <numeric>

#include "base/json_text.h"

namespace bench {
namespace {

std::string Percentiles(const Histogram& histogram) {
  base::JsonObject object;
  object.Add("count", histogram.Count()).Add("min", histogram.Min()).Add("mean", histogram.Mean());
  object.Add("p50", histogram.Quantile(0.50)).Add("p90", histogram.Quantile(0.90));
  object.Add("p99", histogram.Quantile(0.99))
      .Add("p999", histogram.Quantile(0.999))
      .Add("max", histogram.Max());
  return object.Take();
}

std::string MemoryJson(const LoadResult& result) {
  base::JsonObject object;
  std::uint64_t most = result.rss_before_kb;
  std::string samples = "[";
  for (const MemorySample& sample : result.memory) {
    most = std::max(most, sample.rss_kb);
    if (samples.size() > 1) samples += ',';
    samples += '[' + std::to_string(sample.at_ms) + ',' + std::to_string(sample.rss_kb) + ']';
  }
  const std::uint64_t peak = std::max(result.peak_kb, most);
  object.Add("before", result.rss_before_kb).Add("most", most).Add("peak", peak);
  object.AddRaw("samples", samples + ']');
  return object.Take();
}

std::string_view Name(LoadOptions::Mode mode) {
  switch (mode) {
    case LoadOptions::Mode::kClosed:
      return "closed";
    case LoadOptions::Mode::kOpen:
      return "open";
    case LoadOptions::Mode::kHold:
      return "hold";
    case LoadOptions::Mode::kPlan:
      return "plan";
  }
  return "";
}

}  // namespace

std::string_view Name(Failure failure) {
  switch (failure) {
    case Failure::kConnect:
      return "connect";
    case Failure::kStatus:
      return "status";
    case Failure::kClosed:
      return "closed";
    case Failure::kShort:
      return "short";
    case Failure::kTimeout:
      return "timeout";
    case Failure::kBadHttp:
      return "bad_http";
    case Failure::kBadSse:
      return "bad_sse";
    case Failure::kNotSent:
      return "not_sent";
  }
  return "";
}

std::string ToJson(const LoadOptions& options, const LoadResult& result) {
  base::JsonObject failures;
  for (std::size_t i = 0; i < kFailures; ++i) failures.Add(Name(static_cast<Failure>(i)), result.failures[i]);
  base::JsonObject statuses;
  for (const auto& [status, count] : result.statuses) statuses.Add(std::to_string(status), count);

  base::JsonObject object;
  object.Add("mode", Name(options.mode)).Add("stream", options.stream).Add("wall_ns", result.wall_ns);
  object.Add("completed", result.completed).Add("in_interval", result.in_interval);
  object.Add("chunks", result.chunks)
      .Add("chunks_late", result.chunks_late)
      .Add("chunks_lost", result.chunks_lost);
  object.Add("body_bytes", result.bytes).Add("usage_seen", result.usage_seen);
  object.Add("errors", std::accumulate(result.failures.begin(), result.failures.end(), std::uint64_t{0}));
  object.AddRaw("errors_by_kind", failures.Take()).AddRaw("statuses", statuses.Take());
  object.AddRaw("latency_ns", Percentiles(result.latency)).AddRaw("ttft_ns", Percentiles(result.ttft));
  object.AddRaw("gap_ns", Percentiles(result.gap)).AddRaw("lag_ns", Percentiles(result.lag));
  object.Add("cpu_ns", result.usage.cpu_ns).Add("own_cpu_ns", result.usage.own_cpu_ns);
  object.Add("foreign_cpu_ns", result.usage.foreign_cpu_ns);
  object.AddRaw("rss_kb", MemoryJson(result));
  object.Add("connections_opened", result.connections_opened).Add("waiting_max", result.waiting_max);
  return object.Take();
}

}  // namespace bench
