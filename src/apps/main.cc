#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "apps/commands.h"

namespace {

constexpr std::string_view kHelp =
    R"(sluice: a gateway that makes every answer of a language model cost as little as possible

usage: sluice COMMAND [options]

  serve             run the gateway; without a config it uses the keys in the environment
  check             check a config and say in words what it will do
  config reference  every setting with its meaning, bounds and default
  config schema     the same as JSON Schema, for editors
  keys              create, list and revoke the keys that applications present
  budgets           how budgets stand, more for one of them, the end of lost calls
  ledger            verify the ledger of answered requests, or make its index anew
  prices            what models cost: show, list, import and compare catalogues
  bill              what was spent and saved, by whatever you like; one request's price term by term
  what-if           what it would have cost with other prices, models, hours or caches
  --version         print the version

`sluice COMMAND --help` says more. Exit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 the environment
is in the way.

try it:
  sluice serve &
  curl http://127.0.0.1:8080/v1/chat/completions -H 'content-type: application/json' \
    -d '{"model":"gpt-5-mini","messages":[{"role":"user","content":"Hello!"}]}'
)";

std::optional<std::string> ReadEnvironment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string command = words.empty() ? "" : words[0];
  const std::vector<std::string> rest(words.begin() + (words.empty() ? 0 : 1), words.end());
  if (command == "serve") return apps::Serve(rest, ReadEnvironment);
  if (command == "check") return apps::Check(rest, ReadEnvironment);
  if (command == "config") return apps::Config(rest);
  if (command == "keys") return apps::Keys(rest, ReadEnvironment);
  if (command == "budgets") return apps::Budgets(rest, ReadEnvironment);
  if (command == "ledger") return apps::Ledger(rest, ReadEnvironment);
  if (command == "prices") return apps::Prices(rest, ReadEnvironment);
  if (command == "bill") return apps::Bill(rest, ReadEnvironment);
  if (command == "what-if") return apps::WhatIf(rest, ReadEnvironment);
  if (command == "--version") {
    std::cout << "sluice " << SLUICE_VERSION << '\n';
    return apps::kDone;
  }
  if (command == "--help" || command == "-h" || command == "help") {
    std::cout << kHelp;
    return apps::kDone;
  }
  if (command.empty()) {
    std::cerr << kHelp;
    return apps::kWrongUsage;
  }
  return apps::Complain(apps::kWrongUsage, "there is no command '" + command + "'; see sluice --help");
}
