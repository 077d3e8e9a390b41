#include "store/crc32c.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace store {
namespace {

struct Vector {
  std::string bytes;
  std::uint32_t sum;
};

// RFC 3720, B.4, and the check value of the catalogue of checksums ("123456789").
std::vector<Vector> Published() {
  std::string up;
  std::string down;
  for (int i = 0; i < 32; ++i) {
    up += static_cast<char>(i);
    down += static_cast<char>(31 - i);
  }
  const std::string read10(
      "\x01\xc0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x14\0\0\0\0\0\x04\0\0\0\0\x14\0\0\0\x18"
      "\x28\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0",
      48);
  return {{"", 0},
          {"123456789", 0xe3069283},
          {std::string(32, '\0'), 0x8a9136aa},
          {std::string(32, '\xff'), 0x62a8ab43},
          {up, 0x46dd794e},
          {down, 0x113fdb5c},
          {read10, 0xd9963a56}};
}

TEST(Crc32cTest, AgreesWithThePublishedVectors) {
  for (const Vector& vector : Published()) {
    EXPECT_EQ(Crc32c(vector.bytes), vector.sum);
    EXPECT_EQ(Crc32cByTable(vector.bytes), vector.sum);
  }
}

TEST(Crc32cTest, TheInstructionAndTheTableAgreeAtEveryLengthAndPlace) {
  base::Random random(1);
  std::string bytes(600, '\0');
  for (char& c : bytes) c = static_cast<char>(random.Next());
  for (std::size_t begin = 0; begin < 9; ++begin) {
    for (std::size_t size = 0; begin + size <= bytes.size(); size += 1 + size / 40) {
      const std::string_view part = std::string_view(bytes).substr(begin, size);
      ASSERT_EQ(Crc32c(part), Crc32cByTable(part)) << begin << " " << size;
    }
  }
}

TEST(Crc32cTest, GoesOnWhereAnEarlierPartEnded) {
  const std::string text = "what a row says, in two parts";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(Crc32c(text.substr(cut), Crc32c(text.substr(0, cut))), Crc32c(text));
    EXPECT_EQ(Crc32cByTable(text.substr(cut), Crc32cByTable(text.substr(0, cut))), Crc32c(text));
  }
}

}  // namespace
}  // namespace store
