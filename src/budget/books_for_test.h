#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "budget/books.h"
#include "budget/policy.h"
#include "budget/spend_demands.h"
#include "config/reader.h"
#include "store/disk.h"
#include "store/journal.h"

namespace budget {

// A policy of the budgets that are written so.
inline std::shared_ptr<const config::Settings> SettingsOf(const std::string& budgets) {
  const std::string text =
      "providers:\n"
      "  deepseek: { dialect: deepseek, key: k }\n"
      "  chinese: { dialect: deepseek, key: k, currency: CNY, prices: deepseek }\n"
      "exchange: { CNY: 0.14 USD }\n" +
      budgets;
  return config::ReadText(text, "f", [](std::string_view) { return std::nullopt; }).value();
}
inline std::shared_ptr<const Policy> PolicyOf(const std::string& budgets, const ScopeHash& hash) {
  return Policy::Compile(*SettingsOf(budgets), hash);
}

// What one call may cost, with who made it. Spends and rows made of it view it.
struct PlayedCall {
  std::string id;
  base::WallTime started;  // when it was reserved and sent
  std::string team = "support";
  std::string project;
  std::string key_id;
  std::string user = "ann";
  std::string session;
  std::string env;  // a tag; empty: none
  std::string model = "deepseek/flash";
  base::Money worst{.pico = 0, .currency = base::Currency::kUsd};
  std::string tag{};  // made by AsSpend
  std::string_view tag_view{};

  std::string_view provider() const { return std::string_view(model).substr(0, model.find('/')); }
  Spend AsSpend(base::Int128 pico) {
    if (tag.empty()) tag = "env=" + env;
    tag_view = tag;
    return {.request_id = id,
            .started = started,
            .spender = {.org = "acme",
                        .team = team,
                        .project = project,
                        .key_id = key_id,
                        .user = user,
                        .session = session,
                        .tags = {&tag_view, env.empty() ? 0U : 1U},
                        .provider = provider(),
                        .model = model,
                        .asked_model = model},
            .amount = {.pico = pico, .currency = worst.currency}};
  }
};

// The books of a data directory in one process after another, with a gateway's steps around them.
class PlayedBooks {
 public:
  struct UnderWay {
    PlayedCall call;
    std::vector<Demand> demands;  // views of `call`, which is why it does not move
    Lease lease;
    Promise promise;
  };

  PlayedBooks(std::filesystem::path directory, const base::Clock& clock, store::Disk& disk,
              std::string budgets)
      : directory_(std::move(directory)), clock_(clock), disk_(disk), budgets_(std::move(budgets)) {}

  // Ends the process if there is one, by a crash or in order, and begins the next.
  base::Result<> Start(BooksOptions options = {}) {
    hash_ = std::make_unique<ScopeHash>();
    policy_ = PolicyOf(budgets_, *hash_);
    auto journal =
        store::Journal::Open(directory_, clock_, disk_,
                             {.segment_bytes = base::MiB, .wait = [](std::stop_token) { return false; }});
    if (!journal) return base::Fail(journal.error());
    journal_ = std::move(*journal);
    if (!options.wait) options.wait = [](std::stop_token) { return false; };
    options.lease_segment_bytes = 64 * 1024;
    auto books = Books::Open(*journal_, clock_, disk_, policy_, *hash_, std::move(options));
    if (!books) return base::Fail(books.error());
    books_ = std::move(*books);
    return {};
  }
  void Stop() {
    books_.reset();
    journal_.reset();
  }
  // As a SIGKILL leaves it, the last checkpoint being an older one: what the next process finds is what stood
  // there before the end wrote one.
  void Crash() {
    const std::filesystem::path leases = directory_ / "leases";
    const std::filesystem::path kept = directory_ / "kept";
    std::filesystem::remove_all(kept);
    std::filesystem::copy(leases, kept);
    std::filesystem::copy(directory_ / "budgets.state", kept / "budgets.state");
    under_way_.With([&](std::vector<std::weak_ptr<UnderWay>>& all) {
      for (const std::weak_ptr<UnderWay>& weak : all) {
        const auto one = weak.lock();
        if (one == nullptr) continue;
        one->lease = Lease();
        one->promise.Release();
      }
      all.clear();
    });
    Stop();
    std::filesystem::remove(directory_ / "budgets.state");
    std::filesystem::rename(kept / "budgets.state", directory_ / "budgets.state");
    std::filesystem::remove_all(leases);
    std::filesystem::rename(kept, leases);
    std::filesystem::permissions(leases, std::filesystem::perms::owner_all);
  }

  Books& books() { return *books_; }
  const Policy& policy() const { return *policy_; }
  store::Journal& journal() { return *journal_; }
  const ScopeHash& hash() const { return *hash_; }
  void SetBudgets(std::string budgets) { budgets_ = std::move(budgets); }
  base::Result<> Reload() {
    // What points into the old policy is still under way.
    policies_.push_back(policy_);
    policy_ = PolicyOf(budgets_, *hash_);
    return books_->Adopt(policy_);
  }

  std::shared_ptr<UnderWay> Prepare(PlayedCall call) {
    auto one = std::make_shared<UnderWay>();
    one->call = std::move(call);
    one->demands = DemandsOf(*policy_, one->call.AsSpend(one->call.worst.pico));
    return one;
  }
  // Reserves and promises; null: denied.
  std::shared_ptr<UnderWay> Begin(PlayedCall call) {
    auto one = Prepare(std::move(call));
    auto lease = books_->accounts().Reserve(one->demands, one->call.started);
    if (!lease) return nullptr;
    one->lease = std::move(*lease);
    one->promise = Promised(one->call);
    Track(one);
    return one;
  }
  Promise Promised(PlayedCall& call) {
    PromiseGroup alone;
    Promise promise;
    alone.Add(call.AsSpend(call.worst.pico), promise);
    CHECK(books_->Write(alone));
    return promise;
  }
  // Has it end with the process that crashes.
  void Track(const std::shared_ptr<UnderWay>& one) {
    under_way_.With([&](std::vector<std::weak_ptr<UnderWay>>& all) { all.push_back(one); });
  }

  // Writes the row of a request and settles its calls, of which all but the last have failed.
  using Ended = std::pair<UnderWay*, base::Int128>;  // with its cost
  void End(std::span<const Ended> calls) {
    std::vector<PlayedBooks::Cost> costs;
    for (const Ended& one : calls) costs.push_back({&one.first->call, one.second});
    const Books::Settling settling(*books_);
    Append(costs);
    for (const Ended& one : calls) {
      one.first->lease.Settle(Costs(*one.first, one.second), clock_.WallNow());
      one.first->promise.Close();
    }
  }
  void End(UnderWay& one, base::Int128 cost) {
    const Ended ended{&one, cost};
    End({&ended, 1});
  }

  struct Cost {
    const PlayedCall* call;
    base::Int128 pico;
    bool unknown = false;  // then that is what was held for it
  };
  void Append(std::span<const Cost> calls) {
    const PlayedCall& last = *calls.back().call;
    std::vector<store::LedgerAttempt> attempts(calls.size());
    for (std::size_t i = 0; i < calls.size(); ++i) {
      attempts[i].model = calls[i].call->model;
      if (i + 1 == calls.size()) continue;
      attempts[i].price = PriceOf(calls[i]);
      attempts[i].usage.emplace();
      attempts[i].call = store::LedgerCall{
          .said_as = {}, .dispatched = calls[i].call->started, .completed = {}, .service_tier = {}};
    }
    const std::pair<std::string_view, std::string_view> tag("env", last.env);
    store::LedgerRow row;
    row.request_id = last.id;
    row.started = calls.front().call->started;
    row.dispatched = last.started;
    row.completed = clock_.WallNow();
    row.org = "acme";
    row.team = last.team;
    row.project = last.project;
    row.key_id = last.key_id;
    row.user = last.user;
    row.session = last.session;
    row.tags = {&tag, last.env.empty() ? 0U : 1U};
    row.provider = last.provider();
    row.model = std::string_view(last.model).substr(row.provider.size() + 1);
    row.asked_model = last.model;
    row.attempts = attempts;
    row.status = 200;
    row.price = PriceOf(calls.back());
    if (!journal_->Append(row)) std::abort();
  }

  AccountView Look(std::size_t budget, std::string_view value) {
    const Terms& terms = policy_->budgets()[budget].terms;
    const Demand demand{
        .key = {.rule = terms.id, .value = (*hash_)(value)}, .terms = &terms, .value = value, .amount = 0};
    AccountView view;
    books_->accounts().Look({&demand, 1}, clock_.WallNow(), {&view, 1});
    return view;
  }

 private:
  static store::LedgerPrice PriceOf(const Cost& cost) {
    if (cost.unknown) {
      return {.version = store::kUnknownPrice,
              .phase = {},
              .currency = {},
              .cost = {},
              .held = {cost.pico, cost.call->worst.currency}};
    }
    return {.version = "v", .phase = {}, .currency = cost.call->worst.currency, .cost = cost.pico};
  }
  // In the currencies of its budgets, which may be of an older policy.
  std::vector<base::Int128> Costs(const UnderWay& one, base::Int128 pico) const {
    std::vector<base::Int128> costs;
    for (const Demand& demand : one.demands) {
      const BudgetRule* rule = policy_->FindBudget(demand.key.rule);
      for (auto old = policies_.rbegin(); rule == nullptr && old != policies_.rend(); ++old) {
        rule = (*old)->FindBudget(demand.key.rule);
      }
      costs.push_back(policy_->In(*rule, {.pico = pico, .currency = one.call.worst.currency}).value());
    }
    return costs;
  }

  const std::filesystem::path directory_;
  const base::Clock& clock_;
  store::Disk& disk_;
  std::string budgets_;
  std::unique_ptr<ScopeHash> hash_;
  std::shared_ptr<const Policy> policy_;
  std::vector<std::shared_ptr<const Policy>> policies_;
  base::Guarded<std::vector<std::weak_ptr<UnderWay>>> under_way_;
  std::unique_ptr<store::Journal> journal_;
  std::unique_ptr<Books> books_;
};

}  // namespace budget
