#include "apps/places.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "store/directory_for_test.h"

namespace apps {
namespace {

class PlacesTest : public testing::Test {
 protected:
  std::string At(const std::string& name) const { return (directory_.path() / name).string(); }
  void Write(const std::string& name) const { std::ofstream(At(name)) << "in the way"; }

  const store::TemporaryDirectory directory_;
};

TEST_F(PlacesTest, WhatIsThereOrCanBeMadeIsWritable) {
  EXPECT_TRUE(UnwritablePlaces(At(""), "stderr").empty());
  EXPECT_TRUE(UnwritablePlaces(At("a/b/data"), "off").empty());
  EXPECT_TRUE(UnwritablePlaces(At("data"), At("log")).empty());
  Write("log");
  EXPECT_TRUE(UnwritablePlaces("data-beside-the-program", At("log")).empty());
  EXPECT_FALSE(std::filesystem::exists(At("data"))) << "it only looks";
}

TEST_F(PlacesTest, AFileIsNoDataDirectoryAndHasNothingInIt) {
  Write("file");
  const std::vector<std::string> told = {"a gateway could not keep its data in " + At("file") + ": " +
                                         At("file") + " is no directory"};
  EXPECT_EQ(UnwritablePlaces(At("file"), "off"), told);
  EXPECT_EQ(UnwritablePlaces(At("file/data"), "off").size(), 1u);
}

TEST_F(PlacesTest, ALogIsAFileInAFolderThatIsThere) {
  const std::vector<std::string> told = {"a gateway could not write its log " + At("none/log") +
                                         ": there is no directory " + At("none")};
  EXPECT_EQ(UnwritablePlaces(At("data"), At("none/log")), told);
  EXPECT_EQ(UnwritablePlaces(At("data"), directory_.path().string()).size(), 1u);
}

TEST_F(PlacesTest, WhatThisUserMayNotWriteIsTold) {
  std::filesystem::permissions(directory_.path(), std::filesystem::perms::owner_read);
  const bool is_root = std::ofstream(At("tried")).is_open();  // who may write everywhere
  EXPECT_EQ(UnwritablePlaces(At("data"), "off").size(), is_root ? 0u : 1u);
  std::filesystem::permissions(directory_.path(), std::filesystem::perms::owner_all);
}

}  // namespace
}  // namespace apps
