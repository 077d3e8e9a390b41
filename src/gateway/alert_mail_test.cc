#include "gateway/alert_mail.h"

#include <gtest/gtest.h>

#include "base/money.h"

namespace gateway {
namespace {

budget::Crossing Crossed(std::string scope) {
  budget::Crossing crossing;
  crossing.reason = scope + " has used 75% of 200 USD";
  crossing.scope = std::move(scope);
  crossing.at = config::Percent{7'500};
  crossing.used = *base::ParseMoney("150.25 USD");
  crossing.limit = *base::ParseMoney("200 USD");
  crossing.window_end = base::WallTime(std::chrono::seconds(1'796'083'200));
  return crossing;
}

std::string Mail(const std::string& scope) {
  return AlertMail(Crossed(scope), {.id = "alert_1",
                                    .from = "sluice@example.com",
                                    .to = "ops@example.org",
                                    .sent = base::WallTime(std::chrono::seconds(1'796'083'109))});
}

TEST(AlertMailTest, TheMessageSaysWhatWasReached) {
  EXPECT_EQ(Mail("team/support"),
            "Date: Mon, 30 Nov 2026 23:58:29 +0000\r\n"
            "From: Sluice <sluice@example.com>\r\n"
            "To: <ops@example.org>\r\n"
            "Subject: team/support has used 75% of 200 USD\r\n"
            "Message-ID: <alert_1@example.com>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: 7bit\r\n"
            "\r\n"
            "team/support has used 75% of 200 USD.\r\n"
            "\r\n"
            "budget:      team/support\r\n"
            "spent:       150.25 USD\r\n"
            "limit:       200 USD\r\n"
            "window ends: 2026-12-01T00:00:00Z\r\n"
            "alert:       alert_1\r\n");
}

TEST(AlertMailTest, ANameInAnyScriptTravelsInAscii) {
  const std::string mail = Mail("team/\xe6\x94\xaf\xe6\x8c\x81");
  EXPECT_NE(mail.find("Subject: =?UTF-8?B?dGVhbS/mlK/mjIEgaGFzIHVzZWQgNzUlIG9mIDIwMCBVU0Q=?=\r\n"),
            std::string::npos)
      << mail;
  EXPECT_NE(mail.find("Content-Transfer-Encoding: base64\r\n\r\ndGVhbS/mlK/mjIEgaGFzIHVzZWQg"),
            std::string::npos);
  for (const char c : mail) EXPECT_TRUE(c == '\r' || c == '\n' || (c >= ' ' && c < '\x7f'));
}

TEST(AlertMailTest, NoLineIsLongerThanMailAllows) {
  std::string name = "user/";
  for (int i = 0; i < 1'000; ++i) name += "\xe6\x94\xaf";
  for (const std::string& mail : {Mail(name), Mail("user/" + std::string(3'000, 'x'))}) {
    std::size_t begin = 0;
    for (std::size_t end; (end = mail.find("\r\n", begin)) != std::string::npos; begin = end + 2) {
      EXPECT_LE(end - begin, mail.find("base64") == std::string::npos ? 998u : 76u);
    }
    EXPECT_EQ(begin, mail.size());
  }
}

TEST(AlertMailTest, ANameEndsNoLineAndForgesNoWord) {
  const std::string mail = Mail("user/x\r\nBcc: <c@example.com>\r\n\r\n\x01\xff=?UTF-8?Q?y?=");
  EXPECT_EQ(mail.find("\nBcc"), std::string::npos) << mail;
  EXPECT_NE(mail.find("Subject: =?UTF-8?B?"), std::string::npos) << mail;
  EXPECT_NE(mail.find("budget:      user/x  Bcc: <c@example.com>"), std::string::npos) << mail;
}

TEST(AlertMailTest, ALongSubjectIsFoldedBetweenCharacters) {
  EXPECT_EQ(
      SubjectField("\xe6\x94\xaf\xe6\x94\xaf\xe6\x94\xaf\xe6\x94\xaf\xe6\x94\xaf\xe6\x94\xaf\xe6\x94\xaf"
                   "\xe6\x94\xaf\xe6\x94\xaf\xe6\x94\xaf\xe6\x94\xaf\xe6\x94\xaf\xe6\x94\xaf\xe6\x94\xaf"),
      "Subject: =?UTF-8?B?5pSv5pSv5pSv5pSv5pSv5pSv5pSv5pSv5pSv5pSv5pSv5pSv5pSv?=\r\n =?UTF-8?B?5pSv?=\r\n");
  EXPECT_EQ(SubjectField(""), "Subject: \r\n");
}

TEST(AlertMailTest, ADateHasTheNamesOfItsDayAndMonth) {
  EXPECT_EQ(MailDate(base::WallTime{}), "Thu, 1 Jan 1970 00:00:00 +0000");
  EXPECT_EQ(MailDate(base::WallTime(std::chrono::nanoseconds(1'709'164'799'999'999'999))),
            "Wed, 28 Feb 2024 23:59:59 +0000");
}

}  // namespace
}  // namespace gateway
