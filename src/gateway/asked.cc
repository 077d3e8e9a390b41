#include "gateway/asked.h"

#include <array>

#include "base/ascii.h"
#include "config/units.h"

namespace gateway {
namespace {

using chat::Operation;

struct Generation {
  std::string_view path;
  Operation operation;
  bool beta;
};

// Without the /v1 in front, which may be left out.
constexpr std::array<Generation, 5> kGenerations = {{
    {"/chat/completions", Operation::kChat, false},
    {"/completions", Operation::kCompletion, false},
    {"/embeddings", Operation::kEmbedding, false},
    {"/beta/chat/completions", Operation::kChat, true},
    {"/beta/completions", Operation::kCompletion, true},
}};

}  // namespace

Asked ReadRoute(std::string_view method, std::string_view path) {
  Asked asked;
  std::string_view rest = path;
  if (rest.starts_with("/v1/")) rest.remove_prefix(3);
  for (const Generation& generation : kGenerations) {
    if (rest != generation.path) continue;
    asked.route = method == "POST" ? Route::kGenerate : Route::kWrongMethod;
    asked.operation = generation.operation;
    asked.beta = generation.beta;
    asked.name = generation.path;
    return asked;
  }
  const bool reads = method == "GET" || method == "HEAD";
  if (rest == "/models") {
    asked.route = reads ? Route::kModels : Route::kWrongMethod;
    asked.name = "/models";
  } else if (rest.starts_with("/models/") && rest.size() > 8) {
    asked.route = reads ? Route::kModel : Route::kWrongMethod;
    asked.name = "/models/{id}";
    asked.model = rest.substr(8);
  } else {
    asked.name = "unknown";
  }
  return asked;
}

std::string_view ProviderPath(const Asked& asked, bool deepseek) {
  const std::string_view path = asked.name;
  constexpr std::string_view kBeta = "/beta";
  return asked.beta && !deepseek ? path.substr(kBeta.size()) : path;
}

base::Result<Wishes> ReadWishes(const net::Fields& fields) {
  Wishes wishes;
  for (const net::Field& field : fields) {
    if (!base::StartsWithIgnoringCase(field.name, "x-sluice-")) continue;
    const std::string_view name = field.name.substr(9);
    if (base::EqualIgnoringCase(name, "deadline")) {
      const auto deadline = config::ParseDuration(field.value);
      if (!deadline || deadline->count() <= 0) {
        return base::Fail(base::Code::kInvalid, "x-sluice-deadline must be a time such as 20s or 500ms");
      }
      wishes.deadline = *deadline;
    } else if (base::EqualIgnoringCase(name, "explain")) {
      if (field.value != "only") {
        return base::Fail(base::Code::kInvalid, "x-sluice-explain knows one value: only");
      }
      wishes.explain_only = true;
    }
  }
  return wishes;
}

std::string_view PresentedKey(const net::Fields& fields) {
  if (const auto header = fields.Find("authorization")) {
    constexpr std::string_view kBearer = "bearer ";
    if (base::StartsWithIgnoringCase(*header, kBearer))
      return base::TrimBlanks(header->substr(kBearer.size()));
  }
  return fields.Find("x-api-key").value_or(std::string_view());
}

}  // namespace gateway
