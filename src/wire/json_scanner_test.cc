#include "wire/json_scanner.h"

#include <gtest/gtest.h>

namespace wire {
namespace {

TEST(JsonScannerTest, AcceptsWellFormedText) {
  for (const char* text : {"{}", "[]", "\"\"", "1", " {\"a\" : [1, 2 , {}] } \n"}) {
    EXPECT_TRUE(ScanJson(text)) << text;
  }
}

}  // namespace
}  // namespace wire
