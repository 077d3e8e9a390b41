#include "translate/carried.h"

#include <gtest/gtest.h>
#include <string>

namespace translate {
namespace {

Part Thought(Mind mind, std::string_view signature) {
  Part part{.kind = Part::Kind::kReasoning};
  part.mind = mind;
  part.signature = {signature};
  return part;
}

TEST(CarriedTest, ASealIsUnmarkedInItsOwnDialect) {
  EXPECT_EQ(Seal(Thought(Mind::kAnthropic, "EqQB"), Mind::kAnthropic), "EqQB");
  EXPECT_EQ(Seal(Thought(Mind::kOpenai, "gAAA"), Mind::kOpenai), "gAAA");
}

TEST(CarriedTest, ASealComesBackFromAnyDialectAsItWas) {
  for (const Mind own : {Mind::kOpenai, Mind::kAnthropic}) {
    for (const Mind mind : {Mind::kNobody, Mind::kOpenai, Mind::kAnthropic}) {
      for (const bool redacted : {false, true}) {
        Part part = Thought(mind, mind == Mind::kNobody ? "" : "a.b/c+d==");
        part.redacted = redacted && mind == Mind::kAnthropic && own != mind;
        if (mind == Mind::kOpenai && own != mind) part.id = {"rs_1"};
        const std::string seal = Seal(part, own);
        Part back{.kind = Part::Kind::kReasoning};
        Unseal({seal}, own, back);
        EXPECT_EQ(back.mind, part.mind) << seal;
        EXPECT_EQ(back.signature, part.signature) << seal;
        EXPECT_EQ(back.redacted, part.redacted) << seal;
        EXPECT_EQ(back.id, part.id) << seal;
      }
    }
  }
}

TEST(CarriedTest, WhoSpeaksADialectWithoutBeingOfItsFamilyHasItsNameInTheMark) {
  for (const bool redacted : {false, true}) {
    Part part = Thought(Mind::kMaker, "a.b==");
    part.redacted = redacted;
    part.id = {"box~1.rs_2"};
    const std::string seal = Seal(part, Mind::kAnthropic);
    EXPECT_EQ(seal, redacted ? "sluice.of-redacted.box~1.rs_2.a.b==" : "sluice.of.box~1.rs_2.a.b==");
    Part back{.kind = Part::Kind::kReasoning};
    Unseal({seal}, Mind::kAnthropic, back);
    EXPECT_EQ(back.mind, Mind::kMaker);
    EXPECT_EQ(back.id, part.id);
    EXPECT_EQ(back.signature, part.signature);
    EXPECT_EQ(back.redacted, redacted);
    EXPECT_TRUE(IsOwnThought(back, chat::Operation::kResponses, "box~1"));
    EXPECT_FALSE(IsOwnThought(back, chat::Operation::kResponses, "box"));
    EXPECT_FALSE(IsOwnThought(back, chat::Operation::kResponses, ""));
  }
}

TEST(CarriedTest, OnlyAMarkIsAThoughtInPlainTextOfSomebody) {
  Part part{.kind = Part::Kind::kReasoning};
  const std::string mark = MarkOf("box");
  Unseal({mark}, Mind::kOpenai, part);
  EXPECT_TRUE(part.signature.empty());
  EXPECT_TRUE(IsOwnThought(part, chat::Operation::kResponses, "box"));
}

TEST(CarriedTest, AMakerIsToldByItsNameUnlessItIsTheFamilyItself) {
  using chat::Flavour;
  using chat::Operation;
  EXPECT_EQ(MakerOf(Operation::kMessages, Flavour::kAnthropic, "claude"), "");
  EXPECT_EQ(MakerOf(Operation::kResponses, Flavour::kOpenai, "one"), "");
  EXPECT_EQ(MakerOf(Operation::kChat, Flavour::kCompatible, "one"), "");
  EXPECT_EQ(MakerOf(Operation::kMessages, Flavour::kDeepseek, "one"), "deepseek");
  EXPECT_EQ(MakerOf(Operation::kCountTokens, Flavour::kCompatible, "my.box_1-a"), "my~box_1-a");
  EXPECT_EQ(MakerOf(Operation::kResponses, Flavour::kCompatible, ""), "compatible");
}

TEST(CarriedTest, AnUnknownMarkIsLeftToTheDialectItStandsIn) {
  Part part{.kind = Part::Kind::kReasoning};
  Unseal({"sluice.elsewhere.x"}, Mind::kAnthropic, part);
  EXPECT_EQ(part.mind, Mind::kAnthropic);
  EXPECT_EQ(part.signature.inside, "sluice.elsewhere.x");
}

}  // namespace
}  // namespace translate
