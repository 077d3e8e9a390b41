#include "gateway/asked.h"

#include <array>
#include <charconv>

#include "base/ascii.h"
#include "base/check.h"
#include "config/units.h"

namespace gateway {
namespace {

using chat::Dialect;
using chat::Operation;

struct Generation {
  std::string_view path;
  Operation operation;
  bool beta;
};

// Without the /v1 in front, which may be left out.
constexpr std::array<Generation, 8> kGenerations = {{
    {"/chat/completions", Operation::kChat, false},
    {"/messages", Operation::kMessages, false},
    {"/responses", Operation::kResponses, false},
    {"/completions", Operation::kCompletion, false},
    {"/embeddings", Operation::kEmbedding, false},
    {"/beta/chat/completions", Operation::kChat, true},
    {"/beta/completions", Operation::kCompletion, true},
    {"/messages/count_tokens", Operation::kCountTokens, false},
}};

constexpr std::string_view kBeta = "/beta";
constexpr std::string_view kRows = "/sluice/v1/requests/";

std::string_view PathOf(Operation operation) {
  for (const Generation& generation : kGenerations) {
    if (generation.operation == operation) return generation.path;
  }
  return {};
}

bool FindGeneration(std::string_view path, const net::RequestHead& head, bool messages_only, Asked& asked) {
  for (const Generation& generation : kGenerations) {
    if (path != generation.path) continue;
    const Dialect dialect = chat::DialectOf(generation.operation);
    if (messages_only && dialect != Dialect::kAnthropic) return false;
    asked.route = head.method == "POST" ? Route::kGenerate : Route::kWrongMethod;
    asked.operation = generation.operation;
    asked.dialect = dialect;
    asked.beta = generation.beta;
    asked.name = generation.path;
    if (dialect == Dialect::kAnthropic) asked.query = head.query;
    return true;
  }
  return false;
}

}  // namespace

Asked ReadRoute(const net::RequestHead& head) {
  Asked asked;
  std::string_view rest = head.path;
  constexpr std::string_view kAnthropic = "/anthropic";
  const bool messages_only = rest.starts_with(kAnthropic) && rest.substr(kAnthropic.size()).starts_with('/');
  if (messages_only) rest.remove_prefix(kAnthropic.size());
  if (rest.starts_with("/v1/")) rest.remove_prefix(3);
  if (FindGeneration(rest, head, messages_only, asked)) return asked;
  if (messages_only || head.fields.Find("anthropic-version")) asked.dialect = Dialect::kAnthropic;
  const bool reads = head.method == "GET" || head.method == "HEAD";
  if (rest == "/models") {
    asked.route = reads ? Route::kModels : Route::kWrongMethod;
    asked.name = "/models";
  } else if (rest.starts_with("/models/") && rest.size() > 8) {
    asked.route = reads ? Route::kModel : Route::kWrongMethod;
    asked.name = "/models/{id}";
    asked.model = rest.substr(8);
  } else if (head.path.starts_with(kRows) && head.path.size() > kRows.size()) {
    asked.route = reads ? Route::kRow : Route::kWrongMethod;
    asked.name = "/sluice/v1/requests/{id}";
    asked.row = head.path.substr(kRows.size());
  } else if (rest.starts_with("/responses/") && !messages_only) {
    asked.route = Route::kStoredResponse;
    asked.name = "/responses/{id}";
    asked.dialect = Dialect::kResponses;
  } else {
    asked.name = "unknown";
  }
  return asked;
}

std::string ModelAsked(std::string_view in_path) {
  std::string name;
  name.reserve(in_path.size());
  for (std::size_t i = 0; i < in_path.size(); ++i) {
    unsigned code = 0;
    const char* const digits = in_path.data() + i + 1;
    const bool escaped = in_path[i] == '%' && i + 2 < in_path.size() &&
                         std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2;
    name += escaped ? static_cast<char>(code) : in_path[i];
    if (escaped) i += 2;
  }
  return name;
}

base::BlockString ProviderPath(const Asked& asked, Operation operation,
                               const config::ProviderSettings& provider, bool beta) {
  const Dialect dialect = chat::DialectOf(operation);
  CHECK(config::Speaks(provider, dialect));
  const std::string_view below = config::DialectPath(provider.dialect, dialect);
  const bool same = operation == asked.operation;
  std::string_view name = same ? asked.name : PathOf(operation);
  if (same && asked.beta && provider.dialect != config::ApiDialect::kDeepSeek)
    name.remove_prefix(kBeta.size());
  const std::string& base = provider.base_url.path;
  base::BlockString path;
  path.reserve(base.size() + below.size() + kBeta.size() + name.size() + 1 + asked.query.size());
  path.append(base).append(below).append(!same && beta ? kBeta : std::string_view()).append(name);
  if (same && !asked.query.empty()) path.append("?").append(asked.query);
  return path;
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
    } else if (base::EqualIgnoringCase(name, "max-cost")) {
      const auto most = base::ParseMoney(field.value);
      if (!most || most->pico <= 0) {
        return base::Fail(base::Code::kInvalid, "x-sluice-max-cost must be an amount such as 0.002 USD");
      }
      wishes.max_cost = *most;
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
