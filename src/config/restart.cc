#include "config/restart.h"

#include <array>

namespace config {
namespace {

struct Kept {
  const char* name;
  bool (*same)(const Settings& a, const Settings& b);
};

constexpr std::array kKept = {
    Kept{"listen", [](const Settings& a, const Settings& b) { return a.listen == b.listen; }},
    Kept{"admin.listen",
         [](const Settings& a, const Settings& b) { return a.admin.listen == b.admin.listen; }},
    Kept{"data", [](const Settings& a, const Settings& b) { return a.data == b.data; }},
    Kept{"models_dir", [](const Settings& a, const Settings& b) { return a.models_dir == b.models_dir; }},
    Kept{"auth", [](const Settings& a, const Settings& b) { return a.auth == b.auth; }},
    Kept{"threads", [](const Settings& a, const Settings& b) { return a.threads == b.threads; }},
    Kept{"tls (switched on or off)",
         [](const Settings& a, const Settings& b) { return a.tls.cert.empty() == b.tls.cert.empty(); }},
    Kept{"ledger", [](const Settings& a, const Settings& b) { return a.ledger == b.ledger; }},
    Kept{"telemetry.log",
         [](const Settings& a, const Settings& b) { return a.telemetry.log == b.telemetry.log; }},
    Kept{"telemetry.otlp",
         [](const Settings& a, const Settings& b) { return a.telemetry.otlp == b.telemetry.otlp; }},
};

}  // namespace

std::vector<std::string> RestartSettings() {
  std::vector<std::string> names;
  for (const Kept& one : kKept) names.emplace_back(one.name);
  return names;
}

std::vector<std::string> NeedsRestart(const Settings& before, const Settings& after) {
  std::vector<std::string> names;
  for (const Kept& one : kKept) {
    if (!one.same(before, after)) names.emplace_back(one.name);
  }
  return names;
}

}  // namespace config
