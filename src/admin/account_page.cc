#include <algorithm>

#include "admin/account_page_internal.h"
#include "admin/api.h"
#include "admin/ask.h"

namespace admin {

PageStart::PageStart(std::string_view after) : begun_(after.empty()) {
  const std::size_t slash = std::min(after.find('/'), after.size());
  rule_ = after.substr(0, slash);
  value_ = after.substr(std::min(slash + 1, after.size()));
}

bool PageStart::Reaches(std::uint64_t rule) {
  resumed_ = !begun_ && std::to_string(rule) == rule_;
  begun_ = begun_ || resumed_;
  return begun_;
}

std::string PageStart::Next(std::uint64_t rule, std::string_view value) {
  return std::to_string(rule) + "/" + std::string(value);
}

base::Result<ScopeAsked> ScopeAsked::Read(std::string_view text) {
  ScopeAsked asked;
  if (text.empty()) return asked;
  auto scope = config::ScopePattern::Parse(text);
  if (!scope) {
    return base::Fail(base::Code::kInvalid, "scope: " + scope.error().why + ": " + scope.error().instead);
  }
  asked.scope_ = std::move(*scope);
  return asked;
}

bool ScopeAsked::Wants(const config::ScopePattern& rule) const {
  if (!scope_) return true;
  return scope_->each ? rule == *scope_ : Covers(rule, *scope_);
}

std::optional<std::string_view> ScopeAsked::OneOf(const config::ScopePattern& rule) const {
  if (!rule.each) return rule.value;
  if (scope_ && !scope_->each) return scope_->value;
  return std::nullopt;
}

base::Result<AccountPageAsked> AccountPageAsked::Read(std::string_view query) {
  constexpr std::string_view kOnce[] = {"scope", "after", "limit"};
  const auto given = Parameters::Read(query, kOnce);
  if (!given) return base::Fail(given.error());
  const auto most = given->Count("limit", kPageUsual, kAccountPageMax);
  if (!most) return base::Fail(most.error());
  auto scope = ScopeAsked::Read(given->Get("scope"));
  if (!scope) return base::Fail(scope.error());
  return AccountPageAsked{.scope = std::move(*scope), .start = PageStart(given->Get("after")), .most = *most};
}

bool Covers(const config::ScopePattern& rule, const config::ScopePattern& one) {
  if (rule.kind != one.kind) return false;
  if (!rule.each) return rule.value == one.value;
  const bool is_asked = one.kind == config::ScopeKind::kModel && one.value.find('/') == std::string::npos;
  return !one.value.empty() && !is_asked && one.value.starts_with(rule.value);
}

}  // namespace admin
