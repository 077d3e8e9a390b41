#include "store/key_lookup.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store/sip_hash.h"

namespace store {
namespace {

// The first vectors of the reference implementation: key and text are the bytes 0, 1, 2 and so on.
TEST(SipHashTest, AgreesWithTheVectorsOfItsAuthors) {
  const SipKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  EXPECT_EQ(SipHash(key, ""), (SipTag{0xe6a825ba047f81a3, 0x930255c71472f66d}));
  EXPECT_EQ(SipHash(key, std::string(1, '\0')), (SipTag{0x44af996bd8c187da, 0x45fc229b11597634}));
}

TEST(SipHashTest, EachBitOfKeyAndTextCounts) {
  const SipKey key{1, 2};
  const std::string text = "sk-sluice-0123456789";
  const SipTag tag = SipHash(key, text);
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_NE(SipHash(key, text.substr(0, size)), tag);
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string other = text;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
    EXPECT_NE(SipHash(key, other), tag);
  }
  EXPECT_NE(SipHash({1, 3}, text), tag);
  EXPECT_NE(SipHash({0, 2}, text), tag);
}

}  // namespace
}  // namespace store
