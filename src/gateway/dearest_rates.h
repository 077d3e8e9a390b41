#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "pricing/book.h"

namespace gateway {

// Looks up what a model's tokens may cost at most while a call lasts, and remembers it for a minute, in which
// it hardly ever changes: a worst case is needed before every call that a budget is for. Belongs to one loop.
class DearestRates {
 public:
  struct Asked {
    std::string_view provider;
    std::string_view model;
    chat::Dialect dialect = chat::Dialect::kOpenai;
    std::string_view
        service_tier{};  // as the request says; the provider may do with the ordinary one instead
    base::WallTime from;
    base::WallTime until;    // when the call is over at the latest
    std::int64_t input = 0;  // tokens at most
  };

  // None: some of it is not known. The pointer is valid until the next call.
  const pricing::Rates* Find(const std::shared_ptr<const pricing::Book>& book, const Asked& asked);

 private:
  static constexpr std::size_t kModelsMax = 1'000;
  // Requests below that many tokens share an answer; what is priced by size begins far beyond.
  static constexpr std::int64_t kUsualInput = 65'536;
  static constexpr auto kKept = std::chrono::minutes(1);

  struct Found {
    std::string service_tier;
    base::WallTime from{};
    base::WallTime until{};
    std::int64_t input = 0;
    std::optional<pricing::Rates> rates{};
  };
  static bool Answers(const Found& found, const Asked& asked);
  static std::optional<pricing::Rates> Look(const pricing::Book& book, const pricing::ModelPrices* prices,
                                            const Found& wanted, base::Currency currency);

  std::shared_ptr<const pricing::Book> book_;  // of what is remembered
  std::unordered_map<const pricing::ModelPrices*, Found> found_;
};

}  // namespace gateway
