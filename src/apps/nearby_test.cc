#include "apps/nearby.h"

#include <gtest/gtest.h>

#include <fstream>

namespace apps {
namespace {

namespace fs = std::filesystem;

class NearbyTest : public testing::Test {
 protected:
  NearbyTest() : root_(fs::path(testing::TempDir()) / "nearby") {
    fs::remove_all(root_);
    fs::create_directories(Here());
    fs::create_directories(root_ / "etc");
    root_ = fs::canonical(root_);
  }
  ~NearbyTest() override { fs::remove_all(root_); }

  fs::path Here() const { return root_ / "project" / "deep"; }
  void Write(const fs::path& file, const std::string& data) {
    std::ofstream(file) << "data: " << data << "\nproviders:\n  d: { dialect: deepseek, key: \"${KEY}\" }\n";
  }
  std::string Warn(bool key = true) {
    return WarnOfDefaultData(Here(), root_ / "etc", [key](std::string_view) {
      return key ? std::optional<std::string>("k") : std::nullopt;
    });
  }

  fs::path root_;
};

TEST_F(NearbyTest, WithoutAConfigAnywhereOnlyTheDirectoryIsSaid) {
  const std::string text = Warn();
  EXPECT_NE(text.find((Here() / "sluice-data").string() + "\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("warning"), std::string::npos) << text;
}

TEST_F(NearbyTest, ConfigAboveWithOtherDataIsAWarning) {
  Write(root_ / "project" / "sluice.yaml", "./sluice-data");
  const std::string text = Warn();
  EXPECT_NE(text.find("keeps its data in " + (root_ / "project" / "sluice-data").string() + ";"),
            std::string::npos)
      << text;
}

TEST_F(NearbyTest, ConfigOfTheSystemIsLookedAtToo) {
  Write(root_ / "etc" / "sluice.yaml", "/var/lib/sluice");
  EXPECT_NE(Warn().find("keeps its data in /var/lib/sluice;"), std::string::npos);
}

TEST_F(NearbyTest, ConfigWithTheSameDataIsNoWarning) {
  Write(root_ / "project" / "sluice.yaml", (Here() / "sluice-data").string());
  EXPECT_EQ(Warn().find("warning"), std::string::npos);
}

TEST_F(NearbyTest, ConfigThatCannotBeReadIsAWarningAllTheSame) {
  Write(root_ / "project" / "sluice.yaml", "./x");
  EXPECT_NE(Warn(false).find("may keep its data elsewhere"), std::string::npos);
}

}  // namespace
}  // namespace apps
