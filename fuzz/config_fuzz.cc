// Any bytes as a config: the reader must answer with settings or with problems that have a place and a
// sentence, and never show what the environment holds.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "config/check.h"
#include "config/explain.h"
#include "config/reader.h"

namespace {

// A variable for each kind of value. The secret depends on the input, so that no input can hold it.
config::Environment EnvironmentWith(std::string secret) {
  return [secret](std::string_view name) -> std::optional<std::string> {
    if (name == "SECRET") return secret;
    if (name == "NUMBER") return "7";
    if (name == "TIME") return "5s";
    return std::nullopt;
  };
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string secret = "secret-" + std::to_string(std::hash<std::string_view>{}(text));
  const config::ReadResult result = config::ReadText(text, "f.yaml", EnvironmentWith(secret));
  if (result) {
    CHECK(config::Check(**result).empty());
    CHECK(!(*result)->providers.empty());
    CHECK(config::Explain(**result).find(secret) == std::string::npos);
    return 0;
  }
  CHECK(!result.error().empty());
  for (const config::Problem& problem : result.error()) {
    const std::string sentence = config::Print(problem);
    CHECK(!problem.what.empty() && !problem.why.empty() && !problem.instead.empty());
    CHECK(base::IsUtf8(sentence) && sentence.find('\n') == std::string::npos);
    CHECK(sentence.find(secret) == std::string::npos);
    CHECK(problem.at.line >= 1 && problem.at.column >= 1);
  }
  return 0;
}
