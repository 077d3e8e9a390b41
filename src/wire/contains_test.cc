#include "wire/contains.h"

#include <gtest/gtest.h>

#include <string>

namespace wire {
namespace {

TEST(ContainsTest, FindsANeedleWhereverItStands) {
  for (const std::string_view needle : {std::string_view("x"), std::string_view("xyz"),
                                        std::string_view("a needle longer than one step of it")}) {
    for (std::size_t size = needle.size(); size < needle.size() + 160; ++size) {
      for (std::size_t at = 0; at + needle.size() <= size; ++at) {
        std::string text(size, '.');
        EXPECT_FALSE(Contains(text, needle));
        text.replace(at, needle.size(), needle);
        EXPECT_TRUE(Contains(text, needle)) << size << " " << at;
      }
    }
  }
}

TEST(ContainsTest, WhatOnlyBeginsAndEndsLikeItIsNotIt) {
  EXPECT_FALSE(Contains(std::string(100, 'x') + "x..z" + std::string(100, 'z'), "xyyz"));
  EXPECT_FALSE(Contains("xy", "xyz"));
  EXPECT_FALSE(Contains("", "x"));
}

}  // namespace
}  // namespace wire
