#include "bench/meter.h"

#include <unistd.h>

#include "bench/process_stats.h"

namespace bench {
namespace {

constexpr std::size_t kSamplesMax = 100'000;

}  // namespace

Meter::Reading Meter::Read() const {
  Reading reading;
  if (options_.pid != 0) reading.peer = CpuNanoseconds(options_.pid);
  reading.own = CpuNanoseconds(getpid());
  for (const pid_t pid : options_.other_pids) reading.others += CpuNanoseconds(pid);
  reading.machine = MachineBusyNanoseconds();
  return reading;
}

void Meter::Begin() {
  start_ = Read();
}

void Meter::Sample(std::uint64_t at_ms, LoadResult& result) const {
  if (options_.pid == 0 || result.memory.size() >= kSamplesMax) return;
  result.memory.push_back({at_ms, MemoryOf(options_.pid).rss_kb});
}

void Meter::End(LoadResult& result) const {
  const Reading end = Read();
  result.usage.cpu_ns = end.peer - start_.peer;
  result.usage.own_cpu_ns = end.own - start_.own;
  const std::uint64_t ours = result.usage.cpu_ns + result.usage.own_cpu_ns + end.others - start_.others;
  result.usage.foreign_cpu_ns =
      static_cast<std::int64_t>(end.machine - start_.machine) - static_cast<std::int64_t>(ours);
  if (options_.pid != 0) result.peak_kb = MemoryOf(options_.pid).peak_kb;
}

}  // namespace bench
