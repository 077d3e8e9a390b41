#include "wire/splice.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace wire {
namespace {

std::string Spliced(std::string_view body, const SpliceOptions& options) {
  const auto request = ParseRequest(chat::Operation::kChat, body);
  EXPECT_TRUE(request) << body;
  const SplicedBody spliced = Splice(*request, options);
  EXPECT_EQ(spliced.Join().size(), spliced.Bytes());
  return spliced.Join();
}

TEST(SpliceTest, NothingToChangeIsOnePieceOfTheCallersBytes) {
  for (const char* body :
       {R"( {"model" : "m", "x":1} )",
        R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})",
        R"({"model":"m","stream":false})", R"({"model":"\u006d","stream_options":null})"}) {
    const std::string_view text = body;
    const auto request = ParseRequest(chat::Operation::kChat, text);
    ASSERT_TRUE(request);
    const SplicedBody spliced = Splice(*request, {.model = "m", .force_usage = true});
    EXPECT_TRUE(spliced.Untouched());
    ASSERT_EQ(spliced.Pieces(), 1u);
    EXPECT_EQ(spliced.Piece(0).data(), text.data());
    EXPECT_EQ(spliced.Bytes(), text.size());
  }
}

TEST(SpliceTest, OnlyTheModelChanges) {
  EXPECT_EQ(Spliced(R"( { "a":1 , "model" :	"m" , "b":2})", {.model = "new"}),
            R"( { "a":1 , "model" :	"new" , "b":2})");
  EXPECT_EQ(Spliced(R"({"model":"m"})", {.model = "a \"quoted\"\n name"}),
            R"({"model":"a \"quoted\"\n name"})");
  EXPECT_EQ(Spliced(R"({"model":"m"})", {}), R"({"model":"m"})");
}

TEST(SpliceTest, UsageIsForcedIntoWhateverStandsThere) {
  const auto forced = [](std::string_view stream_options) {
    return Spliced(R"({"model":"m","stream":true)" + std::string(stream_options) + "}",
                   {.force_usage = true});
  };
  const std::string head = R"({"model":"m","stream":true,"stream_options":)";
  EXPECT_EQ(forced(""), R"({"model":"m","stream_options":{"include_usage":true},"stream":true})");
  EXPECT_EQ(forced(R"(,"stream_options":null)"), head + R"({"include_usage":true}})");
  EXPECT_EQ(forced(R"(,"stream_options":{})"), head + R"({"include_usage":true}})");
  EXPECT_EQ(forced(R"(,"stream_options":{ })"), head + R"({"include_usage":true }})");
  EXPECT_EQ(forced(R"(,"stream_options":{"include_usage":false})"), head + R"({"include_usage":true}})");
  EXPECT_EQ(forced(R"(,"stream_options":{"include_usage":null})"), head + R"({"include_usage":true}})");
  EXPECT_EQ(forced(R"(,"stream_options":{"x":{"include_usage":false}})"),
            head + R"({"include_usage":true,"x":{"include_usage":false}}})");
  EXPECT_EQ(forced(R"(,"stream_options": {
	"x" : 1 , "include_usage" : false })"),
            head + R"( {
	"x" : 1 , "include_usage" : true }})");
  EXPECT_EQ(forced(R"(,"str\u0065am_options":{"includ\u0065_usage":false})"),
            R"({"model":"m","stream":true,"str\u0065am_options":{"includ\u0065_usage":true}})");
}

TEST(SpliceTest, ModelAndUsageChangeTogetherInEitherOrder) {
  EXPECT_EQ(
      Spliced(R"({"stream_options":null,"model":"m","stream":true})", {.model = "n", .force_usage = true}),
      R"({"stream_options":{"include_usage":true},"model":"n","stream":true})");
  EXPECT_EQ(
      Spliced(R"({"model":"m","stream":true,"stream_options":{}})", {.model = "n", .force_usage = true}),
      R"({"model":"n","stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(Spliced(R"({"model":"m","stream":true})", {.model = "n", .force_usage = true}),
            R"({"model":"n","stream_options":{"include_usage":true},"stream":true})");
}

std::string Limited(chat::Operation operation, std::string_view body,
                    std::string_view member = "max_tokens") {
  const auto request = ParseRequest(operation, body);
  EXPECT_TRUE(request) << body;
  return Splice(*request, {.output_limit = 7, .output_member = member}).Join();
}

TEST(SpliceTest, AnOutputLimitThatIsWrittenGivesWay) {
  using chat::Operation;
  EXPECT_EQ(Limited(Operation::kChat, R"({"model":"m", "max_tokens" : 100 })"),
            R"({"model":"m", "max_tokens" : 7 })");
  EXPECT_EQ(Limited(Operation::kChat, R"({"max_completion_tokens":100,"model":"m"})"),
            R"({"max_completion_tokens":7,"model":"m"})");
  EXPECT_EQ(Limited(Operation::kChat, R"({"max_tokens":9,"model":"m","max_completion_tokens":8})"),
            R"({"max_tokens":7,"model":"m","max_completion_tokens":7})");
  EXPECT_EQ(Limited(Operation::kResponses, R"({"model":"m","max_output_tokens":20})", "max_output_tokens"),
            R"({"model":"m","max_output_tokens":7})");
  EXPECT_EQ(Limited(Operation::kMessages, R"({"model":"m","max_t\u006fkens":20})"),
            R"({"model":"m","max_t\u006fkens":7})");
}

TEST(SpliceTest, AnOutputLimitThatIsNotWrittenIsPutInFront) {
  using chat::Operation;
  EXPECT_EQ(Limited(Operation::kChat, R"( { "model":"m"})", "max_completion_tokens"),
            R"( {"max_completion_tokens":7, "model":"m"})");
  EXPECT_EQ(Limited(Operation::kChat, R"({"model":"m","max_tokens":null})"),
            R"({"model":"m","max_tokens":7})");
  EXPECT_EQ(Limited(Operation::kChat, R"({"model":"m","max_tokens":null})", "max_completion_tokens"),
            R"({"max_completion_tokens":7,"model":"m","max_tokens":null})");
  EXPECT_EQ(Limited(Operation::kResponses, R"({"model":"m"})", "max_output_tokens"),
            R"({"max_output_tokens":7,"model":"m"})");
}

TEST(SpliceTest, WhatGeneratesNothingHasNoOutputLimit) {
  using chat::Operation;
  for (const Operation operation : {Operation::kEmbedding, Operation::kCountTokens}) {
    EXPECT_EQ(Limited(operation, R"({"model":"m","max_tokens":9})"), R"({"model":"m","max_tokens":9})");
  }
}

TEST(SpliceTest, ModelUsageAndBothLimitsChangeTogether) {
  const auto request = ParseRequest(
      chat::Operation::kChat,
      R"({"max_tokens":9,"stream_options":{},"model":"m","stream":true,"max_completion_tokens":8,"x":1})");
  ASSERT_TRUE(request);
  const SplicedBody spliced = Splice(*request, {.model = "n", .force_usage = true, .output_limit = 7});
  EXPECT_EQ(spliced.Join(),
            R"({"max_tokens":7,"stream_options":{"include_usage":true},"model":"n","stream":true,)"
            R"("max_completion_tokens":7,"x":1})");
  EXPECT_EQ(spliced.Pieces(), 9U);
}

TEST(SpliceTest, UsageIsNotForcedWhereThereIsNoStream) {
  const std::string body = R"({"model":"m","stream_options":{"include_usage":false}})";
  EXPECT_EQ(Spliced(body, {.force_usage = true}), body);
}

TEST(SpliceTest, PiecesSurviveAMove) {
  const std::string body = R"({"model":"m","stream":true})";
  std::vector<SplicedBody> moved;
  for (int i = 0; i < 10; ++i) {
    moved.push_back(Splice(*ParseRequest(chat::Operation::kChat, body), {.model = "n", .force_usage = true}));
  }
  for (const SplicedBody& spliced : moved) {
    EXPECT_EQ(spliced.Join(), R"({"model":"n","stream_options":{"include_usage":true},"stream":true})");
  }
}

// Writes odd but legal bodies: what surrounds the spliced values must come out byte for byte.
class OddBody {
 public:
  explicit OddBody(std::uint64_t seed) : random_(seed) {}

  std::string Write() {
    std::vector<std::string> members;
    members.push_back(Key("model") + Space() + ":" + Space() + "\"old\"");
    if (random_.Below(4) != 0) members.push_back(Key("stream") + ":" + Space() + "true");
    switch (random_.Below(6)) {
      case 0:
        members.push_back(Key("stream_options") + ":null");
        break;
      case 1:
        members.push_back(Key("stream_options") + ":" + Space() + "{" + Space() + "}");
        break;
      case 2:
        members.push_back("\"stream_options\":{" + Space() + Key("include_usage") + ":false" + Space() + "}");
        break;
      case 3:
        members.push_back("\"stream_options\":{\"o\":" + Value(2) + Space() + "}");
        break;
      case 4:
        members.push_back("\"stream_options\":{\"include_usage\":true,\"o\":" + Value(2) + "}");
        break;
      default:
        break;
    }
    for (std::uint64_t i = random_.Below(8); i > 0; --i) {
      members.push_back("\"f" + std::to_string(i) + "\"" + Space() + ":" + Value(4));
    }
    for (std::size_t i = members.size(); i > 1; --i) std::swap(members[i - 1], members[random_.Below(i)]);
    std::string body = Space() + "{" + Space();
    for (std::size_t i = 0; i < members.size(); ++i)
      body += (i == 0 ? "" : ",") + Space() + members[i] + Space();
    return body + "}" + Space();
  }

 private:
  std::string Space() {
    static constexpr std::string_view kSpaces = " \t\r\n";
    std::string space;
    while (random_.Below(3) == 0) space += kSpaces[random_.Below(kSpaces.size())];
    return space;
  }

  // The key, now and then with one letter escaped.
  std::string Key(std::string_view name) {
    std::string key(name);
    if (random_.Below(3) == 0) {
      const std::size_t at = random_.Below(key.size());
      static constexpr std::string_view kHex = "0123456789abcdef";
      const auto letter = static_cast<unsigned char>(key[at]);
      key.replace(at, 1, std::string("\\u00") + kHex[letter >> 4] + kHex[letter & 15]);
    }
    return "\"" + key + "\"";
  }

  std::string Value(int depth) {
    static constexpr std::string_view kScalars[] = {
        "null",
        "true",
        "12345678901234567890123456789",
        "-0.0e-0",
        "1e999",
        "\"\"",
        "01",
        R"("\ud83d\ude00 \ud800 \"model\":\"old\" \\")",
        "\"\xe4\xbd\xa0\xe5\xa5\xbd\"",
        R"("a\/b\u0000")",
        R"({"model":"old","stream_options":{"include_usage":false}})"};
    if (depth == 0 || random_.Below(2) == 0) return Space() + std::string(kScalars[random_.Below(11)]);
    if (random_.Below(60) == 0) return "\"" + std::string(1 << 20, 'x') + "\"";
    std::string list = random_.Below(2) == 0 ? "[" : "{";
    const bool object = list == "{";
    for (std::uint64_t i = random_.Below(4); i > 0; --i) {
      if (list.size() > 1) list += ',';
      if (object) list += Key("key") + Space() + ":";
      list += Value(depth - 1) + Space();
    }
    return list + (object ? "}" : "]");
  }

  base::Random random_;
};

TEST(SpliceTest, BytesOutsideTheSplicedValuesAreIdenticalForOddBodies) {
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const std::string body = OddBody(seed).Write();
    const auto request = ParseRequest(chat::Operation::kChat, body);
    ASSERT_TRUE(request) << seed << ": " << request.error().detail;
    const SplicedBody spliced = Splice(*request, {.model = "other", .force_usage = true});
    // What the pieces that are views show must be the body, in order, but for the values that gave way.
    std::size_t at = 0;
    std::size_t dropped = 0;
    for (std::size_t i = 0; i < spliced.Pieces(); ++i) {
      const std::string_view piece = spliced.Piece(i);
      const bool view = piece.data() >= body.data() && piece.data() <= body.data() + body.size();
      if (!view) continue;
      const auto offset = static_cast<std::size_t>(piece.data() - body.data());
      ASSERT_GE(offset, at);
      dropped += offset - at;
      at = offset + piece.size();
    }
    ASSERT_EQ(at, body.size());
    std::size_t expected = request->model_value.raw.size();
    const bool forced = request->stream && !request->include_usage;
    if (forced && request->stream_options && request->stream_options->IsNull()) expected += 4;
    if (forced && request->include_usage_value) expected += request->include_usage_value->raw.size();
    EXPECT_EQ(dropped, expected) << seed;

    const std::string joined = spliced.Join();
    const auto again = ParseRequest(chat::Operation::kChat, joined);
    ASSERT_TRUE(again) << seed << ": " << again.error().detail;
    EXPECT_EQ(again->model, "other");
    EXPECT_EQ(again->include_usage, request->stream);
    EXPECT_TRUE(Splice(*again, {.model = "other", .force_usage = true}).Untouched());
  }
}

TEST(SpliceTest, OfAMessagesRequestOnlyTheModelIsReplaced) {
  const std::string body = R"({"stream":true,"stream_options":{} , "model" : "a","messages":[]})";
  const auto request = ParseRequest(chat::Operation::kMessages, body);
  ASSERT_TRUE(request);
  EXPECT_EQ(Splice(*request, {.model = "b", .force_usage = true}).Join(),
            R"({"stream":true,"stream_options":{} , "model" : "b","messages":[]})");
}

}  // namespace
}  // namespace wire
