// Counting tokens: how many bytes a second, by family and kind of text. Needs the files of `make models`
// where it is started, in sluice-data/models; a family without one is left out. Estimates need none.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "engine/estimator.h"
#include "engine/model_family.h"
#include "engine/text_classes.h"
#include "engine/tokenizer.h"

namespace {

constexpr std::size_t kTextBytes = 256 * 1024;

constexpr std::string_view kEnglish[] = {
    "A request climbs only as far as it must, and most of them stop at the first rung. ",
    "The gateway stands between applications and language models; it doesn't change what they say. ",
    "Whoever runs it trusts three promises: the bill is exact, a budget is never overshot, answers stay "
    "right. ",
    "In 2026 prices changed with the hour, so an old answer had to be priced as it was then.\n\n"};
constexpr std::string_view kChinese[] = {
    "网关位于应用程序与语言模型之间，让每个回答的成本尽可能低，同时不降低回答的质量。",
    "价格随时段变化，所以账单必须说明每一个词元是按哪个版本的价格计算的。",
    "预算用完之前，流量会逐级下降到更便宜的模型，而不是直接拒绝请求。\n"};
constexpr std::string_view kCode[] = {
    "  for (std::size_t i = 0; i < rows.size(); ++i) {\n    total += rows[i].cost;\n  }\n",
    "def cost_of(usage, price):\n    return sum(usage[m] * price.get(m, 0) for m in METERS)  # pico-units\n",
    "const answer = await client.chat.completions.create({ model: \"deepseek-flash\", messages });\n"};

template <std::size_t N>
std::string Prose(const std::string_view (&sentences)[N]) {
  base::Random random(1);
  std::string text;
  while (text.size() < kTextBytes) text += sentences[random.Below(N)];
  return text;
}

std::vector<std::pair<std::string, std::string>> Texts() {
  base::Random random(2);
  std::string noise;
  while (noise.size() < kTextBytes) noise.push_back(static_cast<char>(random.Below(256)));
  std::string base64;
  while (base64.size() < kTextBytes) {
    base64.push_back("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[random.Below(64)]);
  }
  return {{"english", Prose(kEnglish)}, {"chinese", Prose(kChinese)},
          {"code", Prose(kCode)},       {"one_letter", std::string(kTextBytes, 'a')},
          {"base64", base64},           {"noise", noise}};
}

void Count(benchmark::State& state, const engine::Tokenizer& tokenizer, const std::string& text) {
  std::int64_t tokens = 0;
  for (auto _ : state) benchmark::DoNotOptimize(tokens = tokenizer.Count(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
  state.counters["bytes_per_token"] = static_cast<double>(text.size()) / static_cast<double>(tokens);
}

void Classify(benchmark::State& state, const std::string& text) {
  for (auto _ : state) {
    engine::TextClasses classes;
    classes.Add(text);
    benchmark::DoNotOptimize(classes);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void Learn(benchmark::State& state) {
  engine::Estimator estimator;
  engine::TextClasses classes;
  classes.Add(kEnglish[0]);
  for (auto _ : state) estimator.Learn("provider", "model", classes, 20);
}

void Estimate(benchmark::State& state) {
  engine::Estimator estimator;
  engine::TextClasses classes;
  classes.Add(kEnglish[0]);
  estimator.Learn("provider", "model", classes, 20);
  for (auto _ : state) benchmark::DoNotOptimize(estimator.Estimate("provider", "model", classes));
}

}  // namespace

int main(int count, char** arguments) {
  const auto texts = Texts();
  std::vector<std::shared_ptr<const engine::Tokenizer>> tokenizers;
  for (const engine::Family family : engine::kFamilies) {
    const std::string name(engine::Name(family));
    const auto tokenizer = engine::Tokenizer::FromFile("sluice-data/models/" + name + ".tokens");
    if (!tokenizer) continue;
    tokenizers.push_back(*tokenizer);
    for (const auto& [kind, text] : texts) {
      benchmark::RegisterBenchmark(("count/" + name + "/" + kind).c_str(), Count, std::cref(**tokenizer),
                                   std::cref(text));
    }
  }
  for (const auto& [kind, text] : texts) {
    benchmark::RegisterBenchmark(("classify/" + kind).c_str(), Classify, std::cref(text));
  }
  benchmark::RegisterBenchmark("estimate", Estimate);
  benchmark::RegisterBenchmark("learn", Learn);
  benchmark::Initialize(&count, arguments);
  benchmark::RunSpecifiedBenchmarks();
}
