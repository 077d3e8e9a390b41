#include "gateway/step_file.h"

#include <gtest/gtest.h>

#include "store/directory_for_test.h"

namespace gateway {
namespace {

using std::chrono::nanoseconds;

StepState Two() {
  return {.steps = {{.rule = UINT64_MAX,
                     .step = 7,
                     .value = "a \"team\"\nof \xe4\xba\x94",
                     .window_start = base::WallTime(nanoseconds(5)),
                     .window_end = base::WallTime::max(),
                     .limit = static_cast<base::Int128>(base::kPico) * 200 + 1},
                    {.rule = 1, .step = 2, .value = "", .window_start = {}, .window_end = {}, .limit = 0}},
          .alerts = {{.id = "alert_1",
                      .url = "https://a.example/x?y=1",
                      .body = R"({"event":"x"})",
                      .signature = "sha256=00"}}};
}

TEST(StepFileTest, IsReadAsItWasWritten) {
  const store::TemporaryDirectory directory;
  store::SystemDisk disk;
  EXPECT_EQ(*ReadStepFile(directory.path()), StepState());
  ASSERT_TRUE(WriteStepFile(directory.path(), Two(), disk));
  EXPECT_EQ(*ReadStepFile(directory.path()), Two());
  ASSERT_TRUE(WriteStepFile(directory.path(), {}, disk));
  EXPECT_EQ(*ReadStepFile(directory.path()), StepState());
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(directory.path() / "steps.json").permissions(),
            perms::owner_read | perms::owner_write);
}

TEST(StepFileTest, ADamagedFileIsToldAndNotBelieved) {
  const std::string good = PrintStepState(Two());
  for (std::size_t cut = 0; cut + 1 < good.size(); ++cut) {
    EXPECT_FALSE(ParseStepState(std::string_view(good).substr(0, cut))) << cut;
  }
  EXPECT_FALSE(ParseStepState(R"({"steps":[{"rule":"-1"}]})"));
  EXPECT_FALSE(ParseStepState(R"({"steps":[{"rule":1}]})"));
  EXPECT_FALSE(ParseStepState(R"({"steps":[7]})"));
  EXPECT_FALSE(ParseStepState(R"({"alerts":[{"id":7}]})"));
  const store::TemporaryDirectory directory;
  store::WriteFile(directory.path() / "steps.json", "{");
  const auto read = ReadStepFile(directory.path());
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().detail.find("steps.json is damaged"), std::string::npos);
}

TEST(StepFileTest, AFolderThatCannotBeWrittenIsTold) {
  const store::TemporaryDirectory directory;
  store::SystemDisk disk;
  EXPECT_FALSE(WriteStepFile(directory.path() / "none", Two(), disk));
}

}  // namespace
}  // namespace gateway
