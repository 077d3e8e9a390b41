#include "routing/plan.h"

#include <algorithm>
#include <span>
#include <utility>

namespace routing {
namespace {

using config::ModelRef;
using config::Settings;

chat::Rung RungOf(const Settings& settings, const ModelRef& target, bool last) {
  const auto provider = settings.providers.find(target.provider);
  if (provider != settings.providers.end() && provider->second.local) return chat::Rung::kLocal;
  return last ? chat::Rung::kStrong : chat::Rung::kCheap;
}

Plan PlanAlias(const Settings& settings, const config::AliasSettings& alias) {
  Plan plan;
  plan.candidates.reserve(alias.ladder.size() + alias.fallback.size());
  const std::vector<ModelRef>& ladder = alias.ladder;
  const auto chosen =
      static_cast<std::size_t>(std::find(ladder.begin(), ladder.end(), alias.preferred) - ladder.begin());
  const auto add = [&](std::size_t i, const char* reason) {
    const chat::Rung rung = RungOf(settings, ladder[i], i + 1 == ladder.size());
    plan.candidates.push_back({ladder[i], rung, reason, {}, {}});
  };
  add(chosen, "the default rung of the ladder");
  for (std::size_t i = chosen + 1; i < ladder.size(); ++i) add(i, "a stronger rung, if those before it fail");
  for (std::size_t i = chosen; i > 0; --i) add(i - 1, "a weaker rung, if the stronger ones fail");
  for (const ModelRef& target : alias.fallback) {
    plan.candidates.push_back(
        {target, RungOf(settings, target, true), "a fallback, if the ladder cannot answer", {}, {}});
  }
  return plan;
}

std::optional<Plan> PlanDirect(const Settings& settings, std::string_view asked, const Listed& listed) {
  auto target = Resolve(settings, asked, listed);
  if (!target) return std::nullopt;
  const bool named = asked.size() != target->model.size();
  const char* reason =
      named ? "asked for by provider and model" : "the provider that has a model of this name";
  const chat::Rung rung = RungOf(settings, *target, true);
  return Plan{{{std::move(*target), rung, reason, {}, {}}}, {}};
}

// Puts the candidates that cannot answer a request of this kind last. The order of the others stays.
std::span<Candidate> RejectForeign(Plan& plan, const Settings& settings, chat::Operation operation) {
  const chat::Dialect dialect = chat::DialectOf(operation);
  if (chat::IsTranslatable(operation)) return plan.candidates;
  for (Candidate& candidate : plan.candidates) {
    const config::ProviderSettings& provider = settings.providers.find(candidate.target.provider)->second;
    if (config::Speaks(provider, dialect)) continue;
    candidate.rejected = candidate.target.provider + " takes " + config::PrintEndpoints(provider) +
                         " requests only, and one of this kind exists only beside " +
                         std::string(config::EndpointWord(dialect));
  }
  const auto speaks = [](const Candidate& candidate) { return candidate.rejected.empty(); };
  const auto foreign = std::stable_partition(plan.candidates.begin(), plan.candidates.end(), speaks);
  return {plan.candidates.begin(), foreign};
}

void RejectUnhealthy(std::span<Candidate> candidates, const Health& health) {
  for (Candidate& candidate : candidates) candidate.rejected = health(candidate.target);
  const auto usable = [](const Candidate& candidate) { return candidate.rejected.empty(); };
  if (std::all_of(candidates.begin(), candidates.end(), usable)) return;
  if (std::none_of(candidates.begin(), candidates.end(), usable)) {
    for (Candidate& candidate : candidates) candidate.although = std::exchange(candidate.rejected, {});
  }
  std::stable_partition(candidates.begin(), candidates.end(), usable);
}

}  // namespace

std::optional<Plan> MakePlan(const Settings& settings, std::string_view asked, chat::Operation operation,
                             const Health& health, const Listed& listed) {
  std::optional<Plan> plan;
  if (const auto alias = settings.models.find(asked); alias != settings.models.end()) {
    plan = PlanAlias(settings, alias->second);
  } else {
    plan = PlanDirect(settings, asked, listed);
  }
  if (!plan) return std::nullopt;
  RejectUnhealthy(RejectForeign(*plan, settings, operation), health);
  plan->reason = plan->Answerable() ? plan->candidates.front().reason
                                    : std::string_view("no candidate takes requests of this kind");
  return plan;
}

}  // namespace routing
