#include "translate/messages_thinking_internal.h"

#include <algorithm>
#include <optional>

#include "translate/carried.h"
#include "translate/effort.h"

namespace translate::internal {
namespace {

constexpr auto kMessages = chat::Operation::kMessages;
constexpr std::int64_t kBudgetMin = 1024;
constexpr std::int64_t kBudgetUnsaid = 8192;  // of a caller who only wants it to think

// The word that the model knows for an effort.
std::string_view EffortFor(JsonText effort, const MessagesModel& model) {
  if (effort.Is("minimal")) return "low";
  if (effort.Is("xhigh") && !model.xhigh) return "high";
  if (effort.Is("max") && model.claude && !model.adaptive) return "high";
  return effort.inside;
}

// An older model must begin a turn with its thought to think within it: not if the turn has begun with calls
// of tools, and what was thought before them is missing or another's.
bool MayThinkWithin(const Request& request, const Target& target) {
  auto turn = request.turns.rbegin();
  if (turn == request.turns.rend() || turn->role != Role::kTool) return true;
  while (turn != request.turns.rend() && turn->role != Role::kAssistant) ++turn;
  if (turn == request.turns.rend() || turn->parts.empty()) return true;
  const Part& first = turn->parts.front();
  return first.kind == Part::Kind::kReasoning &&
         IsOwnThought(first, kMessages, MakerOf(kMessages, target.flavour, target.provider));
}

class Planner {
 public:
  Planner(const Request& request, const Target& target, const MessagesModel& model, std::int64_t max_tokens,
          Losses& losses)
      : request_(request),
        thinking_(request.thinking),
        target_(target),
        model_(model),
        max_tokens_(max_tokens),
        losses_(losses) {}

  ThinkingPlan Plan() {
    using Mode = Thinking::Mode;
    const bool no_effort = thinking_.effort.Is("none");
    if (thinking_.mode == Mode::kOff || no_effort) Off();
    if (no_effort) return plan_;
    if (!thinking_.effort.empty()) {
      effort_budget_ = BudgetOf(thinking_.effort);
      if (!effort_budget_) losses_.Cannot(thinking_.effort.inside, "there is no such effort");
    }
    if (effort_budget_ && model_.effort) plan_.effort = EffortFor(thinking_.effort, model_);
    if (thinking_.mode == Mode::kOff) return Unused();
    const bool asked = thinking_.mode == Mode::kOn || thinking_.mode == Mode::kAdaptive;
    // In Messages effort is a matter of the whole answer; elsewhere it is one of thinking.
    const bool meant = effort_budget_ && request_.operation != chat::Operation::kMessages;
    if (asked || meant) {
      On();
    } else if (!thinking_.summary.empty()) {
      Summary();
    }
    return Unused();
  }

 private:
  // An effort that neither the model has a word for nor a budget was made of; and how much is told of what is
  // thought, which the provider decides there.
  ThinkingPlan Unused() {
    if (thinking_.summary.Is("detailed") || thinking_.summary.Is("concise")) {
      losses_.Ignored(thinking_.summary.inside);
    }
    const bool budgeted = plan_.budget_tokens > 0 && !thinking_.budget_tokens;
    if (effort_budget_ && plan_.effort.empty() && !budgeted && !named_)
      losses_.Ignored(thinking_.effort.inside);
    return plan_;
  }

  std::string_view Said() const {
    return thinking_.mode_raw.empty() ? thinking_.effort.inside : thinking_.mode_raw;
  }

  void Off() {
    using Ask = ThinkingPlan::Ask;
    switch (model_.off) {
      case MessagesModel::Off::kByDisabled:
        plan_.ask = Ask::kDisabled;
        break;
      case MessagesModel::Off::kBetween:
        plan_.ask = Ask::kBetweenTools;
        break;
      case MessagesModel::Off::kByLeaving:
        break;
      case MessagesModel::Off::kNever:
        losses_.Cannot(Said(), "this model always thinks");
        break;
    }
  }

  void On() {
    if (target_.flavour == chat::Flavour::kDeepseek) {
      plan_.ask = ThinkingPlan::Ask::kEnabled;
      if (thinking_.budget_tokens) losses_.Ignored(thinking_.budget_raw);
      return;
    }
    const bool own_budget = thinking_.budget_tokens && model_.budget;
    if (model_.adaptive && !own_budget) {
      plan_.ask = ThinkingPlan::Ask::kAdaptive;
      if (thinking_.budget_tokens && plan_.effort.empty()) {
        plan_.effort = EffortOf(*thinking_.budget_tokens);
      } else if (thinking_.budget_tokens) {
        losses_.Ignored(thinking_.budget_raw);
      }
      Summary();
      return;
    }
    Budget();
  }

  void Budget() {
    if (max_tokens_ <= kBudgetMin) {
      losses_.Cannot(Said(),
                     "this model thinks in at least 1024 tokens, and max_tokens leaves no room for them");
      return;
    }
    if (!MayThinkWithin(request_, target_)) {
      named_ = true;
      losses_.Ignored(Said());
      return;
    }
    plan_.ask = ThinkingPlan::Ask::kEnabled;
    if (thinking_.budget_tokens) {
      plan_.budget_tokens = std::clamp(*thinking_.budget_tokens, kBudgetMin, max_tokens_ - 1);
    } else {
      const std::int64_t wanted = effort_budget_.value_or(kBudgetUnsaid);
      plan_.budget_tokens = std::max(kBudgetMin, std::min(wanted, max_tokens_ - max_tokens_ / 4));
    }
    if (request_.operation == chat::Operation::kMessages) plan_.display = thinking_.summary.inside;
  }

  // Newer models show nothing of their thoughts unless they are asked to.
  void Summary() {
    if (thinking_.summary.empty()) return;
    if (!model_.adaptive || (plan_.ask == ThinkingPlan::Ask::kNothing && !model_.thinks_unasked)) {
      losses_.Ignored(thinking_.summary.inside);
      return;
    }
    plan_.ask = ThinkingPlan::Ask::kAdaptive;
    plan_.display = thinking_.summary.Is("omitted") ? "omitted" : "summarized";
  }

  const Request& request_;
  const Thinking& thinking_;
  const Target& target_;
  const MessagesModel& model_;
  const std::int64_t max_tokens_;
  Losses& losses_;
  std::optional<std::int64_t> effort_budget_;  // of the effort that was said
  bool named_ = false;                         // what was said of thinking has been named as a loss
  ThinkingPlan plan_;
};

}  // namespace

ThinkingPlan PlanThinking(const Request& request, const Target& target, const MessagesModel& model,
                          std::int64_t max_tokens, Losses& losses) {
  return Planner(request, target, model, max_tokens, losses).Plan();
}

}  // namespace translate::internal
