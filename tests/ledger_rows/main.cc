// Fills a data directory with a ledger as a gateway with some teams and models would have written it, each
// row priced by the shipped catalogue: for measuring bills and what-ifs, and for tests that need a past.
//
//   ledger_rows DATA ROWS [DAYS] [SEED]      the last row was started at 2026-11-28T00:00:00Z
//
// The same arguments give the same rows.

#include <array>
#include <chrono>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/random.h"
#include "base/time_text.h"
#include "pricing/book.h"
#include "pricing/shipped.h"
#include "pricing/version_text.h"
#include "store/journal.h"

namespace {

using namespace std::chrono_literals;

struct Model {
  std::string_view provider;
  std::string_view name;
  std::uint64_t share;  // of a hundred
};
constexpr std::array<Model, 5> kModels = {{{"deepseek", "deepseek-flash", 55},
                                           {"deepseek", "deepseek-v4-pro", 20},
                                           {"openai", "gpt-5-mini", 15},
                                           {"anthropic", "claude-sonnet-4-5", 8},
                                           {"openai", "nobody-knows", 2}}};
constexpr std::array<std::string_view, 5> kTeams = {"support", "search", "billing", "growth", "research"};

// Makes rows one after the other; a row is valid until the next.
class Traffic {
 public:
  Traffic(std::uint64_t seed, base::WallTime first, std::chrono::nanoseconds step, const pricing::Book& book)
      : random_(seed), at_(first), step_(step), book_(book) {}

  void Next() {
    row_ = {};
    definition_ = {};
    ++number_;
    at_ += step_;
    id_ = "req_" + std::to_string(number_);
    user_ = "user-" + std::to_string(random_.Below(5'000));
    key_ = "key_" + std::to_string(random_.Below(20));
    row_.request_id = id_;
    row_.started = at_;
    row_.dispatched = at_ + 40us;
    row_.first_token = at_ + 300ms;
    row_.completed = at_ + 1s + std::chrono::milliseconds(random_.Below(20'000));
    row_.team = kTeams[random_.Below(kTeams.size())];
    row_.project = random_.Below(2) == 0 ? "web" : "mobile";
    row_.key_id = key_;
    row_.user = user_;
    row_.asked_model = "assistant";
    tags_[0] = {"app", random_.Below(3) == 0 ? "checkout" : "help"};
    row_.tags = tags_;
    row_.status = 200;
    row_.stream = random_.Below(2) == 0;
    row_.reason = "the default rung";
    row_.finish = chat::FinishReason::kStop;
    Answer();
    Price();
  }

  const store::LedgerRow& row() const { return row_; }
  std::span<const store::PriceDefinition> prices() const {
    return {&definition_, definition_.version.empty() ? 0U : 1U};
  }

 private:
  void Answer() {
    std::uint64_t drawn = random_.Below(100);
    const Model* model = kModels.data();
    for (; drawn >= model->share; ++model) drawn -= model->share;
    row_.provider = model->provider;
    row_.model = row_.response_model = model->name;
    row_.rung = model == kModels.data() ? chat::Rung::kCheap : chat::Rung::kStrong;
    row_.usage.input = static_cast<std::int64_t>(random_.Below(4'000));
    row_.usage.cached_input = static_cast<std::int64_t>(random_.Below(40)) * 128;
    row_.usage.output = static_cast<std::int64_t>(random_.Below(900));
    if (random_.Below(4) == 0) row_.usage.reasoning = static_cast<std::int64_t>(random_.Below(2'000));
    row_.usage_source = random_.Below(100) == 0 ? chat::UsageSource::kCounted : chat::UsageSource::kProvider;
    provider_usage_ = R"({"prompt_tokens":)" + std::to_string(row_.usage.TotalInput()) +
                      R"(,"completion_tokens":)" + std::to_string(row_.usage.TotalOutput()) + "}";
    row_.provider_usage = provider_usage_;
    model_ = std::string(row_.provider) + "/" + std::string(row_.model);
    attempts_[0] = {.model = model_,
                    .status = 200,
                    .error = {},
                    .ms = 900,
                    .usage = std::nullopt,
                    .price = {},
                    .call = {}};
    row_.attempts = attempts_;
  }

  void Price() {
    const pricing::Circumstances circumstances{.dispatched = *row_.dispatched, .completed = row_.completed};
    const base::Currency currency = book_.CurrencyOf(row_.provider);
    const pricing::Cost cost =
        book_.Price(book_.Find(row_.provider, row_.model, currency), currency, row_.usage, circumstances);
    if (cost.version == nullptr) {
      row_.price.version = store::kUnknownPrice;
      return;
    }
    row_.price = {cost.version->id, cost.version->phase, currency, cost.pico};
    row_.saved = *cost.pico / 2;
    std::string& text = texts_[cost.version->id];
    if (text.empty()) text = pricing::WriteVersion(*cost.version);
    definition_ = {cost.version->id, text};
  }

  base::Random random_;
  base::WallTime at_;
  const std::chrono::nanoseconds step_;
  const pricing::Book& book_;
  std::uint64_t number_ = 0;
  std::string id_;
  std::string user_;
  std::string key_;
  std::string model_;
  std::string provider_usage_;
  std::array<std::pair<std::string_view, std::string_view>, 1> tags_;
  std::array<store::LedgerAttempt, 1> attempts_;
  std::map<std::string, std::string, std::less<>> texts_;
  store::LedgerRow row_;
  store::PriceDefinition definition_;
};

int Fail(std::string_view why) {
  std::cerr << "ledger_rows: " << why << '\n';
  return 1;
}

std::uint64_t Number(int argc, char** argv, int at, std::uint64_t otherwise) {
  if (argc <= at) return otherwise;
  return base::ParseDecimal(argv[at]).value_or(0);
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t rows = Number(argc, argv, 2, 0);
  const std::uint64_t days = Number(argc, argv, 3, 30);
  if (argc < 3 || argc > 5 || rows == 0 || days == 0 || days > 10'000)
    return Fail("usage: ledger_rows DATA ROWS [DAYS] [SEED]");
  auto shipped = pricing::ShippedCatalogue();
  if (!shipped) return Fail(shipped.error().detail);
  pricing::BookSources sources;
  sources.shipped = std::move(*shipped);
  const auto book = pricing::Book::Make(std::move(sources), {});
  if (!book) return Fail(book.error().detail);
  const base::SystemClock clock;
  store::SystemDisk disk;
  auto journal = store::Journal::Open(argv[1], clock, disk, {});
  if (!journal) return Fail(journal.error().detail);

  const std::chrono::nanoseconds span = std::chrono::days(days);
  const base::WallTime end = base::ParseTime("2026-11-28T00:00:00Z").value();
  Traffic traffic(Number(argc, argv, 4, 1), end - span, span / static_cast<std::int64_t>(rows), **book);
  for (std::uint64_t i = 0; i < rows; ++i) {
    traffic.Next();
    if (auto done = (*journal)->Append(traffic.row(), traffic.prices()); !done)
      return Fail(done.error().detail);
  }
  std::cout << rows << " rows\n";
  return 0;
}
