#pragma once

#include <span>
#include <string_view>

namespace budget {

// Who spends and on what, as far as budgets and limits can tell requests apart. Empty: nobody said. The views
// are of the request, or of the row of the ledger, that it was made from.
struct Spender {
  std::string_view org;
  std::string_view team;
  std::string_view project;
  std::string_view key_id;
  std::string_view user;
  std::string_view session;
  std::span<const std::string_view> tags;  // "name=value", only those that count
  std::string_view provider;
  std::string_view model;        // "provider/name"
  std::string_view asked_model;  // as the caller named it
};

}  // namespace budget
