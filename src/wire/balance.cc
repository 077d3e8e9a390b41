#include "wire/balance.h"

#include <algorithm>
#include <string>

#include "wire/json_scanner.h"

namespace wire {
namespace {

// Reads one amount; false: it is none.
bool TakeAmount(JsonCursor& json, base::Int128& pico, int& decimals) {
  const JsonValue value = json.Take();
  if (!value.IsString()) return false;
  const std::string text = value.Text();
  const auto amount = base::ParsePico(text);
  if (!amount) return false;
  pico = *amount;
  if (const std::size_t point = text.find('.'); point != std::string::npos)
    decimals = std::max(decimals, static_cast<int>(text.size() - point - 1));
  return true;
}

// One element of the list; false: it says no balance.
bool TakeBalance(JsonCursor& json, Balance& balance) {
  bool has_currency = false;
  bool has_total = false;
  bool good = true;
  while (json.NextMember()) {
    if (json.KeyIs("currency")) {
      const JsonValue code = json.Take();
      const auto currency = base::Currency::Parse(code.IsString() ? code.Text() : std::string());
      has_currency = currency.has_value();
      if (currency) balance.currency = *currency;
    } else if (json.KeyIs("total_balance")) {
      has_total = TakeAmount(json, balance.total, balance.decimals);
    } else if (json.KeyIs("granted_balance")) {
      good = TakeAmount(json, balance.granted, balance.decimals) && good;
    } else if (json.KeyIs("topped_up_balance")) {
      good = TakeAmount(json, balance.topped_up, balance.decimals) && good;
    }
  }
  return good && has_currency && has_total;
}

}  // namespace

base::Result<std::vector<Balance>> ReadBalances(std::string_view body) {
  std::vector<Balance> balances;
  bool found = false;
  bool good = true;
  JsonCursor json(body);
  if (json.EnterObject()) {
    while (json.NextMember()) {
      if (!json.KeyIs("balance_infos") || !json.EnterArray()) continue;
      found = true;
      while (json.NextElement()) {
        Balance balance;
        const bool is_one = json.EnterObject() && TakeBalance(json, balance);
        good = good && is_one && balances.size() < kBalancesMax;
        if (good) balances.push_back(balance);
      }
    }
  }
  if (auto ended = json.End(); !ended) return base::Fail(ended.error());
  if (!found) return base::Fail(base::Code::kInvalid, "the answer has no array 'balance_infos'");
  if (!good) {
    return base::Fail(base::Code::kInvalid,
                      "one of 'balance_infos' has no currency or an amount that is no decimal in a string");
  }
  return balances;
}

}  // namespace wire
