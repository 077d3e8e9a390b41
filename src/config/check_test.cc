#include "config/check.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/explain.h"
#include "config/reader.h"

namespace config {
namespace {

// What is wrong with a file in which only the variable KEY is set: line, column and the first words of each.
std::vector<std::string> Problems(std::string_view text) {
  const ReadResult result = ReadText(text, "f", [](std::string_view name) -> std::optional<std::string> {
    return name == "KEY" ? std::optional<std::string>("sk-1") : std::nullopt;
  });
  std::vector<std::string> out;
  if (result) return out;
  for (const Problem& problem : result.error()) {
    out.push_back(std::to_string(problem.at.line) + ":" + std::to_string(problem.at.column) + " " +
                  problem.what + ", " + problem.instead);
  }
  return out;
}

using List = std::vector<std::string>;

TEST(CheckTest, MistakesOfAllKindsComeInOneRound) {
  EXPECT_EQ(Problems("drain_timeout: 30\n"
                     "auth: open\n"
                     "listen: 0.0.0.0:80\n"
                     "providers:\n"
                     "  d: { dialect: deepseek }\n"
                     "models:\n"
                     "  a: { ladder: [dd/x] }\n"),
            (List{"1:16 drain_timeout is \"30\", write 30s",
                  "2:7 auth is open and listen is 0.0.0.0:80, write auth: keys, or listen: 127.0.0.1:80, or "
                  "open_anywhere: true if that is what you want",
                  "5:3 providers.d has no key, write key: \"${SOME_API_KEY}\"",
                  "7:17 models.a.ladder[0] is \"dd/x\", write d/x"}));
}

TEST(CheckTest, OneMistakeIsToldOnce) {
  // Each of these makes other settings look wrong that are not.
  EXPECT_EQ(Problems("provider:\n  d: { dialect: deepseek, key: k }\n").size(), 1u);
  EXPECT_EQ(Problems("providers:\n  d: { dialect: deepseek, kye: k }\n").size(), 1u);
  EXPECT_EQ(Problems("providers:\n  d: { dialekt: deepseek, key: k }\n").size(), 1u);
  EXPECT_EQ(Problems("providers:\n  d: { dialect: deepseek, key: \"${GONE}\" }\n").size(), 1u);
  EXPECT_EQ(Problems("providers:\n  d d: { dialect: deepseek, key: k }\n").size(), 1u);
  EXPECT_EQ(Problems("providers: [d]\nmodels:\n  a: { ladder: [d/x] }\n").size(), 1u);
  EXPECT_EQ(Problems("auth: open\nlisten: 0.0.0.0\nproviders:\n  d: { dialect: deepseek, key: k }\n").size(),
            1u);
}

TEST(CheckTest, ASegmentHasRoomForTheRowsOfRequestsInFlight) {
  const std::string provider = "providers:\n  d: { dialect: deepseek, key: k }\n";
  EXPECT_EQ(
      Problems(provider + "http: { requests_max: 257 }\nledger: { segment_size: 1MiB }\n"),
      (List{"4:25 http.requests_max is 257, and on a full disk a ledger.segment_size of 1MiB has room for "
            "the rows of 256, write segment_size: 2MiB, or http.requests_max: 256"}));
  EXPECT_EQ(
      Problems(provider + "http: { requests_max: 300000 }\n"),
      (List{"3:23 http.requests_max is 300000, and on a full disk a ledger.segment_size of 64MiB has room "
            "for the rows of 16384, write http.requests_max: 16384, or when_full: continue"}));
  EXPECT_EQ(Problems(provider + "http: { requests_max: 256 }\nledger: { segment_size: 1MiB }\n"), List{});
  EXPECT_EQ(Problems(provider + "http: { requests_max: 300000 }\nledger: { when_full: continue }\n"), List{});
}

TEST(CheckTest, ItemsAreNamedByTheirPlaceInTheFile) {
  EXPECT_EQ(Problems("providers:\n  d: { dialect: deepseek, key: k }\n"
                     "models:\n  a: { ladder: [nothing, e/x, d/y] }\n"),
            (List{"4:17 models.a.ladder[0] is \"nothing\", write for example deepseek/deepseek-flash",
                  "4:26 models.a.ladder[1] is \"e/x\", write d/x"}));
}

TEST(CheckTest, AdviceForADefaultNamesNoProviderThatIsNotThere) {
  const std::string file = "providers:\n  deepseek: { dialect: deepseek, key: k }\nmodels:\n  a: ";
  EXPECT_EQ(Problems(file + "{ ladder: [deepsek/x], default: deepseek/x }\n"),
            (List{"4:17 models.a.ladder[0] is \"deepsek/x\", write deepseek/x"}));
  EXPECT_EQ(Problems(file + "{ ladder: [deepsek/x, deepseek/y], default: deepseek/xx }\n"),
            (List{"4:17 models.a.ladder[0] is \"deepsek/x\", write deepseek/x",
                  "4:50 models.a.default is \"deepseek/xx\", write deepseek/x"}));
  EXPECT_EQ(Problems(file + "{ ladder: [somebody/x], default: other/y }\n"),
            (List{"4:17 models.a.ladder[0] is \"somebody/x\", add that provider, or name one that is there",
                  "4:39 models.a.default is \"other/y\", write one of its rungs"}));
}

std::string Explained(std::string_view text) {
  const ReadResult read = ReadText(text, "f", [](std::string_view) { return std::nullopt; });
  return read ? Explain(**read) : "refused";
}

TEST(CheckTest, WordsSayWhatBecomesOfBareNames) {
  const std::string with =
      Explained("providers:\n  d: { dialect: deepseek, key: k }\nmodels:\n  a: { ladder: [d/x] }\n");
  EXPECT_NE(with.find("A bare name that is not among these is answered 404."), std::string::npos) << with;
  const std::string without = Explained(
      "providers:\n  d: { dialect: deepseek, key: k }\n"
      "  box: { dialect: openai, local: true, base_url: \"http://127.0.0.1:1/v1\", models: [m1, m2] }\n");
  EXPECT_NE(without.find("  Of box these are known by their bare names: m1, m2.\n"), std::string::npos)
      << without;
  EXPECT_NE(without.find("  What d has is asked of the provider itself"), std::string::npos) << without;
}

TEST(CheckTest, WordsSayWhatNeedsARestart) {
  const std::string words = Explained("providers:\n  d: { dialect: deepseek, key: k }\n");
  EXPECT_NE(words.find("These need a restart:\n  listen, admin.listen, data, models_dir, auth, threads, "),
            std::string::npos)
      << words;
}

}  // namespace
}  // namespace config
