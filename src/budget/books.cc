#include "budget/books.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "budget/checkpoint.h"
#include "budget/restore_internal.h"
#include "budget/row_spends.h"
#include "budget/spend_demands.h"
#include "store/wait_for.h"

namespace budget {

using base::Code;
using base::MutexLock;
using base::WallTime;

namespace {

constexpr std::chrono::minutes kSweepEvery{1};
constexpr std::size_t kCarryMost = 256;   // leases a checkpoint
constexpr std::size_t kCarryAtOnce = 16;  // of them while nobody settles
// A checkpoint takes at most this share of the time.
constexpr int kCheckpointShare = 20;
// No window is longer; whoever has not said by then what a call cost will not.
constexpr std::chrono::hours kUnsettledFor{24 * 93};

std::set<std::uint64_t> IdsOf(const Policy& policy) {
  std::set<std::uint64_t> ids;
  for (const BudgetRule& rule : policy.budgets()) ids.insert(rule.terms.id);
  return ids;
}

}  // namespace

Promise::Promise(Promise&& other) noexcept
    : books_(std::exchange(other.books_, nullptr)), ticket_(other.ticket_) {}

Promise& Promise::operator=(Promise&& other) noexcept {
  if (this == &other) return *this;
  Release();
  books_ = std::exchange(other.books_, nullptr);
  ticket_ = other.ticket_;
  return *this;
}

void Promise::Close() {
  CHECK(holds());
  std::exchange(books_, nullptr)->log_->Close(ticket_);
}

void Promise::Release() {
  if (!holds()) return;
  Books& books = *std::exchange(books_, nullptr);
  if (auto released = books.log_->Release(ticket_); !released) {
    books.TellNote("lease_not_released", released.error().detail);
  }
}

// Keeps everybody from settling.
class Books::AllStripes {
 public:
  explicit AllStripes(Books& books) NO_THREAD_SAFETY_ANALYSIS : books_(books) {
    for (Stripe& stripe : books_.stripes_) stripe.mutex.Lock();
  }
  ~AllStripes() NO_THREAD_SAFETY_ANALYSIS {
    for (Stripe& stripe : books_.stripes_) stripe.mutex.Unlock();
  }
  AllStripes(const AllStripes&) = delete;
  AllStripes& operator=(const AllStripes&) = delete;

 private:
  Books& books_;
};

base::Mutex& Books::StripeOfThread() {
  const std::size_t hash = std::hash<std::thread::id>()(std::this_thread::get_id());
  return stripes_[hash % kStripes].mutex;
}

Books::Settling::Settling(Books& books) : stripe_(books.StripeOfThread()) {
  stripe_.Lock();
}
Books::Settling::~Settling() {
  stripe_.Unlock();
}

Books::Books(store::Journal& journal, const base::Clock& clock, store::Disk& disk,
             std::shared_ptr<const Policy> policy, const ScopeHash& hash, BooksOptions options)
    : journal_(journal),
      clock_(clock),
      disk_(disk),
      hash_(hash),
      options_(std::move(options)),
      checkpoint_path_(journal.data_directory() / "budgets.state"),
      accounts_(clock, options_.accounts),
      policy_(std::move(policy)) {}

Books::~Books() {
  if (!thread_.joinable()) return;  // what was left behind may not have been written down again
  thread_ = std::jthread();         // asked to stop, and waited for
  if (auto written = WriteCheckpoint(); !written) TellNote("budgets_not_saved", written.error().detail);
}

base::Result<std::unique_ptr<Books>> Books::Open(store::Journal& journal, const base::Clock& clock,
                                                 store::Disk& disk, std::shared_ptr<const Policy> policy,
                                                 const ScopeHash& hash, BooksOptions options) {
  std::unique_ptr<Books> books(new Books(journal, clock, disk, std::move(policy), hash, std::move(options)));
  if (auto begun = books->Begin(); !begun) return base::Fail(begun.error());
  return books;
}

base::Result<> Books::Begin() {
  auto log = store::LeaseLog::Open(journal_, clock_, disk_,
                                   {.segment_bytes = options_.lease_segment_bytes, .note = options_.note});
  if (!log) return base::Fail(log.error());
  const std::shared_ptr<const Policy> in_force = policy();
  Restore restore(accounts_, *in_force, hash_, journal_.data_directory(), clock_.WallNow());
  const auto checkpoint = ReadCheckpoint(checkpoint_path_);
  if (!checkpoint && checkpoint.error().code != Code::kInvalid) return base::Fail(checkpoint.error());
  if (!checkpoint) {
    TellNote("budgets_state_unread", checkpoint.error().detail + "; the ledger is read instead");
  } else if (*checkpoint) {
    restore.Take(**checkpoint);
  }
  std::vector<store::LeftLease> left = (*log)->TakeLeft();
  const store::JournalPosition from = left.empty() ? journal_.End() : (*log)->LeftFrom();
  const auto damaged = [this](const store::JournalDamage& damage) {
    TellNote("ledger_damaged", "budgets lack rows that cannot be read: " + store::Print(damage));
  };
  if (auto read = restore.Read(from, left, damaged); !read) return read;
  if (restore.refused() > 0) {
    TellNote("budgets_too_many",
             std::to_string(restore.refused()) + " spends of the ledger found no place among the accounts");
  }
  log_ = std::move(*log);
  if (auto kept = KeepLeft(std::move(left)); !kept) return kept;
  if (auto written = WriteCheckpoint(); !written) return written;
  thread_ = std::jthread([this, begun = clock_.Now()](const std::stop_token& stop) { Run(stop, begun); });
  return {};
}

// Counts what was left without a row as spent, and writes it down where the next start finds it.
base::Result<> Books::KeepLeft(std::vector<store::LeftLease> left) {
  const WallTime now = clock_.WallNow();
  const std::shared_ptr<const Policy> in_force = policy();
  std::size_t fresh = 0;
  for (store::LeftLease& lease : left) {
    const Spend spend = SpendOf(lease.record());
    if (spend.started < now - kUnsettledFor) continue;
    if (!lease.unsettled()) ++fresh;
    const auto ticket = log_->AppendUnsettled(lease);
    if (!ticket) return base::Fail(ticket.error());
    (void)accounts_.ApplyUnsettled(DemandsOf(*in_force, spend), spend.started, now);
    std::string id(spend.request_id);
    left_.With([&](LeftByRequest& all) {
      all.emplace(std::move(id), LeftBehind{.lease = std::move(lease), .ticket = *ticket});
    });
  }
  if (fresh > 0) {
    TellNote(
        "budgets_unsettled",
        std::to_string(fresh) +
            " calls were under way when the last gateway ended and have no row: they "
            "count as spent until their window ends, or until `sluice budgets settle` says what they cost");
  }
  return {};
}

void Books::TellNote(std::string_view event, std::string_view sentence) const {
  if (options_.note) options_.note(event, sentence);
}

void Books::Tell(std::string_view event, const base::Result<>& done, bool& failing) const {
  if (!done && !failing) TellNote(event, done.error().detail);
  failing = !done;
}

void Books::Run(const std::stop_token& stop, base::MonoTime begun) {
  const auto wait = options_.wait ? options_.wait : store::WaitFor(options_.sync_interval);
  base::MonoTime next_checkpoint = begun + options_.checkpoint_every;
  base::MonoTime next_sweep = begun + kSweepEvery;
  while (wait(stop)) {
    Tell("leases_sync_failed", log_->Sync(), sync_failing_);
    const base::MonoTime now = clock_.Now();
    if (now >= next_sweep) {
      accounts_.Sweep(clock_.WallNow());
      next_sweep = now + kSweepEvery;
    }
    if (now < next_checkpoint || !HasNews()) continue;
    Tell("budgets_not_saved", WriteCheckpoint(), checkpoint_failing_);
    const auto took = clock_.Now() - now;
    next_checkpoint =
        now + std::max<std::chrono::nanoseconds>(options_.checkpoint_every, took * kCheckpointShare);
  }
}

// Where no budget holds, rows change nothing that a checkpoint says.
bool Books::HasNews() const {
  if (has_changed_.load(std::memory_order_relaxed)) return true;
  const bool has_budgets = policy_.With([](const auto& policy) { return policy->HasBudgets(); });
  const store::LeaseLog::Counts leases = log_->counts();
  return last_.With([&](const Checkpointed& last) {
    return leases != last.leases || (has_budgets && journal_.End() != last.position);
  });
}

base::Result<> Books::WriteCheckpoint() {
  MutexLock lock(checkpoint_mutex_);
  has_changed_.store(false, std::memory_order_relaxed);  // what changes from here on is in the next one
  auto written = WriteCheckpointLocked();
  if (!written) has_changed_.store(true, std::memory_order_relaxed);
  return written;
}

base::Result<> Books::WriteCheckpointLocked() {
  CheckpointHeader header{.position = {}, .made = clock_.WallNow(), .rules = {}};
  policy_.With([&](const std::shared_ptr<const Policy>& policy) {
    for (const BudgetRule& rule : policy->budgets()) header.rules.push_back(rule.terms.id);
  });
  std::uint64_t needed = 0;
  for (std::size_t carried = 0; carried < kCarryMost; carried += kCarryAtOnce) {
    const AllStripes nobody_settles(*this);
    log_->Carry(kCarryAtOnce);
  }
  {
    const AllStripes nobody_settles(*this);
    needed = log_->FirstNeeded();
    header.position = journal_.End();
    accounts_.StartCut();
  }
  auto writer = CheckpointWriter::Begin(checkpoint_path_, header, disk_);
  accounts_.SaveCut([&](std::span<const SavedAccount> part) {
    if (writer) writer->Add(part);
  });
  if (!writer) return base::Fail(writer.error());
  if (auto written = writer->Commit(); !written) return written;
  log_->Drop(needed);
  last_.With([&](Checkpointed& last) { last = {.position = header.position, .leases = log_->counts()}; });
  return {};
}

void PromiseGroup::Add(const Spend& worst, Promise& promise) {
  CHECK(!promise.holds());
  leases_.Add(LeaseOf(worst));
  promises_.push_back(&promise);
}

base::Result<> Books::Write(PromiseGroup& group) {
  if (group.empty()) return {};
  const auto first = log_->Append(group.leases_);
  if (first) {
    store::LeaseTicket ticket = *first;
    for (Promise* const promise : group.promises_) {
      promise->books_ = this;
      promise->ticket_ = ticket;
      ++ticket.ordinal;
    }
  }
  group.leases_.Clear();
  group.promises_.clear();
  if (first) return {};
  return base::Fail(first.error());
}

base::Result<> Books::Adopt(std::shared_ptr<const Policy> policy) {
  const std::shared_ptr<const Policy> before = this->policy();
  const std::set<std::uint64_t> known = IdsOf(*before);
  std::set<std::uint64_t> fresh = IdsOf(*policy);
  std::erase_if(fresh, [&](std::uint64_t id) { return known.contains(id); });
  if (!fresh.empty()) {
    // One that was in force before may have accounts, and has missed what was spent since.
    for (const std::uint64_t id : fresh) accounts_.ForgetSettled(id);
    Restore restore(accounts_, *policy, hash_, journal_.data_directory(), clock_.WallNow());
    restore.Skip(known);
    std::vector<store::LeftLease> none;
    if (auto read = restore.Read(journal_.End(), none, {}); !read) return read;
    ApplyLeft(*policy, fresh);
  }
  policy_.With([&](std::shared_ptr<const Policy>& now) { now = std::move(policy); });
  has_changed_.store(true, std::memory_order_relaxed);
  return {};
}

// Counts what is without an end in budgets that are new.
void Books::ApplyLeft(const Policy& policy, const std::set<std::uint64_t>& fresh) {
  left_.With([&](const LeftByRequest& all) {
    for (const auto& [id, left] : all) {
      const Spend spend = SpendOf(left.lease.record());
      std::vector<Demand> demands = DemandsOf(policy, spend);
      std::erase_if(demands, [&](const Demand& demand) { return !fresh.contains(demand.key.rule); });
      (void)accounts_.ApplyUnsettled(demands, spend.started, clock_.WallNow());
    }
  });
}

base::Result<> Books::SetRaises(std::span<const AccountRaise> raises) {
  if (!accounts_.SetRaises(raises, clock_.WallNow())) {
    return base::Fail(Code::kUnavailable, "there are as many accounts of budgets as there may be");
  }
  has_changed_.store(true, std::memory_order_relaxed);
  return {};
}

std::vector<Books::Unsettled> Books::ListUnsettled() const {
  return left_.With([](const LeftByRequest& all) {
    std::vector<Unsettled> listed;
    for (const auto& [id, left] : all) {
      const store::LeaseRecord lease = left.lease.record();
      listed.push_back({.request_id = id,
                        .started = lease.started,
                        .team = std::string(lease.team),
                        .key_id = std::string(lease.key_id),
                        .model = std::string(lease.model),
                        .worst = lease.amount});
    }
    return listed;
  });
}

// The row of a call whose cost an operator has said.
base::Result<> Books::AppendStated(const store::LeaseRecord& lease, base::Int128 cost) {
  std::vector<std::pair<std::string_view, std::string_view>> tags;
  for (const std::string_view tag : lease.tags) {
    const std::size_t equals = std::min(tag.find('='), tag.size() - 1);
    tags.emplace_back(tag.substr(0, equals), tag.substr(equals + 1));
  }
  store::LedgerRow row;
  row.request_id = lease.request_id;
  row.started = lease.started;
  row.completed = clock_.WallNow();
  row.key_id = lease.key_id;
  row.org = lease.org;
  row.team = lease.team;
  row.project = lease.project;
  row.user = lease.user;
  row.session = lease.session;
  row.tags = tags;
  row.asked_model = lease.asked_model;
  row.provider = lease.provider;
  row.model = lease.model.substr(std::min(lease.provider.size() + 1, lease.model.size()));
  row.reason = "an operator said what it cost";
  row.aborted = true;
  row.error = "unsettled";
  row.price = {.version = store::kStatedPrice, .phase = {}, .currency = lease.amount.currency, .cost = cost};
  return journal_.Append(row);
}

base::Result<> Books::SettleUnsettled(std::string_view request_id, base::Int128 cost) {
  if (cost < 0) return base::Fail(Code::kInvalid, "a call cannot have cost less than nothing");
  std::vector<LeftBehind> left;
  left_.With([&](LeftByRequest& all) {
    const auto [first, last] = all.equal_range(request_id);
    for (auto one = first; one != last; ++one) left.push_back(std::move(one->second));
    all.erase(first, last);
  });
  if (left.empty()) {
    return base::Fail(Code::kNotFound,
                      "no call of the request " + std::string(request_id) +
                          " is without an end: `sluice budgets settle` lists those that are");
  }
  const std::shared_ptr<const Policy> in_force = policy();
  const WallTime now = clock_.WallNow();
  const Settling settling(*this);
  if (cost > 0) {
    if (auto written = AppendStated(left.front().lease.record(), cost); !written) {
      left_.With([&](LeftByRequest& all) {
        for (LeftBehind& one : left) all.emplace(std::string(request_id), std::move(one));
      });
      return written;
    }
  }
  for (std::size_t i = 0; i < left.size(); ++i) {
    Spend spend = SpendOf(left[i].lease.record());
    const std::vector<Demand> worst = DemandsOf(*in_force, spend);
    spend.amount.pico = i == 0 ? cost : 0;
    accounts_.Resolve(worst, DemandsOf(*in_force, spend), spend.started, now);
    if (auto released = log_->Release(left[i].ticket); !released) {
      TellNote("lease_not_released", released.error().detail);
    }
  }
  return {};
}

}  // namespace budget
