#include <benchmark/benchmark.h>

#include <memory>
#include <utility>

#include "base/check.h"
#include "base/time_text.h"
#include "pricing/book.h"
#include "pricing/shipped.h"

// What a price costs: one usage, the name of its model, and the catalogue at the start.

namespace {

std::shared_ptr<const pricing::Book> Shipped() {
  pricing::BookSources sources;
  auto shipped = pricing::ShippedCatalogue();
  CHECK(shipped);
  sources.shipped = std::move(*shipped);
  auto book = pricing::Book::Make(std::move(sources), {});
  CHECK(book);
  return *book;
}

pricing::Circumstances At(const char* time) {
  const base::WallTime at = base::ParseTime(time).value();
  return {.dispatched = at, .completed = at};
}

constexpr chat::Usage kUsage{.input = 1'204, .cached_input = 18'000, .output = 512, .reasoning = 300};

void BM_FindAndPrice(benchmark::State& state, const char* provider, const char* model) {
  const auto book = Shipped();
  const pricing::Circumstances circumstances = At("2026-11-30T02:00:00Z");
  for (auto _ : state) {
    const pricing::ModelPrices* prices = book->Find(provider, model);
    benchmark::DoNotOptimize(book->Price(prices, base::Currency::kUsd, kUsage, circumstances));
  }
}
BENCHMARK_CAPTURE(BM_FindAndPrice, with_phases_and_holidays, "deepseek", "deepseek-flash");
BENCHMARK_CAPTURE(BM_FindAndPrice, dated_name, "openai", "gpt-5.6-sol-2026-07-01");
BENCHMARK_CAPTURE(BM_FindAndPrice, by_a_rule, "deepseek", "deepseek-v4.1-flash-1017");

void BM_PriceAlone(benchmark::State& state) {
  const auto book = Shipped();
  const pricing::Circumstances circumstances = At("2026-11-30T02:00:00Z");
  const pricing::ModelPrices* prices = book->Find("deepseek", "deepseek-flash");
  for (auto _ : state)
    benchmark::DoNotOptimize(book->Price(prices, base::Currency::kUsd, kUsage, circumstances));
}
BENCHMARK(BM_PriceAlone);

void BM_Terms(benchmark::State& state) {
  const auto book = Shipped();
  const pricing::Circumstances circumstances = At("2026-11-30T02:00:00Z");
  const pricing::ModelPrices* prices = book->Find("deepseek", "deepseek-flash");
  const pricing::PriceVersion* version =
      book->VersionAt(prices, base::Currency::kUsd, 0, circumstances, nullptr);
  CHECK(version != nullptr);
  for (auto _ : state) benchmark::DoNotOptimize(Total(pricing::TermsOf(version->rates, kUsage)));
}
BENCHMARK(BM_Terms);

void BM_DearestOfAQuarterHour(benchmark::State& state) {
  const auto book = Shipped();
  const pricing::ModelPrices* prices = book->Find("deepseek", "deepseek-flash");
  const base::WallTime from = base::ParseTime("2026-11-30T00:50:00Z").value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(book->DearestRates(prices, base::Currency::kUsd,
                                                {.from = from, .until = from + std::chrono::minutes(15)}));
  }
}
BENCHMARK(BM_DearestOfAQuarterHour);

void BM_ReadTheCatalogue(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(pricing::ShippedCatalogue());
}
BENCHMARK(BM_ReadTheCatalogue)->Unit(benchmark::kMicrosecond);

void BM_ReadTheCatalogueAndMakeTheBook(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Shipped());
}
BENCHMARK(BM_ReadTheCatalogueAndMakeTheBook)->Unit(benchmark::kMicrosecond);

}  // namespace
