#include "budget/restrictions.h"

#include <algorithm>

#include "budget/share.h"

namespace budget {
namespace {

base::Int128 Used(const AccountView& view, bool reserved) {
  return view.settled + (reserved ? view.reserved : 0);
}

bool IsAbove(const std::vector<config::ModelRef>& ladder, const config::ModelRef& target,
             const config::ModelRef& most) {
  const auto rung = std::find(ladder.begin(), ladder.end(), target);
  const auto highest = std::find(ladder.begin(), ladder.end(), most);
  return highest != ladder.end() && rung > highest;  // what is no rung is behind them all
}

bool IsBeyond(const config::Settings& settings, std::string_view asked, const config::ModelRef& target,
              const config::ModelRef& most) {
  if (const auto alias = settings.models.find(asked); alias != settings.models.end()) {
    return IsAbove(alias->second.ladder, target, most);
  }
  return std::any_of(settings.models.begin(), settings.models.end(), [&](const auto& alias) {
    const std::vector<config::ModelRef>& ladder = alias.second.ladder;
    return std::find(ladder.begin(), ladder.end(), target) != ladder.end() && IsAbove(ladder, target, most);
  });
}

std::string From(const Step& step) {
  return ": from " + config::Print(step.at) + " on ";
}

}  // namespace

bool IsTaken(const Step& step, const Standing& standing, bool reserved) {
  if (step.forecast) return standing.forecast.value_or(0) >= step.at.basis_points;
  if (standing.view.limit <= 0) return true;
  return ShareOf(Used(standing.view, reserved), standing.view.limit) >= step.at.basis_points;
}

std::string Sentence(const Standing& standing, bool forecast, bool reserved) {
  const AccountView& view = standing.view;
  const std::string name = AccountName(standing.rule->scope, standing.value);
  const std::string limit = base::Print({view.limit, standing.rule->terms.limit.currency});
  if (forecast) {
    return "at the pace of the last days " + name + " will have used " +
           PrintShare(standing.forecast.value_or(0)) + " of " + limit + " when its window ends";
  }
  const std::uint64_t share = view.limit > 0 ? ShareOf(Used(view, reserved), view.limit) : 10'000;
  return name + (reserved && view.reserved > 0 ? " has used or reserved " : " has used ") +
         PrintShare(share) + " of " + limit;
}

void Restrictions::Add(const Standing& standing) {
  for (const Step& step : standing.rule->steps) {
    if (step.action == Step::Action::kAlert || !IsTaken(step, standing, true)) continue;
    taken_.push_back({&step, standing});
  }
}

const Standing* Restrictions::blocked_by() const {
  const auto blocking = std::find_if(taken_.begin(), taken_.end(), [](const Taken& taken) {
    return taken.step->action == Step::Action::kBlock;
  });
  return blocking == taken_.end() ? nullptr : &blocking->standing;
}

std::string Restrictions::WhyNot(const config::Settings& settings, std::string_view asked,
                                 const config::ModelRef& target, chat::Rung rung) const {
  for (const Taken& taken : taken_) {
    const Step& step = *taken.step;
    std::string then;
    if (step.action == Step::Action::kBlock) {
      then = "nothing answers";
    } else if (step.action == Step::Action::kAllow && !step.allow.Has(rung)) {
      then = "only " + step.allowed + " answer";
    } else if (step.action == Step::Action::kLadderMax &&
               IsBeyond(settings, asked, target, step.ladder_max)) {
      then = "no rung above " + step.ladder_max.Print() + " answers";
    } else {
      continue;
    }
    return Sentence(taken.standing, step.forecast, true) + From(step) + then;
  }
  return {};
}

bool Restrictions::AppendLimits(base::BlockVector<LimitDemand>& out) const {
  for (const Taken& taken : taken_) {
    for (const LimitTerms& terms : taken.step->limits) {
      if (out.size() >= Policy::kMatchesMax) return false;
      out.push_back(DemandOf(terms, taken.standing.value_hash, taken.standing.value));
    }
  }
  return true;
}

}  // namespace budget
