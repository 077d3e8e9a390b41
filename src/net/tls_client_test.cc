#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>

#include "net/certificates_internal.h"
#include "net/http_client.h"
#include "net/loop_thread_for_test.h"
#include "net/raw_socket_internal.h"
#include "net/tls_peer_internal.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Code;

constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nhost: t\r\n\r\n";
constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
constexpr std::string_view kOkAndClose =
    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok";

struct Outcome {
  std::optional<Code> error;
  std::string detail;
  std::string body;
  Call::Progress progress = Call::Progress::kNotSent;
  bool reused = false;
};

// A pool with TLS against a server that the test plays by hand.
class TlsClientTest : public testing::Test {
 protected:
  TlsClientTest() {
    options_.origin = {.host = "localhost", .port = listener_.port(), .tls = true};
    options_.tls = *TlsClientContext::Load(authority_.file());
    thread_.Start();
  }
  ~TlsClientTest() override {
    thread_.Do([this] { pool_.reset(); });
    thread_.Do([] {});
    thread_.Join();
  }

  std::future<Outcome> Start(CallTimeouts timeouts = {}) {
    auto promise = std::make_shared<std::promise<Outcome>>();
    auto result = promise->get_future();
    thread_.loop().Post([this, timeouts, promise] {
      if (!pool_) pool_.emplace(thread_.loop(), resolver_, options_);
      Spawn(Run(timeouts, promise));
    });
    return result;
  }

  Task<void> Run(CallTimeouts timeouts, std::shared_ptr<std::promise<Outcome>> promise) {
    Outcome outcome;
    {
      Call call(*pool_, timeouts, cancel_);
      const std::string_view pieces[] = {kRequest, request_body_};
      auto done = co_await call.Send("GET", pieces);
      base::Buffer body;
      if (done) done = co_await call.ReadAll(body, base::MiB);
      if (!done) {
        outcome.error = done.error().code;
        outcome.detail = done.error().detail;
      }
      outcome.body = body.view();
      outcome.progress = call.progress();
      outcome.reused = call.reused();
    }
    promise->set_value(std::move(outcome));
  }

  void Present(const Authority::Issued& issued) {
    context_ = *TlsServerContext::Load(issued.certificate_file, issued.key_file);
  }

  TlsPeer Accept() {
    if (!context_) Present(authority_.Issue("DNS:localhost,IP:127.0.0.1"));
    return {listener_.Accept(), *context_->NewSession()};
  }

  // What a call makes of a server with this certificate.
  Outcome Meet(const Authority::Issued& issued) {
    Present(issued);
    auto outcome = Start();
    TlsPeer peer = Accept();
    if (peer.Handshake()) {
      peer.ReadUntil("\r\n\r\n");
      peer.Send(kOk);
    }
    return outcome.get();
  }

  static void ExpectRefused(const Outcome& outcome, std::string_view reason) {
    EXPECT_EQ(outcome.error, Code::kUnreachable);
    EXPECT_EQ(outcome.progress, Call::Progress::kNotSent);
    EXPECT_NE(outcome.detail.find(reason), std::string::npos) << outcome.detail;
  }

  Authority authority_;
  RawListener listener_;
  LoopThread thread_;
  base::SystemClock clock_;
  Resolver resolver_{clock_};
  PoolOptions options_;
  std::shared_ptr<const TlsServerContext> context_;
  Cancel cancel_;
  std::string request_body_;
  std::optional<Pool> pool_;
};

TEST_F(TlsClientTest, CertificateOfTheHostIsAccepted) {
  EXPECT_EQ(Meet(authority_.Issue("DNS:localhost")).body, "ok");
}

TEST_F(TlsClientTest, CertificateOfTheAddressIsAccepted) {
  options_.origin.host = "127.0.0.1";
  EXPECT_EQ(Meet(authority_.Issue("IP:127.0.0.1")).body, "ok");
}

TEST_F(TlsClientTest, WildcardStandsForOneWholeLabel) {
  options_.origin.host = "api.test.localhost";
  EXPECT_EQ(Meet(authority_.Issue("DNS:*.test.localhost")).body, "ok");
  thread_.Do([this] { pool_.reset(); });
  ExpectRefused(Meet(authority_.Issue("DNS:a*.test.localhost")), "hostname mismatch");
  ExpectRefused(Meet(authority_.Issue("DNS:*.localhost")), "hostname mismatch");
}

TEST_F(TlsClientTest, CertificateOfAnotherHostIsRefused) {
  ExpectRefused(Meet(authority_.Issue("DNS:other.test")), "hostname mismatch");
  ExpectRefused(Meet(authority_.Issue("DNS:localhost.test")), "hostname mismatch");
  ExpectRefused(Meet(authority_.Issue("IP:127.0.0.1")), "hostname mismatch");
}

TEST_F(TlsClientTest, CertificateOfAnotherAddressIsRefused) {
  options_.origin.host = "127.0.0.1";
  ExpectRefused(Meet(authority_.Issue("IP:127.0.0.2")), "IP address mismatch");
  ExpectRefused(Meet(authority_.Issue("DNS:127.0.0.1")), "IP address mismatch");
}

TEST_F(TlsClientTest, UnknownAuthorityIsRefused) {
  Authority stranger;
  ExpectRefused(Meet(stranger.Issue("DNS:localhost")), "unable to get local issuer certificate");
}

TEST_F(TlsClientTest, CertificateBeforeOrAfterItsTimeIsRefused) {
  ExpectRefused(Meet(authority_.Issue("DNS:localhost", -2h, -1h)), "expired");
  ExpectRefused(Meet(authority_.Issue("DNS:localhost", 1h, 2h)), "not yet valid");
}

TEST_F(TlsClientTest, ServerOfAnOlderProtocolIsRefused) {
  auto outcome = Start();
  TlsPeer peer = Accept();
  SSL_set_security_level(peer.ssl(), 0);
  SSL_set_min_proto_version(peer.ssl(), 0);
  SSL_set_max_proto_version(peer.ssl(), TLS1_1_VERSION);
  EXPECT_FALSE(peer.Handshake());
  peer.Close();
  EXPECT_EQ(outcome.get().error, Code::kUnreachable);
}

TEST_F(TlsClientTest, ServerOfTls12IsAccepted) {
  auto outcome = Start();
  TlsPeer peer = Accept();
  SSL_set_max_proto_version(peer.ssl(), TLS1_2_VERSION);
  EXPECT_TRUE(peer.Handshake());
  peer.ReadUntil("\r\n\r\n");
  peer.Send(kOk);
  EXPECT_EQ(outcome.get().body, "ok");
}

TEST_F(TlsClientTest, HelloNamesTheHostAndHttp11) {
  auto outcome = Start();
  TlsPeer peer = Accept();
  ASSERT_TRUE(peer.Handshake());
  EXPECT_STREQ(SSL_get_servername(peer.ssl(), TLSEXT_NAMETYPE_host_name), "localhost");
  EXPECT_EQ(peer.protocol(), "http/1.1");
  EXPECT_EQ(SSL_version(peer.ssl()), TLS1_3_VERSION);
  peer.ReadUntil("\r\n\r\n");
  peer.Send(kOk);
  EXPECT_EQ(outcome.get().body, "ok");
}

TEST_F(TlsClientTest, HelloToAnAddressNamesNoHost) {
  options_.origin.host = "127.0.0.1";
  auto outcome = Start();
  TlsPeer peer = Accept();
  ASSERT_TRUE(peer.Handshake());
  EXPECT_EQ(SSL_get_servername(peer.ssl(), TLSEXT_NAMETYPE_host_name), nullptr);
  peer.Close();
  EXPECT_EQ(outcome.get().error, Code::kClosed);
}

TEST_F(TlsClientTest, SecondConnectionResumesTheSession) {
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    for (const bool resumed : {false, true}) {
      auto outcome = Start();
      TlsPeer peer = Accept();
      SSL_set_max_proto_version(peer.ssl(), version);
      ASSERT_TRUE(peer.Handshake());
      EXPECT_EQ(peer.resumed(), resumed) << version;
      peer.ReadUntil("\r\n\r\n");
      peer.Send(kOkAndClose);
      EXPECT_EQ(outcome.get().body, "ok");
    }
    thread_.Do([this] { pool_.reset(); });
  }
}

TEST_F(TlsClientTest, SessionOfAnotherPoolIsNotResumed) {
  for (int i = 0; i < 2; ++i) {
    auto outcome = Start();
    TlsPeer peer = Accept();
    ASSERT_TRUE(peer.Handshake());
    EXPECT_FALSE(peer.resumed());
    peer.ReadUntil("\r\n\r\n");
    peer.Send(kOkAndClose);
    EXPECT_EQ(outcome.get().body, "ok");
    thread_.Do([this] { pool_.reset(); });
  }
}

TEST_F(TlsClientTest, ConnectionIsUsedAgain) {
  auto first = Start();
  TlsPeer peer = Accept();
  ASSERT_TRUE(peer.Handshake());
  for (int i = 0; i < 3; ++i) {
    auto outcome = i == 0 ? std::move(first) : Start();
    EXPECT_EQ(peer.ReadUntil("\r\n\r\n"), kRequest);
    peer.Send(kOk);
    const Outcome got = outcome.get();
    EXPECT_EQ(got.body, "ok");
    EXPECT_EQ(got.reused, i > 0);
  }
}

TEST_F(TlsClientTest, IdleConnectionThatTheServerEndsLeavesThePool) {
  for (const bool goodbye : {true, false}) {
    auto outcome = Start();
    TlsPeer peer = Accept();
    ASSERT_TRUE(peer.Handshake());
    peer.ReadUntil("\r\n\r\n");
    peer.Send(kOk);
    EXPECT_EQ(outcome.get().body, "ok");
    if (goodbye) peer.SayGoodbye();
    peer.Close();
    thread_.Until([this] { return pool_->idle() == 0; });
  }
}

TEST_F(TlsClientTest, RequestThatTheServerReadIsNotRepeated) {
  auto outcome = Start();
  TlsPeer peer = Accept();
  ASSERT_TRUE(peer.Handshake());
  peer.ReadUntil("\r\n\r\n");
  peer.Send(kOk);
  EXPECT_EQ(outcome.get().body, "ok");
  outcome = Start();
  peer.ReadUntil("\r\n\r\n");
  peer.SayGoodbye();
  peer.Close();
  const Outcome got = outcome.get();
  EXPECT_EQ(got.error, Code::kClosed);
  EXPECT_EQ(got.progress, Call::Progress::kSent);
}

TEST_F(TlsClientTest, BodyToTheEndNeedsTheServersGoodbye) {
  for (const bool goodbye : {true, false}) {
    auto outcome = Start();
    TlsPeer peer = Accept();
    ASSERT_TRUE(peer.Handshake());
    peer.ReadUntil("\r\n\r\n");
    peer.Send("HTTP/1.1 200 OK\r\n\r\nperhaps all of it");
    if (goodbye) peer.SayGoodbye();
    peer.Close();
    const Outcome got = outcome.get();
    if (goodbye) {
      EXPECT_EQ(got.body, "perhaps all of it");
      EXPECT_FALSE(got.error);
    } else {
      EXPECT_EQ(got.error, Code::kClosed);  // anybody on the way could have cut it
    }
  }
}

TEST_F(TlsClientTest, HandshakeThatIsNeverAnsweredTimesOut) {
  auto outcome = Start({.connect = 30ms});
  RawSocket peer = listener_.Accept();
  const Outcome got = outcome.get();
  EXPECT_EQ(got.error, Code::kTimeout);
  EXPECT_EQ(got.progress, Call::Progress::kNotSent);
  EXPECT_FALSE(peer.ReadToEnd().empty());  // the hello, then hung up on
}

TEST_F(TlsClientTest, CancelEndsTheHandshake) {
  auto outcome = Start();
  RawSocket peer = listener_.Accept();
  EXPECT_FALSE(peer.ReadSome().empty());
  thread_.Do([this] { cancel_.Fire(Code::kCancelled); });
  EXPECT_EQ(outcome.get().error, Code::kCancelled);
}

TEST_F(TlsClientTest, ServerThatSpeaksPlainHttpIsUnreachable) {
  auto outcome = Start();
  RawSocket peer = listener_.Accept();
  peer.Send("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
  EXPECT_EQ(outcome.get().error, Code::kUnreachable);
}

TEST_F(TlsClientTest, ServerThatHangsUpInTheHandshakeIsUnreachable) {
  auto outcome = Start();
  listener_.Accept().Close();
  ExpectRefused(outcome.get(), "TLS handshake failed");
}

TEST_F(TlsClientTest, RefusalBeforeTheWholeRequestIsTheAnswer) {
  request_body_.assign(32 * base::MiB, 'x');
  auto outcome = Start();
  TlsPeer peer = Accept();
  ASSERT_TRUE(peer.Handshake());
  peer.ReadUntil("\r\n\r\n");
  peer.Send("HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nbig");
  const Outcome got = outcome.get();
  EXPECT_FALSE(got.error);
  EXPECT_EQ(got.body, "big");
}

TEST_F(TlsClientTest, ProxyCarriesTlsOfTheOriginThroughItsTunnel) {
  options_.proxy = Proxy{.host = "127.0.0.1", .port = listener_.port(), .authorization = ""};
  options_.origin = {.host = "api.example", .port = 443, .tls = true};
  Present(authority_.Issue("DNS:api.example"));
  auto outcome = Start();
  RawSocket proxy = listener_.Accept();
  EXPECT_EQ(proxy.ReadUntil("\r\n\r\n"), "CONNECT api.example:443 HTTP/1.1\r\nhost: api.example:443\r\n\r\n");
  proxy.Send("HTTP/1.1 200 OK\r\n\r\n");
  TlsPeer peer(std::move(proxy), *context_->NewSession());
  ASSERT_TRUE(peer.Handshake());
  EXPECT_EQ(peer.ReadUntil("\r\n\r\n"), kRequest);
  peer.Send(kOk);
  EXPECT_EQ(outcome.get().body, "ok");
}

TEST(TlsClientContextTest, AuthoritiesThatCannotBeReadAreAnError) {
  const Authority authority;
  EXPECT_FALSE(TlsClientContext::Load("/does/not/exist.pem"));
  EXPECT_FALSE(TlsClientContext::Load(authority.Write("empty.pem", "")));
  EXPECT_FALSE(TlsClientContext::Load(authority.Write("bad.pem", "-----BEGIN CERTIFICATE-----\nxx\n")));
  EXPECT_TRUE(TlsClientContext::Load(""));
}

}  // namespace
}  // namespace net
