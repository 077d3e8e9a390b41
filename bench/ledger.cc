#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "store/journal.h"
#include "store/journal_reader.h"
#include "store/ledger.h"
#include "store/live_ledger.h"
#include "store/row_for_test.h"
#include "store/wait_for.h"

// What the ledger costs: `bench_ledger --data DIR [--rows N] [--core N]`. Makes a journal of N rows spread
// over 30 days, as a gateway would while its index is fed, then reads it back and asks for bills. DIR must
// not hold a ledger yet; 10 million rows take some 4 GB there.

namespace {

using base::MonoTime;
using std::chrono::duration;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

const base::SystemClock system_clock;
constexpr base::WallTime kFirst{std::chrono::seconds(1'792'000'000)};
constexpr std::chrono::hours kSpan{24 * 30};

struct Options {
  std::filesystem::path data;
  std::uint64_t rows = 1'000'000;
  int core = -1;
};

double Seconds(nanoseconds took) {
  return duration<double>(took).count();
}

nanoseconds Cpu() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + nanoseconds(used.tv_nsec);
}

void Pin(int core) {
  if (core < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) std::cerr << "cannot stay on core " << core << '\n';
}

void PrintLatencies(std::vector<std::uint32_t>& took) {
  std::sort(took.begin(), took.end());
  std::uint64_t sum = 0;
  for (const std::uint32_t one : took) sum += one;
  const auto at = [&](double share) {
    return took[std::min(took.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(took.size())))];
  };
  std::cout << "append, ns: mean " << sum / took.size() << ", p50 " << at(0.5) << ", p99 " << at(0.99)
            << ", p99.9 " << at(0.999) << ", p99.99 " << at(0.9999) << ", max " << took.back() << '\n';
}

bool Write(const Options& options) {
  store::SystemDisk disk;
  auto journal = store::Journal::Open(options.data, system_clock, disk, {});
  if (!journal) {
    std::cerr << journal.error().detail << '\n';
    return false;
  }
  auto live = store::LiveLedger::Start(**journal,
                                       {.wait = store::WaitFor(std::chrono::milliseconds(200)), .note = {}});
  if (!live) {
    std::cerr << live.error().detail << '\n';
    return false;
  }
  store::RowMaker rows(1);
  store::RowGroup group;  // as a loop has one, here with a single row each time
  std::vector<std::uint32_t> took;
  took.reserve(options.rows);
  const auto step = std::chrono::duration_cast<nanoseconds>(kSpan) / options.rows;
  nanoseconds making{0};  // the rows themselves, which a gateway has anyway
  const nanoseconds cpu = Cpu();
  const MonoTime begun = system_clock.Now();
  MonoTime last = begun;
  for (std::uint64_t i = 0; i < options.rows; ++i) {
    const store::LedgerRow& row = rows.Usual(kFirst + step * i);
    const MonoTime before = system_clock.Now();
    making += before - last;
    group.Clear();
    group.Add(row);
    const auto appended = (*journal)->Append(group);
    last = system_clock.Now();
    took.push_back(static_cast<std::uint32_t>((last - before).count()));
    if (!appended) {
      std::cerr << appended.error().detail << '\n';
      return false;
    }
  }
  const nanoseconds appending = system_clock.Now() - begun;
  live->reset();
  auto ledger = store::Ledger::Open(options.data);
  if (!ledger || !(*ledger)->CatchUp()) return false;
  const nanoseconds all = system_clock.Now() - begun - making;
  const auto count = static_cast<double>(options.rows);
  std::cout << "appended " << options.rows << " rows in " << Seconds(appending) << " s; with the index fed "
            << count / Seconds(all) << " rows/s, " << count / Seconds(Cpu() - cpu)
            << " per second of CPU with the making of the rows\n";
  PrintLatencies(took);
  std::cout << "bytes a row: " << (*journal)->Counts().bytes / options.rows
            << ", of the index: " << std::filesystem::file_size(options.data / "index.sqlite") / options.rows
            << '\n';
  return true;
}

void Read(const Options& options) {
  const nanoseconds cpu = Cpu();
  const MonoTime begun = system_clock.Now();
  store::JournalReader reader(options.data);
  std::uint64_t rows = 0;
  std::int64_t tokens = 0;
  for (auto record = reader.Next(); record && *record != nullptr; record = reader.Next()) {
    if ((*record)->row == nullptr) continue;
    ++rows;
    tokens += (*record)->row->usage.TotalInput();
  }
  std::cout << "read " << rows << " rows of " << tokens
            << " tokens: " << static_cast<double>(rows) / Seconds(system_clock.Now() - begun) << " rows/s, "
            << static_cast<double>(rows) / Seconds(Cpu() - cpu) << " per second of CPU\n";
}

void Ask(store::Ledger& ledger, std::string_view name, const store::LedgerQuery& query) {
  std::vector<double> took;
  std::size_t rows = 0;
  for (int i = 0; i < 5; ++i) {
    const MonoTime begun = system_clock.Now();
    const auto bill = ledger.Query(query);
    took.push_back(Seconds(system_clock.Now() - begun) * 1e3);
    if (bill) rows = bill->rows.size();
  }
  std::sort(took.begin(), took.end());
  std::cout << name << ": " << rows << " lines, ms: median " << took[2] << " [" << took.front() << "-"
            << took.back() << "]\n";
}

void AskAll(const Options& options) {
  auto ledger = store::Ledger::Open(options.data);
  if (!ledger) return;
  using store::Dimension;
  Ask(**ledger, "hour x model x team", {.by = {{Dimension::kHour}, {Dimension::kModel}, {Dimension::kTeam}}});
  Ask(**ledger, "day x team", {.by = {{Dimension::kDay}, {Dimension::kTeam}}});
  Ask(**ledger, "day x project x key", {.by = {{Dimension::kDay}, {Dimension::kProject}, {Dimension::kKey}}});
  Ask(**ledger, "user, one day",
      {.by = {{Dimension::kUser}}, .from = kFirst, .to = kFirst + std::chrono::hours(24)});
}

bool Parse(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::string_view value = argv[i + 1];
    const auto number = [&](auto& into) {
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), into);
      return error == std::errc() && end == value.data() + value.size();
    };
    if (name == "--data") {
      options.data = value;
    } else if (name == "--rows" ? !number(options.rows) : name != "--core" || !number(options.core)) {
      return false;
    }
  }
  return argc % 2 == 1 && !options.data.empty() && options.rows > 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!Parse(argc, argv, options)) {
    std::cerr << "usage: bench_ledger --data DIR [--rows 1000000] [--core N]\n";
    return 2;
  }
  Pin(options.core);
  if (!std::filesystem::exists(options.data / "ledger") && !Write(options)) return 1;
  Read(options);
  AskAll(options);
  return 0;
}
