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

#include "base/clock.h"
#include "base/guarded.h"
#include "budget/books.h"
#include "budget/policy.h"
#include "budget/restore_internal.h"
#include "config/reader.h"
#include "store/disk.h"
#include "store/journal.h"

namespace budget {

// A policy of the budgets that are written so.
inline std::shared_ptr<const Policy> PolicyOf(const std::string& budgets, const ScopeHash& hash) {
  const std::string text =
      "providers:\n"
      "  deepseek: { dialect: deepseek, key: k }\n"
      "  chinese: { dialect: deepseek, key: k, currency: CNY }\n"
      "exchange: { CNY: 0.14 USD }\n" +
      budgets;
  return Policy::Compile(**config::ReadText(text, "f", [](std::string_view) { return std::nullopt; }), hash);
}

// What one call may cost and has cost, with who made it.
struct PlayedCall {
  std::string id;
  base::WallTime started;
  std::string team = "support";
  std::string user = "ann";
  std::string model = "deepseek/flash";
  base::Money worst{.pico = 0, .currency = base::Currency::kUsd};

  Spend AsSpend(base::Int128 pico) const {
    return {.request_id = id,
            .started = started,
            .spender = {.org = "acme",
                        .team = team,
                        .project = {},
                        .key_id = {},
                        .user = user,
                        .session = {},
                        .tags = {},
                        .provider = std::string_view(model).substr(0, model.find('/')),
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
    one->promise = books_->Write(one->call.AsSpend(one->call.worst.pico)).value();
    under_way_.With([&](auto& all) { all.push_back(one); });
    return one;
  }
  // Writes the row and settles.
  void End(UnderWay& one, base::Int128 cost) {
    std::vector<base::Int128> costs;
    for (const Demand& demand : one.demands) {
      const BudgetRule* rule = policy_->FindBudget(demand.key.rule);
      for (auto old = policies_.rbegin(); rule == nullptr && old != policies_.rend(); ++old) {
        rule = (*old)->FindBudget(demand.key.rule);
      }
      costs.push_back(policy_->In(*rule, {.pico = cost, .currency = one.call.worst.currency}).value());
    }
    const Books::Settling settling(*books_);
    Append(one.call, cost);
    one.lease.Settle(costs, clock_.WallNow());
    one.promise.Close();
  }
  void Append(const PlayedCall& call, base::Int128 cost) {
    store::LedgerRow row;
    row.request_id = call.id;
    row.started = call.started;
    row.completed = clock_.WallNow();
    row.org = "acme";
    row.team = call.team;
    row.user = call.user;
    row.provider = std::string_view(call.model).substr(0, call.model.find('/'));
    row.model = std::string_view(call.model).substr(row.provider.size() + 1);
    row.asked_model = call.model;
    row.status = 200;
    row.price = {.version = "v", .phase = {}, .currency = call.worst.currency, .cost = cost};
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
