#include "gateway/spending.h"

#include <algorithm>
#include <utility>

#include "wire/request_extent.h"

namespace gateway {
namespace {

using base::Code;
using base::Fail;

// How long a call may last from now on: a place is waited for, then it takes its time, and is heard out.
std::chrono::nanoseconds LastsAtMost(const config::ProviderSettings& provider,
                                     std::optional<std::chrono::nanoseconds> time_left) {
  std::chrono::nanoseconds most = provider.queue_timeout + provider.timeout.total;
  if (time_left) most = std::min(most, *time_left);
  return provider.on_hang_up == config::OnHangUp::kDrain ? most + provider.drain_max : most;
}

}  // namespace

base::Result<WorstCase> Spending::Bound(const routing::Candidate& candidate,
                                        const config::ProviderSettings& provider, Wording& wording,
                                        base::WallTime now,
                                        std::optional<std::chrono::nanoseconds> time_left) {
  const wire::RequestView& said = wording.said();
  const wire::RequestExtent extent = wire::ReadExtent(said);
  const auto context_max = static_cast<std::int64_t>(parts_.settings.context_max);
  const CallBounds bounds{
      .input = InputBound(said, extent, context_max),
      .output = said.OutputLimit().value_or(static_cast<std::int64_t>(parts_.settings.max_output)),
      .context_max = context_max};
  const std::chrono::nanoseconds lasts = LastsAtMost(provider, time_left);
  const pricing::Rates* rates = parts_.rates.Find(
      parts_.prices, {.provider = candidate.target.provider,
                      .model = candidate.target.model,
                      .dialect = chat::DialectOf(wording.operation()),
                      .service_tier = extent.service_tier,
                      .from = now,
                      .until = now + std::chrono::duration_cast<base::WallTime::duration>(lasts),
                      .input = extent.own_tool_uses == 0 ? bounds.input : INT64_MAX});
  if (rates == nullptr) return Fail(Code::kDenied, "its price is not known, and so not what it may cost");
  floor_ = std::max(std::min(kOutputFloor, bounds.output), extent.thinking_budget + 1);
  return BoundCall(said, extent, *rates, parts_.prices->CurrencyOf(candidate.target.provider), bounds);
}

base::Result<> Spending::Fit(WorstCase& worst) const {
  if (worst.currency != max_cost_.currency) {
    return Fail(Code::kDenied, "it is paid in " + std::string(worst.currency.code()) +
                                   ", which x-sluice-max-cost does not speak of");
  }
  const base::Int128 left = max_cost_.pico - granted_;
  if (worst.Pico() <= left) return {};
  const auto fits = worst.answers > 0 ? worst.OutputWithin(left) : std::nullopt;
  if (fits && *fits >= floor_) {
    worst.output = *fits;
    return {};
  }
  const base::Int128 least = worst.answers > 0 ? worst.Pico(std::min(floor_, worst.output)) : worst.Pico();
  return Fail(Code::kDenied, "it may cost " + base::Print({least, worst.currency}) +
                                 (granted_ == 0 ? "" : " after what was tried before") +
                                 ", which is more than x-sluice-max-cost allows");
}

base::Result<> Spending::Grant(const routing::Candidate& candidate, const config::ProviderSettings& provider,
                               Wording& wording, base::WallTime now,
                               std::optional<std::chrono::nanoseconds> time_left) {
  GiveBack();
  auto worst = Bound(candidate, provider, wording, now, time_left);
  if (!worst) return Fail(std::move(worst).error());
  const std::int64_t asked = worst->output;
  if (auto fits = Fit(*worst); !fits) return fits;
  if (worst->answers > 0) wording.LimitOutput(worst->output);
  lowered_to_ = worst->output < asked ? std::optional(worst->output) : std::nullopt;
  granted_last_ = worst->Pico();
  granted_ += granted_last_;
  return {};
}

void Spending::GiveBack() {
  granted_ -= std::exchange(granted_last_, 0);
}

}  // namespace gateway
