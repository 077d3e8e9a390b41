// bench_budgets: one trace of requests against one budget, on a clock of its own. One run, one JSON object.

#include <charconv>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

#include "bench/budget_replay_internal.h"
#include "bench/schedule.h"

namespace {

constexpr const char* kUsage =
    "usage: bench_budgets PLAN [name=number ...]\n"
    "  PLAN            a file of lines \"at_us prompt_bytes answer_tokens\", as bench/traces.py makes it\n"
    "  share=50        the budget, in percent of what the whole trace would cost\n"
    "  max_tokens=2000 of each request\n"
    "  wait_ms=2000    reserve_wait\n"
    "  typical=0       1: mode typical\n"
    "  seed=1          of how long answers take\n";

// What `name=number` sets; false: nothing of that name, or no number.
bool Set(bench::BudgetReplayOptions& options, std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view name = word.substr(0, equals), text = word.substr(equals + 1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return false;
  if (name == "share") {
    options.share_percent = number;
  } else if (name == "max_tokens") {
    options.output_limit = number;
  } else if (name == "wait_ms") {
    options.reserve_wait = std::chrono::milliseconds(number);
  } else if (name == "typical") {
    options.typical = number != 0;
  } else if (name == "seed") {
    options.seed = static_cast<std::uint64_t>(number);
  } else {
    return false;
  }
  return true;
}

void Print(const bench::BudgetReplayResult& result) {
  const std::pair<const char*, std::int64_t> numbers[] = {
      {"requests", static_cast<std::int64_t>(result.requests)},
      {"answered", static_cast<std::int64_t>(result.answered)},
      {"lowered", static_cast<std::int64_t>(result.lowered)},
      {"waited", static_cast<std::int64_t>(result.waited)},
      {"refused", static_cast<std::int64_t>(result.refused)},
      {"overshot", static_cast<std::int64_t>(result.overshot)},
      {"room", result.room},
      {"refused_at_s", result.refused_at_s.value_or(-1)},
      {"spent_then_bp", result.spent_then},
      {"reserved_then_bp", result.reserved_then},
      {"spent_once_bp", result.spent_once},
      {"spent_end_bp", result.spent_end}};
  const char* before = "{";
  for (const auto& [name, number] : numbers) {
    std::printf("%s\"%s\": %lld", before, name, static_cast<long long>(number));
    before = ", ";
  }
  std::puts("}");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--help") {
    std::fputs(kUsage, stdout);
    return 0;
  }
  bench::BudgetReplayOptions options;
  bool right = argc > 1;
  for (int i = 2; i < argc; ++i) right = Set(options, argv[i]) && right;
  if (!right) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  std::ifstream file(argv[1]);
  std::ostringstream text;
  text << file.rdbuf();
  const auto arrivals = bench::ParsePlan(text.str());
  if (!file || !arrivals) {
    std::fprintf(stderr, "bench_budgets: %s: %s\n", argv[1],
                 arrivals ? "it cannot be read" : arrivals.error().detail.c_str());
    return 3;
  }
  Print(bench::BudgetReplay(options, *arrivals).Run());
  return 0;
}
