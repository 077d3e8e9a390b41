#include "config/reference.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "config/catalogue.h"
#include "config/describe.h"
#include "config/reader.h"

namespace config {
namespace {

// Accepts exactly RFC 8259; the tests below need no more of JSON than whether a text is it.
class JsonChecker {
 public:
  explicit JsonChecker(std::string_view text) : rest_(text) {}
  bool Run() { return Value(0) && (Blanks(), rest_.empty()); }

 private:
  void Blanks() {
    while (!rest_.empty() && std::string_view(" \t\r\n").find(rest_[0]) != std::string_view::npos)
      rest_.remove_prefix(1);
  }
  bool Eat(std::string_view token) {
    Blanks();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  bool String() {
    if (!Eat("\"")) return false;
    while (!rest_.empty() && rest_[0] != '"') {
      if (static_cast<unsigned char>(rest_[0]) < 0x20) return false;
      if (rest_[0] == '\\') {
        if (rest_.size() < 2 || std::string_view("\"\\/bfnrt").find(rest_[1]) == std::string_view::npos)
          return false;
        rest_.remove_prefix(1);
      }
      rest_.remove_prefix(1);
    }
    return Eat("\"");
  }
  bool Many(char close, const std::function<bool()>& one) {
    if (Eat(std::string_view(&close, 1))) return true;
    do {
      if (!one()) return false;
    } while (Eat(","));
    return Eat(std::string_view(&close, 1));
  }
  bool Value(int depth) {
    if (depth > 64) return false;
    if (Eat("{")) return Many('}', [&] { return String() && Eat(":") && Value(depth + 1); });
    if (Eat("[")) return Many(']', [&] { return Value(depth + 1); });
    if (Eat("true") || Eat("false") || Eat("null")) return true;
    if (!rest_.empty() && rest_[0] == '"') return String();
    std::size_t digits = 0;
    while (digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9') ++digits;
    rest_.remove_prefix(digits);
    return digits > 0;
  }
  std::string_view rest_;
};

void ForEach(const Entry& entry, const std::function<void(const Entry&)>& f) {
  if (!entry.field.name.empty()) f(entry);
  for (const Entry& child : entry.children) ForEach(child, f);
}

TEST(CatalogueTest, HoldsEverySettingOfThePublicPage) {
  std::set<std::string> paths;
  ForEach(Catalogue(),
          [&](const Entry& entry) { EXPECT_TRUE(paths.insert(entry.path).second) << entry.path; });
  for (const char* path : {"listen",
                           "admin.listen",
                           "admin.token",
                           "data",
                           "drain_timeout",
                           "auth",
                           "open_anywhere",
                           "threads",
                           "tls.cert",
                           "tls.key",
                           "http.body_max",
                           "http.header_max",
                           "http.header_timeout",
                           "http.body_idle_timeout",
                           "http.body_timeout",
                           "http.keep_alive",
                           "http.connections_max",
                           "http.streams_max",
                           "http.requests_max",
                           "http.write_idle_timeout",
                           "answer_max",
                           "stream_frame_max",
                           "stream_commit_after",
                           "retry.budget",
                           "retry.budget_min",
                           "retry.attempts_max",
                           "retry.after_max",
                           "providers",
                           "providers.NAME.dialect",
                           "providers.NAME.base_url",
                           "providers.NAME.endpoints",
                           "providers.NAME.key",
                           "providers.NAME.keys",
                           "providers.NAME.in_flight_max",
                           "providers.NAME.queue_max",
                           "providers.NAME.queue_timeout",
                           "providers.NAME.local",
                           "providers.NAME.simulated",
                           "providers.NAME.ca_file",
                           "providers.NAME.http2",
                           "providers.NAME.idle_max",
                           "providers.NAME.keep_alive",
                           "providers.NAME.timeout.connect",
                           "providers.NAME.timeout.first_byte",
                           "providers.NAME.timeout.idle",
                           "providers.NAME.timeout.total",
                           "providers.NAME.models",
                           "providers.NAME.currency",
                           "providers.NAME.prices",
                           "prices",
                           "prices.NAME.currency",
                           "prices.NAME.per",
                           "prices.NAME.input",
                           "prices.NAME.cache_write_1h",
                           "prices.NAME.second",
                           "models",
                           "models.NAME.ladder",
                           "models.NAME.fallback",
                           "models.NAME.default",
                           "telemetry.log",
                           "telemetry.otlp.endpoint",
                           "telemetry.otlp.headers",
                           "telemetry.otlp.sample"}) {
    EXPECT_TRUE(paths.contains(path)) << path;
  }
}

TEST(CatalogueTest, HoldsEverySettingOfBudgetsAndLimits) {
  std::set<std::string> paths;
  ForEach(Catalogue(), [&](const Entry& entry) { paths.insert(entry.path); });
  for (const char* path :
       {"budgets[]", "budgets[].scope", "budgets[].limit", "budgets[].window", "budgets[].rolling",
        "budgets[].timezone", "budgets[].steps[]", "budgets[].steps[].at",
        "budgets[].steps[].limits.requests", "limits[].scope", "limits[].tokens", "exchange", "alert_secret",
        "smtp.server", "smtp.tls", "smtp.from", "smtp.user", "smtp.password", "smtp.ca_file"}) {
    EXPECT_TRUE(paths.contains(path)) << path;
  }
}

TEST(CatalogueTest, EverySettingHasASentenceAndATypeAndADefaultThatItAccepts) {
  const Environment nothing = [](std::string_view) { return std::nullopt; };
  ForEach(Catalogue(), [&](const Entry& entry) {
    EXPECT_TRUE(entry.field.doc.ends_with('.')) << entry.path;
    EXPECT_FALSE(entry.field.type.empty()) << entry.path;
    const bool at_top = entry.path.find('.') == std::string::npos;
    if (!at_top || entry.field.fallback.empty()) return;
    const auto result = ReadText(
        entry.path + ": \"" + entry.field.fallback + "\"\nproviders: { d: { dialect: deepseek, key: k } }\n",
        "f", nothing);
    EXPECT_TRUE(result) << Print(result.error().front());
  });
}

// A visitor that says which names the reader would ask for: whatever Describe() declares.
TEST(ReferenceTest, PageSchemaAndReaderKnowTheSameNames) {
  const std::string page = Reference();
  const std::string schema = JsonSchema();
  ForEach(Catalogue(), [&](const Entry& entry) {
    EXPECT_NE(page.find("`" + entry.path), std::string::npos) << entry.path;
    EXPECT_NE(schema.find("\"" + std::string(entry.field.name) + "\":{"), std::string::npos) << entry.path;
  });

  // The reader's own list, from its answer to a name that is like none of them.
  const Environment nothing = [](std::string_view) { return std::nullopt; };
  std::string expected = "use one of:";
  for (const Entry& entry : Catalogue().children) expected += " " + std::string(entry.field.name);
  const auto result = ReadText("zzzzzzzzzzzz: 1\n", "f", nothing);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().front().instead, expected);
}

TEST(ReferenceTest, ShowsTypeBoundsAndDefault) {
  EXPECT_NE(
      Reference().find(
          "| `drain_timeout` | time, 0s to 1h | `30s` | How long streams may go on after TERM or INT. |"),
      std::string::npos);
  EXPECT_NE(Reference().find("| `providers.NAME.dialect` | openai, deepseek or anthropic | required |"),
            std::string::npos);
  EXPECT_NE(
      Reference().find("| `providers.NAME.endpoints` | list of chat, responses or messages, at most 3 | - |"),
      std::string::npos);
  EXPECT_NE(Reference().find("\n## `providers.NAME.timeout`\n"), std::string::npos);
}

TEST(SchemaTest, IsValidJsonThatRefusesUnknownKeys) {
  const std::string schema = JsonSchema();
  EXPECT_TRUE(JsonChecker(schema).Run()) << schema;
  EXPECT_NE(schema.find(R"("$schema":"https://json-schema.org/draft/2020-12/schema")"), std::string::npos);
  EXPECT_NE(schema.find(R"("additionalProperties":false)"), std::string::npos);
  EXPECT_NE(schema.find(R"("required":["dialect"])"), std::string::npos);
  EXPECT_NE(schema.find(R"("type":"integer","minimum":0,"maximum":256)"), std::string::npos);
}

}  // namespace
}  // namespace config
