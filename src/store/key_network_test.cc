#include "store/key_network.h"

#include <gtest/gtest.h>

#include <string>

namespace store {
namespace {

// The address of a block with one member.
PeerAddress At(std::string_view text) {
  const auto network = Network::Parse(text);
  EXPECT_TRUE(network) << text;
  return network ? network->first : PeerAddress{};
}

PeerAddress Mapped(const PeerAddress& v4) {
  PeerAddress mapped{.v6 = true};
  mapped.bytes[10] = mapped.bytes[11] = 0xff;
  std::copy(v4.bytes.begin(), v4.bytes.begin() + 4, mapped.bytes.begin() + 12);
  return mapped;
}

bool Has(std::string_view network, std::string_view address) {
  return Network::Parse(network)->Has(At(address));
}

TEST(NetworkTest, HasWhatSharesItsPrefixAndNothingElse) {
  EXPECT_TRUE(Has("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(Has("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(Has("192.168.4.0/22", "192.168.7.255"));
  EXPECT_FALSE(Has("192.168.4.0/22", "192.168.8.0"));
  EXPECT_TRUE(Has("0.0.0.0/0", "203.0.113.9"));
  EXPECT_TRUE(Has("2001:db8::/32", "2001:db8:ffff::1"));
  EXPECT_FALSE(Has("2001:db8::/32", "2001:db9::1"));
  EXPECT_TRUE(Has("2001:db8::8/125", "2001:db8::f"));
  EXPECT_FALSE(Has("2001:db8::8/125", "2001:db8::10"));
}

TEST(NetworkTest, OneAddressIsANetworkOfOne) {
  EXPECT_TRUE(Has("203.0.113.9", "203.0.113.9"));
  EXPECT_FALSE(Has("203.0.113.9", "203.0.113.8"));
  EXPECT_TRUE(Has("::1", "::1"));
  EXPECT_FALSE(Has("::1", "::2"));
}

TEST(NetworkTest, TheFamiliesAreApartButForMappedAddresses) {
  EXPECT_FALSE(Has("0.0.0.0/0", "2001:db8::1"));
  EXPECT_FALSE(Has("::/0", "10.0.0.1"));
  const PeerAddress mapped = Mapped(At("10.0.0.1"));
  EXPECT_TRUE(Network::Parse("10.0.0.0/8")->Has(mapped));
  EXPECT_FALSE(Network::Parse("11.0.0.0/8")->Has(mapped));
  EXPECT_FALSE(Network::Parse("::/0")->Has(mapped));
  EXPECT_EQ(Network::Parse("::ffff:10.0.0.0/104")->Print(), "10.0.0.0/8");
}

TEST(NetworkTest, IsPrintedAsItIsRead) {
  for (const std::string text : {"10.0.0.0/8", "0.0.0.0/0", "203.0.113.9/32", "2001:db8::/32", "::/0"}) {
    EXPECT_EQ(Network::Parse(text)->Print(), text);
  }
}

TEST(NetworkTest, WhatIsNoneIsRefused) {
  for (const char* text :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0/8", "010.0.0.1",
        "10.0.0.1 ", "::/129", "fe80::1%eth0", "example.org", "10.0.0.0/ 8", "1.2.3.4:80", "[::1]"}) {
    const auto network = Network::Parse(text);
    ASSERT_FALSE(network) << text;
    EXPECT_EQ(network.error().code, base::Code::kInvalid);
  }
}

TEST(NetworkTest, BitsBehindThePrefixAreASlip) {
  const auto network = Network::Parse("10.1.2.3/8");
  ASSERT_FALSE(network);
  EXPECT_NE(network.error().detail.find("did you mean 10.0.0.0/8?"), std::string::npos)
      << network.error().detail;
}

}  // namespace
}  // namespace store
