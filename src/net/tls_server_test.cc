#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>

#include "net/certificates_internal.h"
#include "net/http_client.h"
#include "net/server_fixture_internal.h"
#include "net/tls_peer_internal.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Code;

std::string Patterned(std::size_t size) {
  std::string body(size, '\0');
  for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return body;
}

// A TLS server on a loop, and clients that the test plays by hand.
class TlsServerTest : public ServerFixture {
 protected:
  TlsServerTest() : client_(SSL_CTX_new(TLS_client_method())) {}

  std::shared_ptr<const TlsServerContext> Context(const std::string& names = "DNS:localhost") {
    const Authority::Issued issued = authority_.Issue(names);
    return *TlsServerContext::Load(issued.certificate_file, issued.key_file);
  }

  TlsPeer DialTls() {
    SslPtr ssl(SSL_new(client_.get()));
    SSL_set_connect_state(ssl.get());
    return {Dial(), std::move(ssl)};
  }

  // The first name in the certificate that the server shows.
  std::string NameShown() {
    TlsPeer client = DialTls();
    EXPECT_TRUE(client.Handshake());
    X509* const shown = SSL_get1_peer_certificate(client.ssl());
    const int matches = X509_check_host(shown, "new.test", 0, 0, nullptr);
    X509_free(shown);
    return matches == 1 ? "new.test" : "another";
  }

  // One request over a pool on the server's loop.
  base::Result<std::string> RoundTrip(std::string head, std::string body) {
    return thread_.Await<base::Result<std::string>>([&] { return Run(head, body); });
  }
  Task<base::Result<std::string>> Run(const std::string& head, const std::string& body) {
    const CallTimeouts timeouts;
    Call call(*pool_, timeouts, cancel_);
    const std::string_view pieces[] = {head, body};
    if (auto sent = co_await call.Send("POST", pieces); !sent) co_return base::Fail(sent.error());
    base::Buffer answer;
    if (auto read = co_await call.ReadAll(answer, 64 * base::MiB); !read) co_return base::Fail(read.error());
    co_return std::string(answer.view());
  }
  void OpenPool() {
    PoolOptions options;
    options.origin = {.host = "localhost", .port = server_->local().port, .tls = true};
    options.tls = *TlsClientContext::Load(authority_.file());
    thread_.Do([&] { pool_.emplace(thread_.loop(), resolver_, options); });
  }
  void ClosePool() {
    thread_.Do([this] { pool_.reset(); });
  }

  Authority authority_;
  SslContextPtr client_;
  base::SystemClock clock_;
  Resolver resolver_{clock_};
  Cancel cancel_;
  std::optional<Pool> pool_;
};

std::string Post(std::size_t size) {
  return "POST / HTTP/1.1\r\nhost: t\r\ncontent-length: " + std::to_string(size) + "\r\n\r\n";
}

TEST_F(TlsServerTest, RequestsAreAnsweredOnOneConnection) {
  Serve(Echo, {}, Context());
  TlsPeer client = DialTls();
  ASSERT_TRUE(client.Handshake());
  for (int i = 0; i < 3; ++i) {
    client.Send(Post(4) + "ping");
    EXPECT_EQ(client.ReadUntil("ping").substr(0, 15), "HTTP/1.1 200 OK");
  }
  EXPECT_EQ(server_->connections(), 1u);
}

TEST_F(TlsServerTest, OlderProtocolIsRefused) {
  Serve(Echo, {}, Context());
  SSL_CTX_set_security_level(client_.get(), 0);
  SSL_CTX_set_max_proto_version(client_.get(), TLS1_1_VERSION);
  EXPECT_FALSE(DialTls().Handshake());
  SSL_CTX_set_max_proto_version(client_.get(), TLS1_2_VERSION);
  EXPECT_TRUE(DialTls().Handshake());
}

TEST_F(TlsServerTest, Http11IsChosenAndNothingElse) {
  Serve(Echo, {}, Context());
  static constexpr unsigned char kBoth[] = "\x02h2\x08http/1.1";
  SSL_CTX_set_alpn_protos(client_.get(), kBoth, sizeof kBoth - 1);
  TlsPeer client = DialTls();
  ASSERT_TRUE(client.Handshake());
  EXPECT_EQ(client.protocol(), "http/1.1");
  static constexpr unsigned char kH2[] = "\x02h2";
  SSL_CTX_set_alpn_protos(client_.get(), kH2, sizeof kH2 - 1);
  EXPECT_FALSE(DialTls().Handshake());
}

TEST_F(TlsServerTest, ClientMayResumeItsSession) {
  Serve(Echo, {}, Context());
  TlsPeer first = DialTls();
  ASSERT_TRUE(first.Handshake());
  first.Send(Post(4) + "ping");
  first.ReadUntil("ping");  // the ticket comes before it
  TlsPeer second = DialTls();
  SSL_SESSION* const session = SSL_get1_session(first.ssl());
  SSL_set_session(second.ssl(), session);
  SSL_SESSION_free(session);
  ASSERT_TRUE(second.Handshake());
  EXPECT_TRUE(second.resumed());
  second.Send(Post(4) + "pong");
  EXPECT_NE(second.ReadUntil("pong"), "");
}

TEST_F(TlsServerTest, PlainHttpOnTheTlsPortIsHungUpOn) {
  std::atomic<int> handled{0};
  Serve(
      [&handled](Exchange& exchange) {
        ++handled;
        return Echo(exchange);
      },
      {}, Context());
  RawSocket client = Dial();
  client.Send("GET / HTTP/1.1\r\nhost: t\r\n\r\n");
  EXPECT_EQ(client.ReadToEnd().find("HTTP/1.1"), std::string::npos);
  thread_.Until([this] { return server_->connections() == 0; });
  EXPECT_EQ(handled, 0);
}

TEST_F(TlsServerTest, HandshakeThatNeverEndsTimesOut) {
  ServerLimits limits;
  limits.header_timeout = 30ms;
  Serve(Echo, limits, Context());
  RawSocket silent = Dial();
  RawSocket started = Dial();
  started.Send("\x16\x03\x01");  // the beginning of a record
  EXPECT_EQ(silent.ReadToEnd(), "");
  EXPECT_EQ(started.ReadToEnd(), "");
  thread_.Until([this] { return server_->connections() == 0; });
}

TEST_F(TlsServerTest, ClientThatIsCutInsideItsBodyIsNotTakenAtItsWord) {
  std::promise<Code> seen;
  Serve(
      [&seen](Exchange& exchange) -> Task<void> {
        const auto body = co_await exchange.ReadBody();
        seen.set_value(body ? Code::kInvalid : body.error().code);
      },
      {}, Context());
  TlsPeer client = DialTls();
  ASSERT_TRUE(client.Handshake());
  client.Send(Post(100) + "only this");
  client.Close();
  EXPECT_EQ(seen.get_future().get(), Code::kClosed);
}

TEST_F(TlsServerTest, LargeBodiesGoBothWays) {
  Serve(Echo, {}, Context());
  OpenPool();
  for (const std::size_t size : {1ul, 16383ul, 16384ul, 16385ul, 8 * base::MiB + 7}) {
    const std::string body = Patterned(size);
    const auto answer = RoundTrip(Post(size), body);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(*answer == body, true) << size;
  }
  ClosePool();
}

TEST_F(TlsServerTest, ManySmallChunksArriveWholeAndInOrder) {
  constexpr int kChunks = 20'000;
  Serve(
      [](Exchange& exchange) -> Task<void> {
        exchange.StartStream(200, "");
        for (int i = 0; i < kChunks; ++i) {
          const std::string text = std::to_string(i);
          const std::string_view pieces[] = {text, ","};
          const auto sent = co_await exchange.SendChunk(pieces);
          if (!sent) co_return;
        }
        [[maybe_unused]] const auto ended = co_await exchange.EndStream();
      },
      {}, Context());
  OpenPool();
  const auto answer = RoundTrip(Post(0), "");
  std::string expected;
  for (int i = 0; i < kChunks; ++i) expected.append(std::to_string(i)).append(",");
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(*answer == expected, true);
  ClosePool();
}

TEST_F(TlsServerTest, AnswerThatEndsTheConnectionEndsWithAGoodbye) {
  Serve(Echo, {}, Context());
  TlsPeer client = DialTls();
  ASSERT_TRUE(client.Handshake());
  client.Send("GET / HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n");
  client.ReadToEnd();
  EXPECT_EQ(SSL_get_shutdown(client.ssl()) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
}

TEST_F(TlsServerTest, OtherCertificateIsShownFromNowOn) {
  Serve(Echo, {}, Context());
  TlsPeer old = DialTls();
  ASSERT_TRUE(old.Handshake());
  EXPECT_EQ(NameShown(), "another");
  server_->SetTls(Context("DNS:new.test"));
  EXPECT_EQ(NameShown(), "new.test");
  old.Send(Post(4) + "ping");
  EXPECT_NE(old.ReadUntil("ping"), "");
}

TEST(TlsServerContextTest, FilesThatDoNotFitAreErrors) {
  Authority authority;
  const Authority::Issued one = authority.Issue("DNS:a.test");
  const Authority::Issued other = authority.Issue("DNS:b.test");
  EXPECT_TRUE(TlsServerContext::Load(one.certificate_file, one.key_file));
  const auto why = [](const std::string& certificate, const std::string& key) {
    const auto loaded = TlsServerContext::Load(certificate, key);
    return loaded ? "loaded" : loaded.error().detail;
  };
  const std::string& good = one.certificate_file;
  EXPECT_EQ(why(good, other.key_file),
            "cannot use the key " + other.key_file + ": it is not that of the certificate " + good);
  EXPECT_EQ(why("/none.pem", one.key_file),
            "cannot use the certificate /none.pem: No such file or directory");
  EXPECT_EQ(why(good, "/none.key"), "cannot use the key /none.key: No such file or directory");
  EXPECT_EQ(why(one.key_file, one.key_file),
            "cannot use the certificate " + one.key_file + ": no certificate in PEM form is in it");
  const std::string empty = authority.Write("empty.key", "");
  EXPECT_EQ(why(good, empty), "cannot use the key " + empty + ": no private key in PEM form is in it");
  const std::string torn = authority.Write(
      "torn.pem", "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n");
  EXPECT_EQ(why(torn, one.key_file).find("cannot use the certificate " + torn + ": it is damaged ("), 0u);
}

}  // namespace
}  // namespace net
