#include "config/reader.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "config/check.h"
#include "config/explain.h"
#include "config/read_result_for_test.h"

namespace config {
namespace {

using std::chrono::milliseconds;

Environment With(std::map<std::string, std::string, std::less<>> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

const std::string kProviders = "providers: { deepseek: { dialect: deepseek, key: sk-test } }\n";

ReadResult Read(std::string_view text) {
  return ReadText(text, "sluice.yaml", With({{"KEY", "sk-from-env"}}));
}

std::shared_ptr<const Settings> Accept(std::string_view text) {
  return Accepted(Read(text));
}

// All problems, one per line.
std::string Refusal(std::string_view text) {
  const ReadResult result = Read(text);
  if (result) return "accepted";
  std::string out;
  for (const Problem& problem : result.error()) out += (out.empty() ? "" : "\n") + Print(problem);
  return out;
}

TEST(ReaderTest, TheSmallestUsefulFileIsEnough) {
  const auto settings = ReadText(
      "providers:\n"
      "  deepseek: { dialect: deepseek, key: \"${DEEPSEEK_API_KEY}\" }\n"
      "models:\n"
      "  assistant: { ladder: [deepseek/deepseek-flash, deepseek/deepseek-v4-pro] }\n",
      "sluice.yaml", With({{"DEEPSEEK_API_KEY", "sk-1"}}));
  ASSERT_TRUE(settings);
  const Settings& s = **settings;
  EXPECT_EQ(s.auth, Auth::kKeys);
  EXPECT_EQ(s.listen.Print(), "127.0.0.1:8080");
  EXPECT_EQ(s.providers.at("deepseek").keys.at(0).Reveal(), "sk-1");
  EXPECT_EQ(s.providers.at("deepseek").base_url.Print(), "https://api.deepseek.com");
  EXPECT_EQ(s.models.at("assistant").preferred.Print(), "deepseek/deepseek-v4-pro");
}

TEST(ReaderTest, TheFullExampleOfThePublicPageIsRead) {
  const auto result = ReadText(
      R"(
listen: 127.0.0.1:8080
admin: { listen: 127.0.0.1:8081, token: "${SLUICE_ADMIN_TOKEN}" }
data: ./sluice-data
drain_timeout: 30s
auth: keys                     # keys | open

providers:
  deepseek:
    dialect: deepseek
    base_url: https://api.deepseek.com
    keys: ["${DEEPSEEK_KEY_A}", "${DEEPSEEK_KEY_B}"]
    in_flight_max: 2500        # per key
    timeout: { connect: 3s, first_byte: 120s, idle: 60s, total: 15m }
  openai: { dialect: openai, key: sk-o }
  local: { dialect: openai, base_url: "http://127.0.0.1:8000/v1", local: true }

models:
  assistant:
    ladder: [local/small, deepseek/deepseek-flash, deepseek/deepseek-v4-pro]
    fallback: [openai/gpt-5-mini]
    default: deepseek/deepseek-flash
)",
      "sluice.yaml", With({{"SLUICE_ADMIN_TOKEN", "t"}, {"DEEPSEEK_KEY_A", "a"}, {"DEEPSEEK_KEY_B", "b"}}));
  ASSERT_TRUE(result) << Print(result.error().front());
  const Settings& s = **result;
  EXPECT_EQ(s.providers.at("deepseek").keys.size(), 2U);
  EXPECT_TRUE(s.providers.at("local").local);
  EXPECT_EQ(s.providers.at("openai").base_url.Print(), "https://api.openai.com/v1");
  EXPECT_EQ(s.models.at("assistant").preferred.Print(), "deepseek/deepseek-flash");
  EXPECT_EQ(s.models.at("assistant").fallback.at(0), (ModelRef{"openai", "gpt-5-mini"}));
}

// tidy: long because it lists every setting once.
TEST(ReaderTest, EverySettingReachesItsVariable) {
  const auto s = Accept(R"(
listen: 0.0.0.0:1
admin: { listen: "[::]:2", token: tok }
data: /var/lib/sluice
drain_timeout: 1s
auth: open
open_anywhere: true
threads: 7
tls: { cert: c.pem, key: k.pem }
http: { body_max: 1MiB, header_max: 2KiB, header_timeout: 3s, body_idle_timeout: 4s, body_timeout: 5s, keep_alive: 6s,
        connections_max: 7, streams_max: 6, requests_max: 8, write_idle_timeout: 9s }
answer_max: 10MiB
stream_frame_max: 11KiB
stream_commit_after: 12s
retry: { budget: 13%, budget_min: 14, attempts_max: 15, after_max: 16s }
providers:
  p: { dialect: openai, base_url: "http://h:9", key: k, in_flight_max: 17, queue_max: 18, queue_timeout: 19s, local: true,
       simulated: true, ca_file: ca.pem, http2: false, idle_max: 20, keep_alive: 21s,
       timeout: { connect: 22s, first_byte: 23s, idle: 24s, total: 25s }, models: [m/1, m2] }
models:
  a: { ladder: [p/x, p/y/z], fallback: [p/f], default: p/x }
telemetry:
  log: /var/log/sluice.log
  otlp: { endpoint: "http://127.0.0.1:4318", headers: { authorization: Bearer of-ours }, sample: 0.5% }
)");
  EXPECT_EQ(s->listen.Print(), "0.0.0.0:1");
  EXPECT_EQ(s->admin.listen.Print(), "[::]:2");
  EXPECT_EQ(s->admin.token.Reveal(), "tok");
  EXPECT_EQ(s->data, "/var/lib/sluice");
  EXPECT_EQ(s->drain_timeout, milliseconds(1000));
  EXPECT_EQ(s->auth, Auth::kOpen);
  EXPECT_TRUE(s->open_anywhere);
  EXPECT_EQ(s->threads, 7U);
  EXPECT_EQ(s->tls.cert + s->tls.key, "c.pemk.pem");
  EXPECT_EQ(s->http.body_max, 1U << 20);
  EXPECT_EQ(s->http.header_max, 2048U);
  EXPECT_EQ(s->http.header_timeout, milliseconds(3000));
  EXPECT_EQ(s->http.body_idle_timeout, milliseconds(4000));
  EXPECT_EQ(s->http.body_timeout, milliseconds(5000));
  EXPECT_EQ(s->http.keep_alive, milliseconds(6000));
  EXPECT_EQ(s->http.connections_max, 7U);
  EXPECT_EQ(s->http.streams_max, 6U);
  EXPECT_EQ(s->http.requests_max, 8U);
  EXPECT_EQ(s->http.write_idle_timeout, milliseconds(9000));
  EXPECT_EQ(s->answer_max, 10U << 20);
  EXPECT_EQ(s->stream_frame_max, 11U << 10);
  EXPECT_EQ(s->stream_commit_after, milliseconds(12'000));
  EXPECT_EQ(s->retry.budget, Percent{1300});
  EXPECT_EQ(s->retry.budget_min, 14U);
  EXPECT_EQ(s->retry.attempts_max, 15U);
  EXPECT_EQ(s->retry.after_max, milliseconds(16'000));
  const ProviderSettings& p = s->providers.at("p");
  EXPECT_EQ(p.dialect, ApiDialect::kOpenAi);
  EXPECT_EQ(p.base_url.Print(), "http://h:9");
  EXPECT_EQ(p.keys, std::vector<Secret>{Secret("k")});
  EXPECT_EQ(p.in_flight_max, 17U);
  EXPECT_EQ(p.queue_max, 18U);
  EXPECT_EQ(p.queue_timeout, milliseconds(19'000));
  EXPECT_TRUE(p.local && p.simulated);
  EXPECT_EQ(p.ca_file, "ca.pem");
  EXPECT_FALSE(p.http2);
  EXPECT_EQ(p.idle_max, 20U);
  EXPECT_EQ(p.keep_alive, milliseconds(21'000));
  EXPECT_EQ(p.timeout.connect, milliseconds(22'000));
  EXPECT_EQ(p.timeout.first_byte, milliseconds(23'000));
  EXPECT_EQ(p.timeout.idle, milliseconds(24'000));
  EXPECT_EQ(p.timeout.total, milliseconds(25'000));
  EXPECT_EQ(p.models, (std::vector<std::string>{"m/1", "m2"}));
  const AliasSettings& a = s->models.at("a");
  EXPECT_EQ(a.ladder, (std::vector<ModelRef>{{"p", "x"}, {"p", "y/z"}}));
  EXPECT_EQ(a.fallback, (std::vector<ModelRef>{{"p", "f"}}));
  EXPECT_EQ(a.preferred, (ModelRef{"p", "x"}));
  EXPECT_EQ(s->telemetry.log, "/var/log/sluice.log");
  EXPECT_EQ(s->telemetry.otlp.endpoint.Print(), "http://127.0.0.1:4318");
  EXPECT_EQ(s->telemetry.otlp.headers.at("authorization").Reveal(), "Bearer of-ours");
  EXPECT_EQ(s->telemetry.otlp.sample, Percent{50});
}

TEST(ReaderTest, AnUnknownKeyIsRefusedWithTheNearestOneAtItsPlace) {
  EXPECT_EQ(Refusal(kProviders + "lisen: 127.0.0.1:8080\n"),
            "sluice.yaml:2:1: unknown key \"lisen\", there is no such setting at the top, write listen");
  EXPECT_EQ(Refusal("providers:\n  d: { dialect: deepseek, key: k, timeout: { conect: 3s } }\n"),
            "sluice.yaml:2:46: unknown key \"conect\", there is no such setting under providers.d.timeout, "
            "write connect");
  EXPECT_EQ(Refusal(kProviders + "Listen: 127.0.0.1:8080\n"),
            "sluice.yaml:2:1: unknown key \"Listen\", there is no such setting at the top, write listen");
}

TEST(ReaderTest, AKnownKeyInTheWrongPlaceIsToldItsPlace) {
  EXPECT_EQ(Refusal(kProviders + "body_max: 1MiB\n"),
            "sluice.yaml:2:1: unknown key \"body_max\", there is no such setting at the top, move it to "
            "http.body_max");
}

TEST(ReaderTest, AKeyLikeNoOtherIsToldAllThatThereAre) {
  EXPECT_EQ(
      Refusal(kProviders + "tls: { zzzzzz: 1 }\n"),
      "sluice.yaml:2:8: unknown key \"zzzzzz\", there is no such setting under tls, use one of: cert key");
}

TEST(ReaderTest, AKeyWrittenTwiceIsRefusedAtItsSecondPlace) {
  EXPECT_EQ(Refusal("listen: 127.0.0.1:1\nauth: keys\nlisten: 127.0.0.1:2\n"),
            "sluice.yaml:3:1: \"listen\" is written twice, the first stands in line 1 and only one can hold, "
            "remove one of them");
  EXPECT_EQ(Refusal("providers: { a: {}, \"a\": {} }\n"),
            "sluice.yaml:1:21: \"a\" is written twice, the first stands in line 1 and only one can hold, "
            "remove one of "
            "them");
}

TEST(ReaderTest, AWrongValueSaysWhatWasMeant) {
  EXPECT_EQ(Refusal(kProviders + "drain_timeout: 30\n"),
            "sluice.yaml:2:16: drain_timeout is \"30\", a time needs its unit (ms, s, m, h or d), write 30s");
  EXPECT_EQ(Refusal(kProviders + "drain_timeout:   30 sec\n"),
            "sluice.yaml:2:18: drain_timeout is \"30 sec\", a time is a whole number and one of the units "
            "ms, s, m, h, d "
            "without a blank, write 30s");
  EXPECT_EQ(Refusal(kProviders + "drain_timeout: 2d\n"),
            "sluice.yaml:2:16: drain_timeout is \"2d\", the most is 1h, write 0s to 1h");
  EXPECT_EQ(Refusal(kProviders + "threads: 257\n"),
            "sluice.yaml:2:10: threads is \"257\", the most is 256, write 0 to 256");
  EXPECT_EQ(Refusal(kProviders + "http:\n  header_max: 12B\n"),
            "sluice.yaml:3:15: http.header_max is \"12B\", the least is 1KiB, write 1KiB to 1MiB");
  EXPECT_EQ(Refusal(kProviders + "auth: opn\n"),
            "sluice.yaml:2:7: auth is \"opn\", this setting is one of keys or open, write open");
  EXPECT_EQ(
      Refusal(kProviders + "open_anywhere: yes\n"),
      "sluice.yaml:2:16: open_anywhere is \"yes\", this setting is either on or off, write true or false");
  EXPECT_EQ(
      Refusal(kProviders + "listen: 8080\n"),
      "sluice.yaml:2:9: listen is \"8080\", a port alone does not say on which address, write for example "
      "127.0.0.1:8080");
}

TEST(ReaderTest, AValueOfTheWrongKindIsRefused) {
  EXPECT_EQ(Refusal(kProviders + "listen: [a]\n"),
            "sluice.yaml:2:9: listen is a list, one single value is expected here, write for example "
            "127.0.0.1:8080 (in "
            "quotes where it begins with ${)");
  EXPECT_EQ(Refusal(kProviders + "http: 3\n"),
            "sluice.yaml:2:7: http is a single value, a map of settings is expected here, write http: { "
            "name: value }");
  EXPECT_EQ(Refusal("providers:\n  d: { dialect: deepseek, keys: sk-oops }\n"),
            "sluice.yaml:2:33: providers.d.keys is a single value, a list is expected here, write keys: "
            "[\"${SOME_VARIABLE}\"]");
  EXPECT_EQ(Refusal(kProviders + "listen:\n"),
            "sluice.yaml:2:1: listen has no value, nothing stands after its colon, write 127.0.0.1:8080, or "
            "leave it out");
  EXPECT_EQ(Refusal("providers: { d: deepseek }\n"),
            "sluice.yaml:1:17: providers.d is a single value, a map of settings is expected here, write d: { "
            "name: value }");
}

TEST(ReaderTest, AnEmptyGroupLeavesItsDefaults) {
  EXPECT_EQ(Accept(kProviders + "http:\ntls: {}\nmodels:\n")->http.connections_max, 20'000U);
}

TEST(ReaderTest, EveryProblemIsReportedInTheOrderOfTheFile) {
  EXPECT_EQ(
      Refusal("zzzzzzzzz: 1\nthreads: x\nproviders: { d: { key: k } }\n"),
      "sluice.yaml:1:1: unknown key \"zzzzzzzzz\", there is no such setting at the top, use one of: listen "
      "admin data models_dir "
      "drain_timeout auth open_anywhere threads tls http answer_max stream_frame_max stream_commit_after "
      "retry "
      "translation max_output context_max providers models prices oidc budgets limits exchange alert_secret "
      "smtp sessions ledger telemetry\n"
      "sluice.yaml:2:10: threads is \"x\", a count is a whole number in plain digits, without sign, unit or "
      "separator, write for example 100\n"
      "sluice.yaml:3:14: providers.d has no dialect, it cannot be left out (openai, deepseek or anthropic), "
      "add dialect: openai");
}

TEST(ReaderTest, AFileFullOfProblemsGivesFifty) {
  std::string text = kProviders;
  for (int i = 0; i < 500; ++i) text += "nonsense" + std::to_string(i) + ": 1\n";
  const ReadResult result = Read(text);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().size(), 50U);
}

TEST(ReaderTest, AVariableIsReplacedWhereverAValueStands) {
  const auto env = With({{"KEY", "sk-1"}, {"PORT", "99"}, {"WAIT", "7s"}, {"EMPTY", ""}});
  const auto result = ReadText(
      "listen: 127.0.0.1:${PORT}\ndrain_timeout: ${WAIT}${EMPTY}\ndata: \"./a$${b}$c\"\n"
      "providers: { d: { dialect: deepseek, key: \"${KEY}\" } }\n",
      "f", env);
  ASSERT_TRUE(result) << Print(result.error().front());
  EXPECT_EQ((*result)->listen.port, 99);
  EXPECT_EQ((*result)->drain_timeout, milliseconds(7000));
  EXPECT_EQ((*result)->data, "./a${b}$c");
}

TEST(ReaderTest, AVariableThatIsNotSetIsNamed) {
  EXPECT_EQ(Refusal("providers:\n  d: { dialect: deepseek, key: \"${NOPE}\" }\n"),
            "sluice.yaml:2:32: providers.d.key is not a usable secret, the environment variable NOPE is not "
            "set, set NOPE "
            "before the start, or write the value here");
  EXPECT_EQ(Refusal(kProviders + "data: \"${oops\"\n"),
            "sluice.yaml:2:7: data is \"${oops\", a ${ is never closed, write ${NAME}, or $${ where you mean "
            "the two "
            "characters");
  EXPECT_EQ(Refusal(kProviders + "data: \"${a b}\"\n"),
            "sluice.yaml:2:7: data is \"${a b}\", what stands inside ${ } is not the name of an environment "
            "variable, write "
            "${NAME} with letters, digits and _, or $${ where you mean the two characters");
}

TEST(ReaderTest, WhatAVariableHoldsIsNotReplacedAgain) {
  const auto result = ReadText("data: \"${A}\"\n" + kProviders, "f", With({{"A", "${B}"}, {"B", "x"}}));
  ASSERT_TRUE(result);
  EXPECT_EQ((*result)->data, "${B}");
}

TEST(ReaderTest, NoProblemShowsASecret) {
  const auto env = With({{"S", "sk-very-secret"}});
  for (const char* text :
       {"listen: \"${S}\"\n", "threads: \"${S}\"\n", "auth: \"${S}\"\n", "http: { body_max: \"${S}\" }\n",
        "providers: { d: { dialect: deepseek, key: \"${S} \" } }\n",
        "providers: { d: { dialect: deepseek, keys: [\"sk-very-secret x\"] } }\n",
        "providers: { d: { dialect: deepseek, key: [sk-very-secret] } }\n",
        "providers: { d: { dialect: deepseek, base_url: \"https://${S}@h/\" } }\n",
        "providers: { d: { dialect: deepseek, keys: [sk-very-secret, sk-very-secret] } }\n",
        "admin: { token: \"sk-very-secret\\n\" }\n",
        "telemetry: { otlp: { headers: { a: \"sk-very-secret \" } } }\n"}) {
    const ReadResult result = ReadText(text, "f", env);
    ASSERT_FALSE(result) << text;
    for (const Problem& problem : result.error()) {
      EXPECT_EQ(Print(problem).find("very-secret"), std::string::npos) << Print(problem);
    }
  }
}

TEST(ReaderTest, AnEmptyFileIsRefused) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n", "~\n", "--- # x\n...\n"}) {
    EXPECT_EQ(Refusal(text).find("sluice.yaml:1:1: the config is empty, "), 0U) << Refusal(text);
  }
  EXPECT_EQ(Refusal("{}\n").find("sluice.yaml:1:1: there is no provider, "), 0U) << Refusal("{}\n");
}

TEST(ReaderTest, AFileThatIsNoMapIsRefused) {
  EXPECT_EQ(Refusal("- a\n").find("sluice.yaml:1:1: the config is not a map of settings"), 0U);
  EXPECT_EQ(Refusal("\n hello\n").find("sluice.yaml:2:2: the config is not a map of settings"), 0U);
}

TEST(ReaderTest, TabInTheIndentationIsNamed) {
  const std::string tab =
      "a tab stands in the indentation, YAML is indented with blanks only, write blanks instead of it";
  EXPECT_EQ(Refusal("providers:\n\td: { dialect: deepseek, key: k }\n"), "sluice.yaml:2:1: " + tab);
  EXPECT_EQ(Refusal("providers:\n  d:\n  \tdialect: deepseek\n    key: k\n"), "sluice.yaml:3:3: " + tab);
  EXPECT_EQ(Refusal("listen: [a\n").find(tab), std::string::npos);
}

TEST(ReaderTest, BrokenYamlHasThePlaceAndTheParsersWords) {
  EXPECT_EQ(Refusal("listen: [a\n")
                .find("sluice.yaml:2:1: the YAML cannot be read from here on, the parser says: "),
            0U)
      << Refusal("listen: [a\n");
  EXPECT_EQ(Refusal("a: b: c\n").find("sluice.yaml:1:5: the YAML cannot be read"), 0U)
      << Refusal("a: b: c\n");
  EXPECT_EQ(Refusal("a: \"b\n").find("sluice.yaml:1:4: a quote is opened here and never closed"), 0U)
      << Refusal("a: \"b\n");
  EXPECT_NE(Refusal("data: 'ä it''s\n").find("sluice.yaml:1:7: a quote is opened here"), std::string::npos);
  EXPECT_NE(Refusal(kProviders + "data: \"ä \\\"\n\n").find("sluice.yaml:2:7: a quote is"),
            std::string::npos);
  EXPECT_TRUE(Read(kProviders + "data: 'it''s'\n"));
  EXPECT_TRUE(Read(kProviders + "data: \"\\\"\""));
}

TEST(ReaderTest, AnchorsAliasesTagsAndSecondDocumentsAreRefused) {
  EXPECT_EQ(Refusal("data: &x abc\n").find("sluice.yaml:1:7: an anchor (&name) stands here"), 0U)
      << Refusal("data: &x abc\n");
  EXPECT_NE(Refusal("a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n").find("an anchor"), std::string::npos);
  EXPECT_NE(Refusal("data: !!str abc\n").find("a tag (!name) stands here"), std::string::npos);
  EXPECT_NE(Refusal(kProviders + "---\n" + kProviders).find("a second document begins here"),
            std::string::npos);
  EXPECT_NE(Refusal("? [a]\n: b\n").find("where a key is expected"), std::string::npos);
  EXPECT_NE(Refusal("listen: {${A}: b}\n").find("sluice.yaml:1:"), std::string::npos);
}

TEST(ReaderTest, DeepNestingEndsEarly) {
  const std::string deep = "a: " + std::string(1000, '[') + std::string(1000, ']');
  EXPECT_NE(Refusal(deep).find("nested more than 16 levels deep"), std::string::npos) << Refusal(deep);
  EXPECT_FALSE(Read("a: " + std::string(100'000, '[')));
  std::string indented;
  for (int i = 0; i < 40; ++i) indented += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_NE(Refusal(indented).find("nested more than 16 levels deep"), std::string::npos);
}

TEST(ReaderTest, BytesThatAreNoTextAreRefusedAtTheirPlace) {
  EXPECT_EQ(Refusal("data: x\ndata\xff: 1\n").find("sluice.yaml:2:5: a byte here is not UTF-8"), 0U);
  EXPECT_EQ(Refusal("data: x\n# \x04\nauth: open\n").find("sluice.yaml:2:3: a control character stands here"),
            0U);
  EXPECT_EQ(Refusal(std::string("data: \0x\n", 9)).find("sluice.yaml:1:7: a control character"), 0U);
  EXPECT_NE(Refusal(std::string(1'100'000, '#')).find("larger than 1MiB"), std::string::npos);
}

TEST(ReaderTest, WindowsLineEndsAndAByteOrderMarkDoNotMatter) {
  EXPECT_EQ(Accept("\xef\xbb\xbflisten: 127.0.0.1:9\r\n" + kProviders)->listen.port, 9);
}

TEST(CheckTest, OpenBeyondLoopbackMustBeMeant) {
  EXPECT_EQ(
      Refusal("listen: 0.0.0.0:8080\nauth: open\n" + kProviders),
      "sluice.yaml:2:7: auth is open and listen is 0.0.0.0:8080, anyone who reaches that address could spend "
      "your "
      "money, write auth: keys, or listen: 127.0.0.1:8080, or open_anywhere: true if that is what you want");
  EXPECT_TRUE(Read("listen: 0.0.0.0:8080\nauth: open\nopen_anywhere: true\n" + kProviders));
  EXPECT_TRUE(Read("listen: 0.0.0.0:8080\nauth: keys\n" + kProviders));
}

TEST(CheckTest, TheAdminListenerBeyondLoopbackNeedsAToken) {
  EXPECT_EQ(Refusal("admin: { listen: 0.0.0.0:8081 }\n" + kProviders)
                .find("sluice.yaml:1:18: admin.listen is 0.0.0.0:8081 and there is no admin.token, "),
            0U);
  EXPECT_TRUE(Read("admin: { listen: 0.0.0.0:8081, token: t }\n" + kProviders));
}

TEST(CheckTest, TwoListenersCannotShareAnAddressExceptPortZero) {
  EXPECT_NE(Refusal("listen: 127.0.0.1:8081\n" + kProviders).find("admin.listen and listen are both"),
            std::string::npos);
  EXPECT_TRUE(Read("listen: 127.0.0.1:0\nadmin: { listen: 127.0.0.1:0 }\n" + kProviders));
}

TEST(CheckTest, ACertificateAndItsKeyComeTogether) {
  EXPECT_EQ(Refusal("tls: { cert: a.pem }\n" + kProviders),
            "sluice.yaml:1:6: tls has no key, a certificate and its private key come together, write key: "
            "./key.pem, or "
            "remove tls");
}

TEST(CheckTest, AProviderNeedsAKeyUnlessItIsLocalOrSimulated) {
  EXPECT_EQ(Refusal("providers:\n  d:\n    dialect: deepseek\n"),
            "sluice.yaml:2:3: providers.d has no key, only a provider with local: true or simulated: true "
            "works without, "
            "write key: \"${SOME_API_KEY}\"");
  EXPECT_TRUE(Read("providers: { d: { dialect: deepseek, local: true } }\n"));
  EXPECT_TRUE(Read("providers: { d: { dialect: deepseek, simulated: true } }\n"));
  EXPECT_NE(
      Refusal("providers: { d: { dialect: deepseek, key: a, keys: [b] } }\n").find("has both key and keys"),
      std::string::npos);
  EXPECT_NE(Refusal("providers: { d: { dialect: deepseek, keys: [b, a, b] } }\n")
                .find("keys has the same key twice"),
            std::string::npos);
}

TEST(CheckTest, AnthropicsBaseUrlHasNoVersionAtItsEnd) {
  const auto with = [](const std::string& url) {
    return "providers:\n  c:\n    dialect: anthropic\n    key: a\n    base_url: " + url + "\n";
  };
  EXPECT_EQ(
      Refusal(with("https://h/v1")),
      "sluice.yaml:5:15: providers.c.base_url ends in /v1, its paths begin with /v1 themselves: it would "
      "be there twice, leave /v1 out, as in https://api.anthropic.com");
  EXPECT_TRUE(Read(with("https://h/anthropic")));
}

TEST(CheckTest, ARungOfAnUnknownProviderIsRefusedWithTheNearestOne) {
  EXPECT_EQ(Refusal(kProviders + "models:\n  a: { ladder: [deepseek/x, depseek/y] }\n"),
            "sluice.yaml:3:29: models.a.ladder[1] is \"depseek/y\", there is no provider \"depseek\" under "
            "providers, write "
            "deepseek/y");
  EXPECT_EQ(Refusal(kProviders + "models:\n  a: { ladder: [deepseek/x], fallback: [openai/y] }\n"),
            "sluice.yaml:3:41: models.a.fallback[0] is \"openai/y\", there is no provider \"openai\" under "
            "providers, add "
            "that provider, or name one that is there");
}

TEST(CheckTest, ALadderHasRungsAndEachOnce) {
  EXPECT_EQ(Refusal(kProviders + "models:\n  a: { ladder: [] }\n"),
            "sluice.yaml:3:16: models.a.ladder is empty, it needs at least one item, write ladder: "
            "[deepseek/deepseek-flash]");
  EXPECT_EQ(Refusal(kProviders + "models:\n  a:\n"),
            "sluice.yaml:3:3: models.a has no ladder, it cannot be left out (list of `provider/model`, at "
            "most 16), add "
            "ladder: [deepseek/deepseek-flash]");
  EXPECT_NE(Refusal(kProviders + "models:\n  a: { ladder: [deepseek/x, deepseek/x] }\n").find("again"),
            std::string::npos);
  EXPECT_NE(Refusal(kProviders + "models:\n  a: { ladder: [deepseek] }\n").find("with a slash between"),
            std::string::npos);
}

TEST(CheckTest, TheDefaultIsARungOfTheLadder) {
  EXPECT_EQ(Refusal(kProviders +
                    "models:\n  a: { ladder: [deepseek/flash, deepseek/pro], default: deepseek/flsh }\n"),
            "sluice.yaml:3:57: models.a.default is \"deepseek/flsh\", it is not a rung of its ladder, write "
            "deepseek/flash");
}

TEST(CheckTest, AnAliasHasNoSlash) {
  EXPECT_EQ(Refusal(kProviders + "models:\n  team/a: { ladder: [deepseek/x] }\n"),
            "sluice.yaml:3:3: the name \"team/a\" cannot stand under models, a name that applications ask "
            "for has no slash, "
            "because provider/model already asks for a provider's own model, write for example assistant");
  EXPECT_TRUE(Read(kProviders + "models:\n  a: { ladder: [deepseek/x] }\n  b: { ladder: [deepseek/x] }\n"));
}

TEST(CheckTest, OtlpWithoutAnEndpointIsRefused) {
  EXPECT_NE(
      Refusal(kProviders + "telemetry: { otlp: { sample: 1% } }\n").find("telemetry.otlp has no endpoint"),
      std::string::npos);
}

TEST(CheckTest, SettingsChangedByTheCommandLineAreCheckedWithoutAPlace) {
  Settings settings = *Accept("auth: open\n" + kProviders);
  settings.listen = *HostPort::Parse("0.0.0.0:80");
  const std::vector<Problem> problems = Check(settings);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(Print(problems[0]).find("auth is open and listen is 0.0.0.0:80, "), 0U);
}

TEST(ReadFileTest, AFileIsReadAndOneThatCannotBeReadIsAProblem) {
  const std::string path = testing::TempDir() + "config_reader_test.yaml";
  std::ofstream(path) << kProviders;
  EXPECT_TRUE(ReadFile(path, With({})));
  std::ofstream(path) << std::string(1'200'000, '#');
  const auto too_large = ReadFile(path, With({}));
  ASSERT_FALSE(too_large);
  EXPECT_EQ(Print(too_large.error().at(0)).find(path + ": the config is larger than 1MiB"), 0U);
  std::remove(path.c_str());
  const auto missing = ReadFile(path, With({}));
  ASSERT_FALSE(missing);
  EXPECT_EQ(Print(missing.error().at(0)), path +
                                              ": the config cannot be read, No such file or directory, check "
                                              "the name and the permissions, or give "
                                              "another with -c");
  const auto folder = ReadFile(testing::TempDir(), With({}));
  ASSERT_FALSE(folder);
  EXPECT_NE(Print(folder.error().at(0)).find("not a regular file"), std::string::npos);
}

TEST(DefaultSettingsTest, EachKeyInTheEnvironmentMakesItsProvider) {
  const Settings all =
      DefaultSettings(With({{"DEEPSEEK_API_KEY", "d"}, {"OPENAI_API_KEY", "o"}, {"ANTHROPIC_API_KEY", "a"}}));
  EXPECT_EQ(all.auth, Auth::kOpen);
  EXPECT_EQ(all.providers.at("deepseek").keys.at(0).Reveal(), "d");
  EXPECT_EQ(all.providers.at("openai").base_url.Print(), "https://api.openai.com/v1");
  EXPECT_EQ(all.providers.at("anthropic").keys.at(0).Reveal(), "a");
  EXPECT_EQ(all.providers.at("anthropic").base_url.Print(), "https://api.anthropic.com");
  EXPECT_TRUE(Check(all).empty());
  EXPECT_TRUE(DefaultSettings(With({{"OPENAI_API_KEY", ""}})).providers.empty());
}

TEST(ExplainTest, WarnsOfTheMakersAddressWithoutItsPath) {
  const auto of = [](const std::string& url) {
    return Explain(*Accept("providers:\n  o: { dialect: openai, key: k, base_url: \"" + url + "\" }\n"));
  };
  const std::string warning =
      "  Warning: its API begins with /v1; write base_url: https://api.openai.com/v1.\n";
  EXPECT_NE(of("https://api.openai.com").find(warning), std::string::npos);
  EXPECT_NE(of("https://api.openai.com/").find(warning), std::string::npos);
  EXPECT_EQ(of("https://api.openai.com/v1").find(warning), std::string::npos);
  EXPECT_EQ(of("https://box.example.com").find(warning), std::string::npos);
}

TEST(ExplainTest, SaysWhatWillHappenAndNoSecret) {
  const std::string text = Explain(*Accept(
      "admin: { token: admin-secret }\nproviders:\n  deepseek: { dialect: deepseek, keys: [sk-a-secret, "
      "sk-b-secret] }\n"
      "  box: { dialect: openai, base_url: \"http://10.0.0.5:8000/v1\", key: sk-c-secret, queue_max: 0 }\n"
      "models:\n  assistant: { ladder: [box/small, deepseek/flash], fallback: [deepseek/pro], default: "
      "box/small }\n"
      "  middle: { ladder: [box/small, deepseek/flash, deepseek/pro], default: deepseek/flash }\n"));
  for (const char* line :
       {"Applications connect to 127.0.0.1:8080.\n",
        "Operators connect to 127.0.0.1:8081 with the admin token.\n",
        "Provider deepseek speaks deepseek at https://api.deepseek.com with 2 keys.\n",
        "  It takes chat and messages requests.\n",
        "Provider box speaks openai at http://10.0.0.5:8000/v1 with 1 key.\n", "  It takes chat requests.\n",
        "  Warning: http sends its keys and all prompts unencrypted.\n",
        "  At most 2500 calls in flight; one more is answered 429.\n",
        "Model assistant is answered by box/small.\n",
        "  Its ladder, weakest first: box/small, deepseek/flash.\n",
        "  If that fails, other rungs: deepseek/flash.\n",
        "  If that fails, other rungs: deepseek/pro, then box/small.\n",
        "  If the whole ladder fails: deepseek/pro.\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\nin\n" << text;
  }
  EXPECT_EQ(text.find("secret"), std::string::npos) << text;
}

}  // namespace
}  // namespace config
