// Any bytes as a compiled time zone: refused, or a zone whose clocks can be read at every instant, and whose
// readings lead back.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/time_zone.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto zone = base::TimeZone::Parse("Fuzz/Zone", {reinterpret_cast<const char*>(data), size});
  if (!zone) {
    CHECK(zone.error().code == base::Code::kInvalid && !zone.error().detail.empty());
    return 0;
  }
  constexpr std::chrono::hours kMost{26};
  for (std::int64_t second = -2'000'000'000; second < 5'000'000'000; second += 86'413 * 997) {
    const base::WallTime at{std::chrono::seconds{second}};
    const auto offset = zone->OffsetAt(at);
    CHECK(offset <= kMost && offset >= -kMost);
    const base::WallTime back = zone->ToInstant(zone->ToLocal(at));
    CHECK(back <= at + 2 * kMost && back >= at - 2 * kMost);
  }
  return 0;
}
