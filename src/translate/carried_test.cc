#include "translate/carried.h"

#include <gtest/gtest.h>

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

TEST(CarriedTest, AnUnknownMarkIsLeftToTheDialectItStandsIn) {
  Part part{.kind = Part::Kind::kReasoning};
  Unseal({"sluice.elsewhere.x"}, Mind::kAnthropic, part);
  EXPECT_EQ(part.mind, Mind::kAnthropic);
  EXPECT_EQ(part.signature.inside, "sluice.elsewhere.x");
}

}  // namespace
}  // namespace translate
