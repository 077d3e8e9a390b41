#include "wire/request.h"

#include <gtest/gtest.h>

#include <string>

namespace wire {
namespace {

using chat::Operation;

tl::expected<RequestView, RequestFault> Parse(std::string_view body) {
  return ParseRequest(Operation::kChat, body);
}

std::string WhyNot(std::string_view body) {
  const auto request = Parse(body);
  if (request) return "accepted";
  return request.error().detail;
}

TEST(RequestTest, ReadsWhatSluiceNeeds) {
  const std::string body = R"({"model":"gpt-x","messages":[{"role":"user","content":"hi"}],"stream":true,
      "stream_options":{"include_usage":true},"max_tokens":100,"max_completion_tokens":50,"n":2,"best_of":3,
      "user":"ann","user_id":"u-1","metadata":{"app":"x"},"tools":[{}],"response_format":{"type":"json_object"},
      "unknown":[1e999]})";
  const auto request = Parse(body);
  ASSERT_TRUE(request) << request.error().detail;
  EXPECT_EQ(request->model, "gpt-x");
  EXPECT_EQ(request->model_value.raw, "\"gpt-x\"");
  EXPECT_TRUE(request->stream);
  EXPECT_TRUE(request->include_usage);
  EXPECT_EQ(request->max_tokens, 100);
  EXPECT_EQ(request->max_completion_tokens, 50);
  EXPECT_EQ(request->OutputLimit(), 50);
  EXPECT_EQ(request->n, 2);
  EXPECT_EQ(request->best_of, 3);
  EXPECT_EQ(request->user, "ann");
  EXPECT_EQ(request->user_id, "u-1");
  EXPECT_EQ(request->metadata, R"({"app":"x"})");
  EXPECT_EQ(request->prompt, R"([{"role":"user","content":"hi"}])");
  EXPECT_EQ(request->response_format, R"({"type":"json_object"})");
  EXPECT_TRUE(request->tools);
}

TEST(RequestTest, EverythingButTheModelMayBeAbsent) {
  const auto request = Parse(R"({"model":"m"})");
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->stream);
  EXPECT_FALSE(request->include_usage);
  EXPECT_EQ(request->OutputLimit(), std::nullopt);
  EXPECT_EQ(request->n, 1);
  EXPECT_EQ(request->best_of, 1);
  EXPECT_TRUE(request->user.empty());
  EXPECT_TRUE(request->prompt.empty());
  EXPECT_FALSE(request->tools);
  EXPECT_FALSE(request->stream_options);
}

TEST(RequestTest, NameOfTheModelIsBounded) {
  EXPECT_TRUE(Parse(R"({"model":")" + std::string(kModelBytesMax, 'm') + R"("})"));
  const auto refused = Parse(R"({"model":")" + std::string(kModelBytesMax + 1, 'm') + R"("})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "model");
  EXPECT_EQ(refused.error().detail.find("mmm"), std::string::npos);
}

TEST(RequestTest, NullCountsAsUnset) {
  const auto request = Parse(R"({"model":"m","stream":null,"stream_options":null,"max_tokens":null,"n":null,
      "max_completion_tokens":null,"best_of":null,"user":null,"user_id":null,"metadata":null,"tools":null,
      "response_format":null,"messages":null})");
  ASSERT_TRUE(request) << request.error().detail;
  EXPECT_FALSE(request->stream);
  EXPECT_EQ(request->OutputLimit(), std::nullopt);
  EXPECT_EQ(request->n, 1);
  EXPECT_FALSE(request->tools);
  EXPECT_TRUE(request->response_format.empty());
  EXPECT_TRUE(request->prompt.empty());
  EXPECT_TRUE(request->stream_options->IsNull());
}

TEST(RequestTest, EachOperationHasItsOwnPrompt) {
  const std::string body = R"({"model":"m","messages":[1],"prompt":"p","input":["i"],"stream":true})";
  EXPECT_EQ(ParseRequest(Operation::kChat, body)->prompt, "[1]");
  EXPECT_EQ(ParseRequest(Operation::kCompletion, body)->prompt, "\"p\"");
  EXPECT_EQ(ParseRequest(Operation::kEmbedding, body)->prompt, "[\"i\"]");
  EXPECT_FALSE(ParseRequest(Operation::kEmbedding, body)->stream);
}

TEST(RequestTest, ModelMustBeNamed) {
  EXPECT_EQ(WhyNot("{}"), "model is missing; name the model that is to answer");
  EXPECT_EQ(WhyNot(R"({"model":null})"), "model is missing; name the model that is to answer");
  for (const char* body : {R"({"model":1})", R"({"model":""})", R"({"model":["m"]})"}) {
    EXPECT_EQ(WhyNot(body), "model must be a string that names the model that is to answer");
  }
}

TEST(RequestTest, ModelIsUnderstoodThroughEscapes) {
  const auto request = Parse(R"({"mod\u0065l":"gpt\u002dx"})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->model, "gpt-x");
  EXPECT_EQ(request->model_value.raw, R"("gpt\u002dx")");
}

TEST(RequestTest, LimitsMustBePositiveIntegers) {
  for (const char* name : {"max_tokens", "max_completion_tokens", "n", "best_of"}) {
    for (const char* value : {"0", "-1", "1.0", "1e2", "\"5\"", "true", "[]", "{}", "01", "NaN",
                              "9223372036854775808", "123456789012345678901234567890"}) {
      const std::string body = R"({"model":"m",")" + std::string(name) + "\":" + value + "}";
      const std::string example = std::string_view(name).ends_with("tokens") ? "256" : "1";
      EXPECT_EQ(WhyNot(body), std::string(name) + " must be a positive integer such as " + example +
                                  "; write one or leave it out")
          << value;
    }
  }
}

TEST(RequestTest, FieldThatIsWrongIsNamedApartFromTheSentence) {
  const auto field = [](const char* body) { return Parse(body).error().field; };
  EXPECT_EQ(field(R"({"model":"m","max_tokens":0,"n":0})"), "max_tokens");
  EXPECT_EQ(field(R"({"model":"m","max\u005ftokens":0})"), "max_tokens");
  EXPECT_EQ(field(R"({"messages":[]})"), "model");
  EXPECT_EQ(field(R"({"model":"m","stream":true,"stream_options":7})"), "stream_options");
  EXPECT_EQ(field(R"({"model":"m","model":"m"})"), "");
  EXPECT_EQ(field("[]"), "");
}

TEST(RequestTest, StreamMustBeTrueOrFalse) {
  for (const char* value : {"1", "\"true\"", "[]", "True"}) {
    EXPECT_EQ(WhyNot(R"({"model":"m","stream":)" + std::string(value) + "}"),
              "stream must be true or false; write one or leave it out");
  }
}

TEST(RequestTest, StreamOptionsAreReadOnlyForStreams) {
  EXPECT_TRUE(Parse(R"({"model":"m","stream_options":7})"));
  EXPECT_TRUE(Parse(R"({"model":"m","stream":false,"stream_options":{"include_usage":7}})"));
  EXPECT_NE(
      WhyNot(R"({"model":"m","stream":true,"stream_options":7})").find("stream_options must be an object"),
      std::string::npos);
  EXPECT_EQ(WhyNot(R"({"stream_options":{"include_usage":7},"model":"m","stream":true})"),
            "stream_options.include_usage must be true or false; write one or leave it out");
  EXPECT_EQ(
      WhyNot(R"({"model":"m","stream":true,"stream_options":{"include_usage":true,"include_usag\u0065":1}})"),
      "stream_options.include_usage is there twice; write it once");
  EXPECT_FALSE(
      Parse(R"({"model":"m","stream":true,"stream_options":{"include_usage":null}})")->include_usage);
}

TEST(RequestTest, DuplicateKeysAreRefusedInWhateverSpelling) {
  EXPECT_EQ(WhyNot(R"({"model":"m","model":"m"})"),
            R"(the key "model" is there twice at the top of the body; write it once)");
  EXPECT_NE(WhyNot(R"({"model":"m","mod\u0065l":"n"})").find("\"model\" is there twice"), std::string::npos);
  EXPECT_NE(WhyNot(R"({"\u0078":1,"model":"m","\u0078":2})").find("\"x\" is there twice"), std::string::npos);
  EXPECT_NE(WhyNot(R"({"unknown":1,"model":"m","unknown":1})").find("\"unknown\" is there twice"),
            std::string::npos);
  EXPECT_NE(WhyNot(R"({"":1,"model":"m","":1})").find("is there twice"), std::string::npos);
  EXPECT_TRUE(Parse(R"({"model":"m","metadata":{"a":1,"a":2}})"));  // only at the top
}

TEST(RequestTest, LongDuplicateKeysAreNotRepeatedInTheError) {
  const std::string key(100, 'k');
  EXPECT_EQ(WhyNot(R"({"model":"m",")" + key + "\":1,\"" + key + "\":2}"),
            "a key is there twice at the top of the body; write it once");
}

std::string ManyKeys(std::size_t count, std::string_view last) {
  std::string body = R"({"model":"m")";
  for (std::size_t i = 2; i < count; ++i) body += ",\"k" + std::to_string(i) + "\":0";
  return body + ",\"" + std::string(last) + "\":0}";
}

TEST(RequestTest, DuplicatesAreFoundAmongManyKeys) {
  EXPECT_TRUE(Parse(ManyKeys(1000, "last")));
  EXPECT_NE(WhyNot(ManyKeys(1000, "k2")).find("\"k2\" is there twice"), std::string::npos);
  EXPECT_NE(WhyNot(ManyKeys(1000, "\\u006b2")).find("\"k2\" is there twice"), std::string::npos);
}

TEST(RequestTest, KeysHaveALimit) {
  EXPECT_TRUE(Parse(ManyKeys(kRequestKeysMax, "last")));
  EXPECT_EQ(WhyNot(ManyKeys(kRequestKeysMax + 1, "last")),
            "the body has more than 1024 keys at its top; send fewer");
}

TEST(RequestTest, TheBodyMustBeOneObject) {
  EXPECT_EQ(WhyNot("[]"), R"(the body must be a JSON object: {"model": ...})");
  EXPECT_EQ(WhyNot("\"model\""), R"(the body must be a JSON object: {"model": ...})");
  EXPECT_NE(WhyNot("").find("malformed at byte 0"), std::string::npos);
  EXPECT_NE(WhyNot("[").find("malformed"), std::string::npos);
  EXPECT_NE(WhyNot(R"({"model":"m"} {})").find("malformed at byte 14"), std::string::npos);
  EXPECT_NE(WhyNot(R"({"model":"m","max_tokens":0)").find("malformed"), std::string::npos);
  EXPECT_TRUE(Parse(" \n{\"model\":\"m\"}\r\n"));
}

TEST(RequestTest, ValuesThatSluiceDoesNotReadPass) {
  EXPECT_TRUE(Parse(R"({"model":"m","messages":42,"temperature":1e999,"seed":-01,"user":7,"metadata":[1],
      "response_format":"x","tools":{},"logit_bias":NaN,"x":"\ud800"})"));
}

TEST(RequestTest, UnreadKindsAreUnset) {
  const auto request = Parse(R"({"model":"m","user":7,"metadata":[1],"tools":[ ],"functions":[]})");
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->user.empty());
  EXPECT_TRUE(request->metadata.empty());
  EXPECT_FALSE(request->tools);
  EXPECT_TRUE(Parse(R"({"model":"m","functions":[{}]})")->tools);
}

TEST(RequestTest, AMessagesRequestIsReadInItsOwnDialect) {
  const std::string body =
      R"({"model":"claude","max_tokens":100,"stream":true,"messages":[],"tools":[{}],"metadata":{"user_id":"u"},)"
      R"("n":"x","user":"not read","stream_options":7,"max_completion_tokens":-1,"functions":[1]})";
  const auto request = ParseRequest(chat::Operation::kMessages, body);
  ASSERT_TRUE(request) << request.error().detail;
  EXPECT_EQ(request->model, "claude");
  EXPECT_EQ(request->OutputLimit(), 100);
  EXPECT_TRUE(request->stream);
  EXPECT_TRUE(request->tools);
  EXPECT_TRUE(request->include_usage);
  EXPECT_EQ(request->prompt, "[]");
  EXPECT_EQ(request->metadata, R"({"user_id":"u"})");
  EXPECT_EQ(request->user, "");
  EXPECT_EQ(request->n, 1);
}

TEST(RequestTest, AMessagesRequestIsRefusedForWhatSluiceReads) {
  for (const char* body : {R"({"model":"c","model":"c"})", R"({"model":"c","max_tokens":0})",
                           R"({"model":"c","max_tokens":1.5})", R"({"model":"c","stream":"yes"})",
                           R"({"max_tokens":1})", R"({"model":"c","mod\u0065l":"d"})"}) {
    EXPECT_FALSE(ParseRequest(chat::Operation::kMessages, body)) << body;
  }
}

TEST(RequestTest, AResponsesRequestIsReadInItsOwnWords) {
  const std::string body =
      R"({"model":"gpt","max_output_tokens":100,"stream":true,"input":[{"role":"user"}],"tools":[{}],)"
      R"("metadata":{"a":"b"},"user":"u","background":true,"stream_options":{"include_obfuscation":false},)"
      R"("n":"x","max_tokens":-1,"max_completion_tokens":"x","response_format":1})";
  const auto request = ParseRequest(chat::Operation::kResponses, body);
  ASSERT_TRUE(request) << request.error().detail;
  EXPECT_EQ(request->model, "gpt");
  EXPECT_EQ(request->OutputLimit(), 100);
  EXPECT_TRUE(request->stream && request->include_usage && request->tools && request->background);
  EXPECT_EQ(request->prompt, R"([{"role":"user"}])");
  EXPECT_EQ(request->metadata, R"({"a":"b"})");
  EXPECT_EQ(request->user, "u");
  EXPECT_FALSE(request->stream_options);
  EXPECT_EQ(request->response_format, "");
}

TEST(RequestTest, AResponsesRequestIsRefusedForWhatSluiceReads) {
  for (const char* body : {R"({"model":"c","max_output_tokens":0})", R"({"model":"c","background":1})",
                           R"({"model":"c","stream":"yes"})", R"({"input":"x"})"}) {
    EXPECT_FALSE(ParseRequest(chat::Operation::kResponses, body)) << body;
  }
}

TEST(RequestTest, TokensAreCountedInNoStream) {
  const auto request =
      ParseRequest(chat::Operation::kCountTokens, R"({"model":"c","messages":[],"stream":true})");
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->stream);
}

}  // namespace
}  // namespace wire
