#include "upstream/proxy.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace upstream {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

base::Result<ProxyRules> Rules(const Variables& variables) {
  return ProxyRules::FromEnvironment([variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

// The proxy of `value` as host:port authorization, or what is wrong with it.
std::string Read(const std::string& value) {
  const auto rules = Rules({{"HTTPS_PROXY", value}});
  if (!rules) return "error " + std::string(base::Name(rules.error().code));
  const auto proxy = rules->For({.host = "api.example", .port = 443, .tls = true});
  if (!proxy) return "none";
  return proxy->host + " " + std::to_string(proxy->port) + " " + proxy->authorization;
}

bool Direct(const std::string& exceptions, const std::string& host, std::uint16_t port = 443) {
  const auto rules = Rules({{"HTTPS_PROXY", "proxy.example:3128"}, {"NO_PROXY", exceptions}});
  return !rules->For({.host = host, .port = port, .tls = true});
}

TEST(ProxyRulesTest, NothingSetMeansNoProxy) {
  EXPECT_FALSE(Rules({})->For({.host = "api.example", .port = 443, .tls = true}));
  EXPECT_EQ(Read(""), "none");
}

TEST(ProxyRulesTest, SchemePortAndSlashMayBeLeftOut) {
  EXPECT_EQ(Read("http://proxy.example:3128"), "proxy.example 3128 ");
  EXPECT_EQ(Read("HTTP://proxy.example:3128/"), "proxy.example 3128 ");
  EXPECT_EQ(Read("proxy.example:3128"), "proxy.example 3128 ");
  EXPECT_EQ(Read("proxy.example"), "proxy.example 80 ");
  EXPECT_EQ(Read("http://10.0.0.1"), "10.0.0.1 80 ");
  EXPECT_EQ(Read("http://[::1]:8080"), "::1 8080 ");
}

TEST(ProxyRulesTest, UserAndPasswordAreDecodedForTheHeader) {
  EXPECT_EQ(Read("http://x:y@p:1"), "p 1 Basic eDp5");
  EXPECT_EQ(Read("http://x%3A:%40%2f@p:1"), "p 1 Basic eDo6QC8=");  // x::@/
  EXPECT_EQ(Read("http://x:a@b@p:1"), "p 1 Basic eDphQGI=");        // the last @ ends it
  EXPECT_EQ(Read("http://x:50%@p:1"), "p 1 Basic eDo1MCU=");        // no escape, so it means itself
  EXPECT_EQ(Read("http://x:%zz@p:1"), "p 1 Basic eDoleno=");
}

TEST(ProxyRulesTest, UserWithoutAPasswordHasAnEmptyOne) {
  EXPECT_EQ(Read("http://x@p:1"), "p 1 Basic eDo=");
}

TEST(ProxyRulesTest, WhatIsNoHttpProxyIsAnErrorThatHidesThePassword) {
  for (const char* value : {"https://p:1", "socks5://p:1", "http://", "http://:3128", "http://p:0", "p:99999",
                            "http://p:1/path", "http://p:1?x", "http://p q:1", "http://u:s3cret@"}) {
    EXPECT_EQ(Read(value), "error " + std::string(base::Name(base::Code::kInvalid))) << value;
    EXPECT_EQ(Rules({{"HTTPS_PROXY", value}}).error().detail.find("s3cret"), std::string::npos);
  }
}

TEST(ProxyRulesTest, LowerCaseNamesWin) {
  const auto rules = Rules({{"HTTPS_PROXY", "upper:1"},
                            {"https_proxy", "lower:2"},
                            {"NO_PROXY", "a.example"},
                            {"no_proxy", "b.example"}});
  EXPECT_EQ(rules->For({.host = "a.example", .port = 443, .tls = true})->host, "lower");
  EXPECT_FALSE(rules->For({.host = "b.example", .port = 443, .tls = true}));
}

TEST(ProxyRulesTest, PlainOriginsAreNeverProxied) {
  const auto rules = Rules({{"HTTPS_PROXY", "p:1"}, {"HTTP_PROXY", "p:1"}, {"http_proxy", "p:1"}});
  EXPECT_FALSE(rules->For({.host = "api.example", .port = 80, .tls = false}));
  EXPECT_TRUE(rules->For({.host = "api.example", .port = 443, .tls = true}));
  EXPECT_FALSE(Rules({{"HTTP_PROXY", "p:1"}})->For({.host = "api.example", .port = 443, .tls = true}));
}

TEST(ProxyRulesTest, ExceptionMeansTheHostAndWhatIsBelowIt) {
  for (const char* exceptions : {"example.org", ".example.org", "EXAMPLE.org", " a.b ,\texample.org ,,c"}) {
    EXPECT_TRUE(Direct(exceptions, "example.org")) << exceptions;
    EXPECT_TRUE(Direct(exceptions, "api.example.org")) << exceptions;
    EXPECT_TRUE(Direct(exceptions, "API.Example.ORG")) << exceptions;
    EXPECT_FALSE(Direct(exceptions, "myexample.org")) << exceptions;
    EXPECT_FALSE(Direct(exceptions, "example.org.evil")) << exceptions;
    EXPECT_FALSE(Direct(exceptions, "org")) << exceptions;
  }
}

TEST(ProxyRulesTest, ExceptionMayNameAPort) {
  EXPECT_TRUE(Direct("api.example:8443", "api.example", 8443));
  EXPECT_FALSE(Direct("api.example:8443", "api.example", 443));
  EXPECT_TRUE(Direct("::1", "::1"));
  EXPECT_TRUE(Direct("10.0.0.7:443", "10.0.0.7"));
}

TEST(ProxyRulesTest, StarExceptsEverythingAndEmptyNothing) {
  EXPECT_TRUE(Direct("*", "api.example"));
  EXPECT_TRUE(Direct("a.b, *", "10.0.0.1"));
  EXPECT_FALSE(Direct("", "api.example"));
  EXPECT_FALSE(Direct(".", "api.example"));
  EXPECT_FALSE(Direct(":443", "api.example"));
}

}  // namespace
}  // namespace upstream
