#include "budget/steps.h"

#include <algorithm>
#include <tuple>

#include "budget/rule_id_internal.h"

namespace budget {
namespace {

void Allow(RungSet& set, config::AllowedRungs rungs) {
  using config::AllowedRungs;
  switch (rungs) {
    case AllowedRungs::kRules:
      return set.Add(chat::Rung::kRules);
    case AllowedRungs::kExact:
      return set.Add(chat::Rung::kExact);
    case AllowedRungs::kSemantic:
      return set.Add(chat::Rung::kSemantic);
    case AllowedRungs::kCache:
      set.Add(chat::Rung::kExact);
      return set.Add(chat::Rung::kSemantic);
    case AllowedRungs::kStudent:
      return set.Add(chat::Rung::kStudent);
    case AllowedRungs::kLocal:
      return set.Add(chat::Rung::kLocal);
    case AllowedRungs::kCheap:
      return set.Add(chat::Rung::kCheap);
    case AllowedRungs::kStrong:
      return set.Add(chat::Rung::kStrong);
  }
}

Step MakeStep(const config::StepSettings& settings, std::uint64_t budget_id) {
  Step step;
  step.forecast = settings.forecast.has_value();
  step.at = settings.forecast ? *settings.forecast : settings.at.value_or(config::Percent{});
  std::string object;  // what of the action tells it from another of its kind at the same share
  if (!settings.alert.empty()) {
    step.action = Step::Action::kAlert;
    step.alert = settings.alert;
    object = settings.alert.Print();
  } else if (!settings.ladder_max.model.empty()) {
    step.action = Step::Action::kLadderMax;
    step.ladder_max = settings.ladder_max;
  } else if (!settings.allow.empty()) {
    step.action = Step::Action::kAllow;
    step.allow = {};
    for (const config::AllowedRungs rungs : settings.allow) {
      Allow(step.allow, rungs);
      step.allowed += (step.allowed.empty() ? "" : ", ") + std::string(config::Name(rungs));
    }
  } else if (!settings.limits.empty()) {
    step.action = Step::Action::kLimits;
  }
  const std::string budget = std::to_string(budget_id);
  const std::string at = std::to_string(step.at.basis_points);
  step.id = RuleId({"step", budget, step.forecast ? "forecast" : "at", at, Name(step.action), object});
  if (step.action == Step::Action::kLimits) {
    step.limits = MakeLimitTerms(settings.limits, std::to_string(step.id));
  }
  return step;
}

}  // namespace

std::string_view Name(Step::Action action) {
  switch (action) {
    case Step::Action::kAlert:
      return "alert";
    case Step::Action::kLadderMax:
      return "ladder_max";
    case Step::Action::kAllow:
      return "allow";
    case Step::Action::kLimits:
      return "limits";
    case Step::Action::kBlock:
      return "block";
  }
  return {};
}

std::vector<Step> MakeSteps(const std::vector<config::StepSettings>& settings, std::uint64_t budget_id) {
  std::vector<Step> steps;
  for (const config::StepSettings& one : settings) steps.push_back(MakeStep(one, budget_id));
  std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) {
    return std::tuple(a.forecast, a.at) < std::tuple(b.forecast, b.at);
  });
  return steps;
}

}  // namespace budget
