// bench_load: closed- and open-loop load on a chat endpoint, streamed or not. One run, one JSON object.

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "bench/client.h"
#include "bench/load_options.h"
#include "bench/load_result.h"

int main(int argc, char** argv) {
  const std::span<const char* const> arguments(argv + 1, static_cast<std::size_t>(argc - 1));
  if (argc == 2 && std::string_view(argv[1]) == "--help") {
    std::fputs(bench::kLoadUsage, stdout);
    return 0;
  }
  const base::Result<bench::LoadOptions> options = bench::ParseLoadOptions(arguments);
  if (!options) {
    std::fprintf(stderr, "bench_load: %s\n%s", options.error().detail.c_str(), bench::kLoadUsage);
    return 2;
  }
  prctl(PR_SET_TIMERSLACK, 1);  // arrivals are to the microsecond
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const base::SystemClock clock;
  bench::Client client(*options, clock);
  const base::Result<bench::LoadResult> result = client.Run();
  if (!result) {
    std::fprintf(stderr, "bench_load: %s\n", result.error().detail.c_str());
    return 3;
  }
  std::puts(bench::ToJson(*options, *result).c_str());
  return result->completed > 0 ? 0 : 1;
}
