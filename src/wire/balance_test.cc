#include "wire/balance.h"

#include <gtest/gtest.h>

namespace wire {
namespace {

TEST(BalanceTest, AmountsAreReadExactlyAndByCurrency) {
  const auto read = ReadBalances(
      R"({"is_available":true,"balance_infos":[{"currency":"CNY","total_balance":"110.00",)"
      R"("granted_balance":"10.00","topped_up_balance":"100.00"},{"currency":"USD","total_balance":"0.5",)"
      R"("granted_balance":"0","topped_up_balance":"0.5","later":[1]}],"more":null})");
  ASSERT_TRUE(read) << read.error().detail;
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].currency, base::Currency::kCny);
  EXPECT_EQ(base::PrintPico((*read)[0].total), "110");
  EXPECT_EQ(base::PrintPico((*read)[0].granted), "10");
  EXPECT_EQ(base::PrintPico((*read)[0].topped_up), "100");
  EXPECT_EQ((*read)[0].decimals, 2);
  EXPECT_EQ(base::PrintPico((*read)[1].total), "0.5");
  EXPECT_EQ((*read)[1].decimals, 1);
}

TEST(BalanceTest, WhatIsNoBalanceIsRefused) {
  for (const char* body : {"", "[]", "{}", R"({"balance_infos":{}})", R"({"balance_infos":[1]})",
                           R"({"balance_infos":[{"currency":"USD"}]})",
                           R"({"balance_infos":[{"currency":"USD","total_balance":110.0}]})",
                           R"({"balance_infos":[{"currency":"usd","total_balance":"1"}]})",
                           R"({"balance_infos":[{"currency":"USD","total_balance":"1e3"}]})",
                           R"({"balance_infos":[{"currency":"USD","total_balance":"1"}]} x)"}) {
    EXPECT_FALSE(ReadBalances(body)) << body;
  }
}

TEST(BalanceTest, AnAccountMayHaveNoBalanceAtAll) {
  const auto read = ReadBalances(R"({"is_available":false,"balance_infos":[]})");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->empty());
}

TEST(BalanceTest, MoreThanTheLimitIsRefused) {
  std::string body = R"({"balance_infos":[)";
  for (std::size_t i = 0; i < kBalancesMax; ++i)
    body += std::string(i == 0 ? "" : ",") + R"({"currency":"USD","total_balance":"1"})";
  EXPECT_TRUE(ReadBalances(body + "]}"));
  EXPECT_FALSE(ReadBalances(body + R"(,{"currency":"USD","total_balance":"1"}]})"));
}

}  // namespace
}  // namespace wire
