#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/time_text.h"
#include "budget/accounts.h"
#include "budget/demands_for_test.h"

// The accounts against a model that keeps every single spend and adds them up each time.

namespace budget {
namespace {

using base::Int128;
using base::WallTime;
using std::chrono::nanoseconds;

struct Kept {
  WallTime start;  // of the request
  Int128 settled = 0;
  Int128 reserved = 0;
};

class Model {
 public:
  Int128 Used(const Terms& terms, const std::string& value, WallTime now) const {
    Int128 used = 0;
    const auto kept = kept_.find({terms.id, value});
    if (kept == kept_.end()) return 0;
    for (const Kept& one : kept->second) {
      if (InWindow(terms, one.start, now)) used += one.settled + one.reserved;
    }
    return used;
  }
  std::size_t Hold(const Terms& terms, const std::string& value, Int128 amount, WallTime now) {
    std::vector<Kept>& kept = kept_[{terms.id, value}];
    kept.push_back({.start = now, .settled = 0, .reserved = amount});
    return kept.size() - 1;
  }
  void Settle(const Terms& terms, const std::string& value, std::size_t which, Int128 cost) {
    Kept& kept = kept_[{terms.id, value}][which];
    kept.settled = cost;
    kept.reserved = 0;
  }

 private:
  static bool InWindow(const Terms& terms, WallTime start, WallTime now) {
    if (terms.window.kind() == Window::Kind::kCalendar) return terms.window.At(now).Has(start);
    return terms.window.At(start).end > now - terms.window.length();
  }
  std::map<std::pair<std::uint64_t, std::string>, std::vector<Kept>> kept_;
};

struct Open {
  Lease lease;
  std::vector<Demand> demands;
  std::vector<std::size_t> which;
};

class AccountsModelTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  AccountsModelTest() : random_(GetParam()) {
    const base::TimeZone berlin = base::TimeZone::Find("Europe/Berlin").value();
    terms_.push_back(MakeTerms(1, Window::Calendar(Window::Unit::kHour, berlin), 3'000));
    terms_.push_back(MakeTerms(2, Window::Calendar(Window::Unit::kDay, berlin), 20'000));
    terms_.push_back(MakeTerms(3, Window::Calendar(Window::Unit::kWeek, berlin), 90'000));
    terms_.push_back(MakeTerms(4, Window::Rolling(std::chrono::hours(3)), 4'000));
    terms_.push_back(MakeTerms(5, Window::Rolling(std::chrono::seconds(1)), 900));
  }

  std::vector<Demand> Ask() {
    std::vector<Demand> demands;
    const auto amount = static_cast<std::int64_t>(random_.Below(600));
    for (const Terms& terms : terms_) {
      if (random_.Below(2) == 0) demands.push_back(MakeDemand(terms, values_[random_.Below(3)], amount));
    }
    return demands;
  }

  void Begin() {
    Open open{.lease = {}, .demands = Ask(), .which = {}};
    const bool fits = std::all_of(open.demands.begin(), open.demands.end(), [&](const Demand& d) {
      return model_.Used(*d.terms, std::string(d.value), now_) + d.amount <= d.terms->limit.pico;
    });
    auto lease = accounts_.Reserve(open.demands, now_);
    ASSERT_EQ(lease.has_value(), fits) << base::PrintTime(now_);
    if (!lease) {
      ++denied_;
      return;
    }
    open.lease = std::move(*lease);
    for (const Demand& d : open.demands) {
      open.which.push_back(model_.Hold(*d.terms, std::string(d.value), d.amount, now_));
    }
    open_.push_back(std::move(open));
  }

  void End() {
    if (open_.empty()) return;
    std::swap(open_[random_.Below(open_.size())], open_.back());
    Open& open = open_.back();
    const bool refund = random_.Below(4) == 0;
    std::vector<Int128> costs;
    for (std::size_t i = 0; i < open.demands.size(); ++i) {
      const Demand& d = open.demands[i];
      const auto most = static_cast<std::uint64_t>(d.amount) + 1;
      costs.push_back(refund ? 0 : static_cast<Int128>(random_.Below(most)));
      model_.Settle(*d.terms, std::string(d.value), open.which[i], costs.back());
    }
    if (refund) {
      open.lease.Refund(now_);
    } else {
      open.lease.Settle(costs, now_);
    }
    open_.pop_back();
  }

  void Compare() {
    for (const Terms& terms : terms_) {
      for (const std::string& value : values_) {
        const Demand demand = MakeDemand(terms, value, 0);
        AccountView view;
        accounts_.Look({&demand, 1}, now_, {&view, 1});
        ASSERT_TRUE(view.settled + view.reserved == model_.Used(terms, value, now_))
            << terms.id << " " << value << " " << base::PrintTime(now_);
        ASSERT_TRUE(view.settled + view.reserved <= view.limit);
      }
    }
  }

  base::Random random_;
  WallTime now_ = base::ParseTime("2026-03-28T20:00:00Z").value();  // before clocks are put forward
  base::FakeClock clock_{now_};
  std::vector<Terms> terms_;
  const std::vector<std::string> values_{"a", "b", "c"};
  Accounts accounts_{clock_, {}};
  Model model_;
  std::vector<Open> open_;
  int denied_ = 0;
};

TEST_P(AccountsModelTest, EveryAnswerIsThatOfAModelThatAddsUpEverySpend) {
  for (int i = 0; i < 8'000 && !HasFatalFailure(); ++i) {
    const std::uint64_t what = random_.Below(100);
    if (what < 45) {
      Begin();
    } else if (what < 88) {
      End();
    } else if (what < 97) {
      now_ += nanoseconds(random_.Below(200'000'000'000));
    } else if (what < 98) {
      accounts_.Sweep(now_);
    } else {
      now_ += std::chrono::minutes(random_.Below(200));
    }
    if (i % 32 == 0) Compare();
  }
  EXPECT_GT(denied_, 100);
  while (!open_.empty()) End();
  Compare();
}

INSTANTIATE_TEST_SUITE_P(Seeds, AccountsModelTest, testing::Range<std::uint64_t>(1, 9));

}  // namespace
}  // namespace budget
