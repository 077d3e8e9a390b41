#include "apps/nearby.h"

#include <optional>
#include <system_error>

#include "config/reader.h"

namespace apps {
namespace {

namespace fs = std::filesystem;

constexpr int kLevelsMax = 16;  // directories that are looked into, upwards

std::optional<fs::path> FindConfig(fs::path at, const fs::path& etc) {
  std::error_code ignored;
  for (int i = 0; i < kLevelsMax && at.has_relative_path(); ++i) {
    at = at.parent_path();
    if (fs::is_regular_file(at / "sluice.yaml", ignored)) return at / "sluice.yaml";
  }
  if (fs::is_regular_file(etc / "sluice.yaml", ignored)) return etc / "sluice.yaml";
  return std::nullopt;
}

fs::path Normal(const fs::path& path) {
  std::error_code error;
  const fs::path normal = fs::weakly_canonical(path, error);
  return error ? path : normal;
}

}  // namespace

std::string WarnOfDefaultData(const fs::path& here, const fs::path& etc,
                              const config::Environment& environment) {
  const fs::path data = Normal(here / config::Settings().data);
  std::string text = "no config is named and none is here, so the keys are those of " + data.string() + "\n";
  const auto file = FindConfig(here, etc);
  if (!file) return text;
  const config::ReadResult read = config::ReadFile(file->string(), environment);
  if (!read) {
    return text + "warning: " + file->string() +
           " may keep its data elsewhere (it cannot be read as it is); if its gateway is meant, add -c " +
           file->string() + " or --data\n";
  }
  const fs::path theirs = Normal(file->parent_path() / (*read)->data);
  if (theirs == data) return text;
  return text + "warning: " + file->string() + " keeps its data in " + theirs.string() +
         "; if its gateway is meant, add -c " + file->string() + " or --data " + theirs.string() + "\n";
}

}  // namespace apps
