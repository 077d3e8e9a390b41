#include "budget/share.h"

#include <algorithm>
#include <limits>

namespace budget {

std::uint64_t ShareOf(base::Int128 used, base::Int128 limit) {
  constexpr base::Int128 kWhole = 10'000;
  if (used <= 0) return 0;
  const bool fits = used <= std::numeric_limits<base::Int128>::max() / kWhole;
  const base::Int128 share = fits ? used * kWhole / limit : used / std::max<base::Int128>(limit / kWhole, 1);
  return static_cast<std::uint64_t>(std::min<base::Int128>(share, kShareMax));
}

std::string PrintShare(std::uint64_t basis_points) {
  std::string text = std::to_string(basis_points / 100);
  if (const std::uint64_t rest = basis_points % 100; rest != 0) {
    text += '.';
    text += static_cast<char>('0' + rest / 10);
    if (rest % 10 != 0) text += static_cast<char>('0' + rest % 10);
  }
  return text + "%";
}

std::string AccountName(const config::ScopePattern& scope, std::string_view value) {
  std::string name(config::Name(scope.kind));
  if (!value.empty()) name.append("/").append(value);
  return name;
}

}  // namespace budget
