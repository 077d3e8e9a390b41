#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "config/scope.h"

// What lists of accounts share: they go rule by rule in the order of the config, and by value within a rule.

namespace admin {

// Where a page of accounts begins: behind the account with which the one before has ended.
class PageStart {
 public:
  // `after` is `next` of the page before; empty: from the first.
  explicit PageStart(std::string_view after);

  // Whether accounts of that rule are on the page. Asked once for each rule, in their order.
  bool Reaches(std::uint64_t rule);
  // Of the rule that was asked for last: the value behind which its accounts are on the page; null: all are.
  const std::string* behind() const { return resumed_ ? &value_ : nullptr; }
  // Whether the rule with which the page before has ended is still there. Asked at the end.
  bool found() const { return begun_; }

  static std::string Next(std::uint64_t rule, std::string_view value);

 private:
  std::string rule_;
  std::string value_;
  bool begun_ = false;
  bool resumed_ = false;
};

// Keeps the first of some accounts by value, each of which has a `value`.
template <class Account>
class FirstAccounts {
 public:
  // At most `most` behind `behind`, if that is not null. REQUIRES: `most` above 0.
  FirstAccounts(const std::string* behind, std::size_t most) : behind_(behind), most_(most) {}

  void Offer(const Account& one) {
    if (behind_ != nullptr && one.value <= *behind_) return;
    if (kept_.size() >= most_ && one.value > kept_.rbegin()->first) return;
    kept_.emplace(one.value, one);
    if (kept_.size() > most_) kept_.erase(std::prev(kept_.end()));
  }
  std::map<std::string, Account> Take() { return std::move(kept_); }

 private:
  const std::string* const behind_;
  const std::size_t most_;
  std::map<std::string, Account> kept_;
};

// Whose accounts are asked for: everybody's, those of rules with a scope such as team/*, or one account, such
// as team/support, of whatever rules it is one.
class ScopeAsked {
 public:
  // The parameter `scope`. Errors: kInvalid.
  static base::Result<ScopeAsked> Read(std::string_view text);

  bool Wants(const config::ScopePattern& rule) const;
  // The value of the one account of such a rule that is asked for; none: all that it has. REQUIRES: Wants.
  std::optional<std::string_view> OneOf(const config::ScopePattern& rule) const;

 private:
  std::optional<config::ScopePattern> scope_;
};

// What a list of accounts is asked for: parameters `scope`, `after` and `limit`.
struct AccountPageAsked {
  ScopeAsked scope;
  PageStart start;
  std::size_t most;  // accounts

  // Errors: kInvalid.
  static base::Result<AccountPageAsked> Read(std::string_view query);
};

// Whether the account of `one` is among those of a rule. REQUIRES: `one` is of one account.
bool Covers(const config::ScopePattern& rule, const config::ScopePattern& one);

}  // namespace admin
