#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace bench {

// What the kernel says about a process and all its descendants. All reads are of /proc, so they cost tens of
// microseconds: take them at the ends of an interval, not inside it.

// Scheduler run time of every living thread of the tree, in nanoseconds (schedstat). Softirq work done inside
// its system calls is in it; threads that ended are not.
std::uint64_t CpuNanoseconds(pid_t root);

struct Memory {
  std::uint64_t rss_kb = 0;   // resident now
  std::uint64_t peak_kb = 0;  // the sum of each process's highest (VmHWM)
};
Memory MemoryOf(pid_t root);

// Busy time of all CPUs since boot, in nanoseconds (user, nice, system, irq, softirq, steal), at the kernel's
// resolution of 10 ms.
std::uint64_t MachineBusyNanoseconds();

// `root` and its descendants, root first; empty when it does not run.
std::vector<pid_t> ProcessTree(pid_t root);

}  // namespace bench
