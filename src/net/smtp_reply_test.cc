#include "net/smtp_reply.h"

#include <gtest/gtest.h>

namespace net {
namespace {

SmtpReply Read(std::string_view bytes) {
  const auto read = ParseSmtpReply(bytes);
  if (!read || !*read) {
    ADD_FAILURE() << bytes;
    return {};
  }
  EXPECT_EQ((*read)->bytes, bytes.size());
  return (*read)->reply;
}

base::Code ErrorOf(std::string_view bytes) {
  const auto read = ParseSmtpReply(bytes);
  EXPECT_FALSE(read.has_value()) << bytes;
  return read ? base::Code::kIo : read.error().code;
}

TEST(SmtpReplyTest, ALineIsACodeAndAText) {
  const SmtpReply reply = Read("250 2.1.0 fine\r\n");
  EXPECT_EQ(reply.code, 250);
  EXPECT_EQ(reply.texts, std::vector<std::string>{"2.1.0 fine"});
  EXPECT_TRUE(reply.positive());
  EXPECT_EQ(Read("354\r\n").texts, std::vector<std::string>{""});
  EXPECT_TRUE(Read("550 no\r\n").refused());
}

TEST(SmtpReplyTest, LinesBelongTogetherUntilTheOneWithABlank) {
  const SmtpReply reply = Read("250-mx.example.com\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n");
  EXPECT_EQ(reply.texts, (std::vector<std::string>{"mx.example.com", "AUTH PLAIN LOGIN", "STARTTLS"}));
}

TEST(SmtpReplyTest, OnlyTheFirstReplyIsTaken) {
  const auto read = ParseSmtpReply("220 go\r\n250 injected\r\n");
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->reply.code, 220);
  EXPECT_EQ((*read)->bytes, 8u);
}

TEST(SmtpReplyTest, WhatIsNotWholeIsWaitedFor) {
  const std::string whole = "250-one\r\n250 two\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto read = ParseSmtpReply(whole.substr(0, size));
    ASSERT_TRUE(read.has_value()) << size;
    EXPECT_FALSE(read->has_value()) << size;
  }
}

TEST(SmtpReplyTest, WhatCouldBeReadInTwoWaysIsRefused) {
  for (const char* bytes : {"250 ok\n", "\n", "25 ok\r\n", "2500 ok\r\n", "250_ok\r\n", "150 ok\r\n",
                            "650 ok\r\n", "HTTP/1.1 400 Bad Request\r\n", "250 a\rb\r\n", "250 \x01\r\n",
                            "250-a\r\n251 b\r\n", "250-a\r\n\r\n", "+OK\r\n"}) {
    EXPECT_EQ(ErrorOf(bytes), base::Code::kInvalid) << bytes;
  }
}

TEST(SmtpReplyTest, ALineAndAReplyHaveALargestSize) {
  const std::string fits = "250 " + std::string(SmtpReply::kLineMax - 5, 'x') + "\r\n";
  EXPECT_EQ(Read(fits).code, 250);
  EXPECT_EQ(ErrorOf("250 x" + fits.substr(4)), base::Code::kTooLarge);
  EXPECT_EQ(ErrorOf("250 " + std::string(SmtpReply::kLineMax, 'x')), base::Code::kTooLarge);
  std::string lines;
  for (std::size_t i = 1; i < SmtpReply::kLinesMax; ++i) lines += "250-x\r\n";
  EXPECT_EQ(Read(lines + "250 x\r\n").texts.size(), SmtpReply::kLinesMax);
  EXPECT_EQ(ErrorOf(lines + "250-x\r\n250 x\r\n"), base::Code::kTooLarge);
}

TEST(SmtpReplyTest, WhatIsShownOfItIsOneShortLine) {
  EXPECT_EQ(Read("550 5.1.1 <a@b>: \xe4\xba\xba unknown\r\n").Print(), "550 5.1.1 <a@b>: ??? unknown");
  EXPECT_EQ(Read("250\r\n").Print(), "250");
  EXPECT_EQ(Read("250 " + std::string(1000, 'x') + "\r\n").Print().size(), 204u);
}

}  // namespace
}  // namespace net
