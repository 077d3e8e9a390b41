#include "translate/json_out.h"

#include <gtest/gtest.h>

namespace translate {
namespace {

TEST(JsonOutTest, CommasStandBetweenValuesAndNowhereElse) {
  std::string out = "data: ";
  JsonOut json(out);
  json.Open('{').Key("a").Number(-1).Key("b").Open('[').Close(']').Key("c").Open('[').Bool(true).Null().Raw(
      "NaN");
  json.Raw("1").Open('{').Close('}').Text({"x\\n"}).Plain("y\n").Close(']').Key("d").Text({}).Close('}');
  EXPECT_EQ(out, R"(data: {"a":-1,"b":[],"c":[true,null,NaN,1,{},"x\n","y\n"],"d":""})");
}

TEST(JsonOutTest, AValueThatGoesIntoAnEventStandsOnOneLine) {
  std::string out = "data:\n";
  JsonOut json(out);
  json.Open('[').Line("{\r\n  \"a\": 1\n}").Line("2").Close(']');
  EXPECT_EQ(out, "data:\n[{    \"a\": 1 },2]");
}

}  // namespace
}  // namespace translate
