#include <unistd.h>

#include <cerrno>
#include <iostream>

#include "apps/commands.h"
#include "config/problem.h"
#include "config/reader.h"

namespace apps {

LoadedConfig LoadConfig(const Arguments& arguments, const config::Environment& environment, int refused) {
  LoadedConfig loaded;
  const auto named = arguments.Find("-c");
  if (!named && access("sluice.yaml", F_OK) != 0) return loaded;
  loaded.file = named.value_or("sluice.yaml");
  if (access(loaded.file.c_str(), R_OK) != 0) {
    loaded.code = Complain(kEnvironment, "cannot read the config " + loaded.file);
    return loaded;
  }
  auto settings = config::ReadFile(loaded.file, environment);
  if (settings) {
    loaded.settings = std::move(*settings);
    return loaded;
  }
  for (const config::Problem& problem : settings.error()) std::cerr << config::Print(problem) << '\n';
  loaded.code = refused;
  return loaded;
}

std::string DataDirectory(const Arguments& arguments, const LoadedConfig& loaded) {
  if (const auto data = arguments.Find("--data")) return *data;
  return loaded.settings ? loaded.settings->data : config::Settings().data;
}

void TellOfIndex(std::string_view, std::string_view sentence) {
  std::cerr << sentence << '\n';
}

int RequireData(const std::string& directory, std::string_view what, std::string_view start) {
  if (access(directory.c_str(), F_OK) == 0 || errno != ENOENT) return kDone;
  std::string sentence("no ");
  sentence.append(what).append(" in ").append(directory).append(" yet: ").append(start);
  return Complain(kEnvironment, sentence + ", or name the data directory with --data");
}

}  // namespace apps
