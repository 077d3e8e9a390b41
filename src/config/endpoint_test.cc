#include "config/endpoint.h"

#include <gtest/gtest.h>

namespace config {
namespace {

TEST(HostPortTest, AddressesAndNamesAreReadAndPrintedBack) {
  for (const char* text : {"127.0.0.1:8080", "0.0.0.0:0", "[::1]:8080", "[2001:db8::1]:65535", "localhost:80",
                           "gate-1.example.com:443", "a_b:1"}) {
    const auto parsed = HostPort::Parse(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->Print(), text);
  }
  EXPECT_EQ(HostPort::Parse("[::1]:8080")->host, "::1");
  EXPECT_EQ(HostPort::Parse("LocalHost:80")->host, "localhost");
}

TEST(HostPortTest, WhatAResolverWouldGuessAtIsRefused) {
  for (const char* text : {"",
                           ":8080",
                           "8080",
                           "127.0.0.1",
                           "127.0.0.1:",
                           "127.1:80",
                           "256.1.1.1:80",
                           "010.0.0.1:80",
                           "1.2.3.4.:80",
                           "example.:80",
                           "-a:80",
                           "a-:80",
                           "a..b:80",
                           "::1:8080",
                           "[::1]",
                           "[::1:80",
                           "[::1]8080",
                           "[127.0.0.1]:80",
                           "[fe80::1%eth0]:80",
                           "[]:80",
                           "a b:80",
                           "127.0.0.1:65536",
                           "127.0.0.1:080",
                           "127.0.0.1:-1",
                           "127.0.0.1:8 ",
                           "127.0.0.1:99999999999",
                           "host:80/path",
                           "http://localhost:80",
                           "*:80",
                           "h\xc3\xb6st:80"}) {
    const auto parsed = HostPort::Parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().instead.find("write for example"), std::string::npos) << text;
  }
}

TEST(HostPortTest, LoopbackIsTheWholeOf127AndNothingElse) {
  for (const char* text : {"127.0.0.1:1", "127.255.0.3:1", "[::1]:1", "[0:0:0:0:0:0:0:1]:1", "localhost:1"}) {
    EXPECT_TRUE(HostPort::Parse(text)->IsLoopback()) << text;
  }
  for (const char* text :
       {"0.0.0.0:1", "[::]:1", "128.0.0.1:1", "10.0.0.1:1", "localhost.example.com:1", "[::2]:1"}) {
    EXPECT_FALSE(HostPort::Parse(text)->IsLoopback()) << text;
  }
}

TEST(UrlTest, ABaseIsBroughtToItsNormalForm) {
  const auto url = Url::Parse("HTTPS://API.Example.com:443/v1/");
  ASSERT_TRUE(url);
  EXPECT_EQ(*url, (Url{.tls = true, .host = "api.example.com", .port = 443, .path = "/v1"}));
  EXPECT_EQ(url->Print(), "https://api.example.com/v1");
  EXPECT_EQ(url->Authority(), "api.example.com");
  EXPECT_EQ(Url::Parse("http://127.0.0.1:8000")->Print(), "http://127.0.0.1:8000");
  EXPECT_EQ(Url::Parse("http://127.0.0.1/")->Print(), "http://127.0.0.1");
  EXPECT_EQ(Url::Parse("http://[::1]:443/x")->Authority(), "[::1]:443");
  EXPECT_EQ(Url::Parse("http://[::1]/x")->port, 80);
  EXPECT_EQ(Url::Parse("https://h/a%20b/~c:d@e")->path, "/a%20b/~c:d@e");
}

TEST(UrlTest, WhatDoesNotBelongIntoABaseIsRefused) {
  for (const char* text : {"",
                           "api.openai.com/v1",
                           "ftp://a/",
                           "https://",
                           "https:///v1",
                           "https://u:p@a/v1",
                           "https://a@b/",
                           "https://a/v1?x=1",
                           "https://a/v1#x",
                           "https://a?x",
                           "https://a/a b",
                           "https://a/%2",
                           "https://a/%zz",
                           "https://a//v1",
                           "https://a/v1//",
                           "https://a/../v1",
                           "https://a/./v1",
                           "https://a/v1/..",
                           "https://a:0/",
                           "https://a:/",
                           "https://a:70000/",
                           "https://1.2.3/",
                           "https://[::1",
                           "https://a\\b/",
                           "https://a/\xc3\xa4",
                           "https://a/\"",
                           "https://a/v1\r\nx: y"}) {
    EXPECT_FALSE(Url::Parse(text)) << text;
  }
  EXPECT_FALSE(Url::Parse("https://a/" + std::string(3000, 'a')));
}

TEST(UrlTest, ARefusalNeverRepeatsThePassword) {
  const auto url = Url::Parse("https://joe:hunter2@api.example.com/v1");
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().why, "a URL must not carry a user or a password");
  EXPECT_EQ((url.error().why + url.error().instead).find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace config
