#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "store/crc32c.h"
#include "store/row_codec.h"
#include "store/row_for_test.h"

// What encoding, checking and decoding one row of the ledger cost. bench_ledger measures the whole.

namespace {

const base::WallTime kNow{std::chrono::seconds{1'790'000'000}};

std::string Encoded(const store::LedgerRow& row) {
  std::vector<char> bytes(store::kRowBytesMax);
  return {bytes.data(),
          store::EncodeRow(row, std::span<char, store::kRowBytesMax>(bytes.data(), store::kRowBytesMax))};
}

void BM_EncodeRow(benchmark::State& state) {
  store::RowMaker rows(1);
  const store::LedgerRow& row = rows.Usual(kNow);
  std::vector<char> bytes(store::kRowBytesMax);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        store::EncodeRow(row, std::span<char, store::kRowBytesMax>(bytes.data(), store::kRowBytesMax)));
  }
}
BENCHMARK(BM_EncodeRow);

void BM_DecodeRow(benchmark::State& state) {
  store::RowMaker rows(1);
  const std::string bytes = Encoded(rows.Usual(kNow));
  store::DecodedRow decoded;
  for (auto _ : state) benchmark::DoNotOptimize(decoded.Decode(bytes));
  state.counters["bytes"] = static_cast<double>(bytes.size());
}
BENCHMARK(BM_DecodeRow);

void BM_Crc32c(benchmark::State& state) {
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(store::Crc32c(bytes));
}
BENCHMARK(BM_Crc32c)->Arg(400)->Arg(16'384);

void BM_Crc32cByTable(benchmark::State& state) {
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(store::Crc32cByTable(bytes));
}
BENCHMARK(BM_Crc32cByTable)->Arg(400)->Arg(16'384);

}  // namespace
