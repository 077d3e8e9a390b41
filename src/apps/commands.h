#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apps/arguments.h"
#include "config/environment.h"
#include "config/settings.h"

namespace apps {

// One function a command; each gets what stands behind its name and gives back the exit code.
int Serve(const std::vector<std::string>& given, const config::Environment& environment);
int Check(const std::vector<std::string>& given, const config::Environment& environment);
int Config(const std::vector<std::string>& given);
int Keys(const std::vector<std::string>& given, const config::Environment& environment);
int Budgets(const std::vector<std::string>& given, const config::Environment& environment);
int Ledger(const std::vector<std::string>& given, const config::Environment& environment);
int Prices(const std::vector<std::string>& given, const config::Environment& environment);
int Bill(const std::vector<std::string>& given, const config::Environment& environment);
int WhatIf(const std::vector<std::string>& given, const config::Environment& environment);

// The config that a command works with: the file that -c names, else ./sluice.yaml if it is there, else none.
// `code` is the exit code when it cannot be had; the problems have then been printed. It is `refused` for a
// config with mistakes: commands that are about the config say kNo, others only need it.
struct LoadedConfig {
  std::shared_ptr<const config::Settings> settings;  // null: there is no file
  std::string file;
  int code = kDone;
};
LoadedConfig LoadConfig(const Arguments& arguments, const config::Environment& environment,
                        int refused = kEnvironment);

// The data directory: --data, else the config's, else the default.
std::string DataDirectory(const Arguments& arguments, const LoadedConfig& config);

// Says on standard error what befell the ledger's index while a command reads.
void TellOfIndex(std::string_view event, std::string_view sentence);

// For commands that read a data directory and must not make one: kDone when it is there, else kEnvironment
// after a sentence. `what` is looked for in it, `start` makes it.
int RequireData(const std::string& directory, std::string_view what = "ledger",
                std::string_view start = "start sluice serve");

}  // namespace apps
