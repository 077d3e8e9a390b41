// Any bytes as an imported catalogue: either a sentence that says why not, or prices with which every usage
// can be priced without harm, and versions that a ledger can keep and read back equal.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/utf8.h"
#include "pricing/book.h"
#include "pricing/import.h"
#include "pricing/version_text.h"

namespace {

chat::Usage EveryMeter(std::int64_t count) {
  chat::Usage usage;
  for (std::size_t i = 0; i < chat::kMeters; ++i) usage[static_cast<chat::Meter>(i)] = count;
  return usage;
}

void PriceAll(const pricing::Book& book) {
  const base::WallTime at{std::chrono::seconds{1'796'000'000}};
  std::size_t looked_at = 0;
  for (const pricing::Book::Listed& listed : book.List()) {
    if (++looked_at > 50) return;
    for (const std::int64_t count : {std::int64_t{1}, std::int64_t{1} << 40}) {
      const pricing::Cost cost = book.Price(listed.prices, listed.currency, EveryMeter(count), {at, at});
      CHECK(cost.pico.has_value() == cost.why_unknown.empty());
      CHECK(!cost.pico || *cost.pico >= 0);
    }
    book.DearestRates(listed.prices, listed.currency, {.from = at, .until = at + std::chrono::hours(1)});
    for (const pricing::PriceVersion* version : pricing::VersionsOf(*listed.prices)) {
      const auto again = pricing::ReadVersion(pricing::WriteVersion(*version));
      CHECK(again && again->rates == version->rates && again->valid_from == version->valid_from);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto import = pricing::ReadImport(bytes, "f");
  if (!import) {
    CHECK(!import.error().detail.empty() && base::IsUtf8(import.error().detail));
    return 0;
  }
  pricing::BookSources sources;
  sources.imports.push_back(std::move(import->catalogue));
  if (const auto book = pricing::Book::Make(std::move(sources), {})) PriceAll(**book);
  return 0;
}
