#include <iostream>

#include "apps/commands.h"
#include "config/explain.h"
#include "config/reference.h"

namespace apps {

int Check(const std::vector<std::string>& given, const config::Environment& environment) {
  const auto arguments = Arguments::Parse(given, {"-c"});
  if (!arguments) return Complain(kWrongUsage, arguments.error().detail);
  const LoadedConfig loaded = LoadConfig(*arguments, environment);
  if (loaded.code != kDone) return loaded.code;
  if (!loaded.settings) {
    return Complain(kEnvironment, "there is no sluice.yaml here; name a config with -c FILE");
  }
  std::cout << loaded.file << " is good. It will do this:\n" << config::Explain(*loaded.settings);
  return kDone;
}

int Config(const std::vector<std::string>& given) {
  if (given.size() == 1 && given[0] == "reference") {
    std::cout << config::Reference();
    return kDone;
  }
  if (given.size() == 1 && given[0] == "schema") {
    std::cout << config::JsonSchema();
    return kDone;
  }
  return Complain(kWrongUsage, "usage: sluice config reference | sluice config schema");
}

}  // namespace apps
