#include "net/smtp_client.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "net/certificates_internal.h"
#include "net/loop_thread_for_test.h"
#include "net/raw_socket_internal.h"
#include "net/tls_peer_internal.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Code;

// "" for no error, else its name and sentence.
std::string Said(const base::Result<void>& result) {
  return result ? "" : std::string(base::Name(result.error().code)) + ": " + result.error().detail;
}

// A mail server that the test plays by hand.
class SmtpClientTest : public testing::Test {
 protected:
  SmtpClientTest() {
    server_.host = "localhost";
    server_.port = listener_.port();
    server_.security = MailServer::Security::kNone;
    server_.own_name = "example.com";
    thread_.Start();
  }
  ~SmtpClientTest() override {
    thread_.Do([] {});
    thread_.Join();
  }

  // Begins to send; the result comes when the conversation is over.
  std::future<base::Result<void>> Start(MailTimeouts timeouts = {}) {
    const auto promise = std::make_shared<std::promise<base::Result<void>>>();
    thread_.loop().Post([this, timeouts, promise] { Spawn(Run(timeouts, promise)); });
    return promise->get_future();
  }
  Task<void> Run(MailTimeouts timeouts, std::shared_ptr<std::promise<base::Result<void>>> promise) {
    auto result = co_await SendMail(thread_.loop(), resolver_, server_, mail_, timeouts, cancel_);
    promise->set_value(std::move(result));
  }

  void Secure(MailServer::Security security) {
    server_.security = security;
    server_.tls = *TlsClientContext::Load(authority_.file());
  }
  TlsPeer Accepted(RawSocket socket, const std::string& names = "DNS:localhost") {
    const Authority::Issued files = authority_.Issue(names);
    const auto context = TlsServerContext::Load(files.certificate_file, files.key_file);
    return TlsPeer(std::move(socket), *(*context)->NewSession());
  }

  // A server that has greeted and been told who is there.
  RawSocket Greeted() {
    RawSocket peer = listener_.Accept();
    peer.Send("220 mx\r\n");
    EXPECT_EQ(peer.ReadUntil("\r\n"), "EHLO example.com\r\n");
    return peer;
  }
  // What the client says next, when it has been told this.
  template <class Peer>
  static std::string Next(Peer& peer, std::string_view say) {
    peer.Send(say);
    return peer.ReadUntil("\r\n");
  }

  // The conversation from the greeting on, up to and with the message.
  template <class Peer>
  static std::string TakeMail(Peer& peer, const std::string& offers = "") {
    std::string heard;
    const auto turn = [&](std::string_view say, std::string_view until) {
      peer.Send(say);
      heard += peer.ReadUntil(until);
    };
    turn("220 mx ready\r\n", "\r\n");
    turn("250-mx\r\n" + offers + "250 HELP\r\n", "\r\n");
    turn("250 ok\r\n", "\r\n");
    turn("250 ok\r\n", "\r\n");
    turn("354 go\r\n", "\r\n.\r\n");
    turn("250 taken\r\n", "\r\n");
    peer.Send("221 bye\r\n");
    return heard;
  }

  // Refuses at the command that begins like this, with this reply; all before are accepted.
  std::string RefusedAt(const std::string& command, const std::string& reply) {
    auto result = Start();
    RawSocket peer = listener_.Accept();
    if (command == "greeting") {
      peer.Send(reply + "\r\n");
    } else {
      peer.Send("220 mx\r\n");
      for (bool refused = false; !refused;) {
        const std::string heard = peer.ReadUntil("\r\n");
        if (heard.empty()) break;
        refused = heard.starts_with(command);
        peer.Send(refused ? reply + "\r\n" : heard.starts_with("DATA") ? "354 go\r\n" : "250 ok\r\n");
      }
    }
    peer.Close();
    return Said(result.get());
  }

  LoopThread thread_;
  RawListener listener_;
  Authority authority_;
  const base::SystemClock clock_;
  Resolver resolver_{clock_};
  Cancel cancel_;
  MailServer server_;
  Mail mail_{.from = "sluice@example.com", .to = "ops@example.com", .message = "Subject: x\r\n\r\n.dot\r\n"};
};

TEST_F(SmtpClientTest, AMessageIsHandedOver) {
  auto result = Start();
  RawSocket peer = listener_.Accept();
  EXPECT_EQ(TakeMail(peer),
            "EHLO example.com\r\nMAIL FROM:<sluice@example.com>\r\nRCPT TO:<ops@example.com>\r\nDATA\r\n"
            "Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n");
  EXPECT_EQ(Said(result.get()), "");
}

TEST_F(SmtpClientTest, TlsFromTheFirstByteIsVerified) {
  Secure(MailServer::Security::kTls);
  auto result = Start();
  TlsPeer peer = Accepted(listener_.Accept());
  ASSERT_TRUE(peer.Handshake());
  EXPECT_EQ(peer.protocol(), "");
  EXPECT_NE(TakeMail(peer).find("RCPT TO:<ops@example.com>"), std::string::npos);
  EXPECT_EQ(Said(result.get()), "");
}

TEST_F(SmtpClientTest, AServerOfAnotherNameGetsNothing) {
  Secure(MailServer::Security::kTls);
  auto result = Start();
  TlsPeer peer = Accepted(listener_.Accept(), "DNS:other.example.com");
  EXPECT_FALSE(peer.Handshake() && !peer.ReadUntil("\r\n").empty());
  EXPECT_TRUE(Said(result.get()).starts_with("unreachable: TLS handshake failed"));
}

TEST_F(SmtpClientTest, StartTlsComesBeforeTheLogin) {
  Secure(MailServer::Security::kStartTls);
  server_.user = "me";
  server_.password = "secret";
  auto result = Start();
  RawSocket plain = Greeted();
  EXPECT_EQ(Next(plain, "250-mx\r\n250-AUTH LOGIN\r\n250 StartTLS\r\n"), "STARTTLS\r\n");
  plain.Send("220 go\r\n");
  TlsPeer peer = Accepted(std::move(plain));
  ASSERT_TRUE(peer.Handshake());
  EXPECT_EQ(peer.ReadUntil("\r\n"), "EHLO example.com\r\n");
  EXPECT_EQ(Next(peer, "250-mx\r\n250 AUTH CRAM-MD5 PLAIN\r\n"), "AUTH PLAIN AG1lAHNlY3JldA==\r\n");
  EXPECT_EQ(Next(peer, "235 in\r\n"), "MAIL FROM:<sluice@example.com>\r\n");
  EXPECT_EQ(Next(peer, "250 ok\r\n"), "RCPT TO:<ops@example.com>\r\n");
  peer.Close();
  EXPECT_TRUE(Said(result.get()).starts_with("closed: "));
}

TEST_F(SmtpClientTest, AServerWithoutStartTlsHearsNoMore) {
  Secure(MailServer::Security::kStartTls);
  auto result = Start();
  RawSocket peer = Greeted();
  peer.Send("250-mx\r\n250 AUTH PLAIN\r\n");
  EXPECT_EQ(peer.ReadToEnd(), "");
  EXPECT_EQ(Said(result.get()),
            "unavailable: the mail server does not accept TLS: it does not offer STARTTLS");
}

TEST_F(SmtpClientTest, WordsFromBeforeTlsAreNotTakenForAnswersBehindIt) {
  Secure(MailServer::Security::kStartTls);
  auto result = Start();
  RawSocket peer = Greeted();
  Next(peer, "250-mx\r\n250 STARTTLS\r\n");
  peer.Send("220 go\r\n250 forged\r\n");
  EXPECT_EQ(peer.ReadToEnd(), "");
  EXPECT_EQ(Said(result.get()), "invalid: more than an answer came before TLS");
}

TEST_F(SmtpClientTest, ALoginByQuestionsIsAnswered) {
  server_.user = "me";
  server_.password = "secret";
  auto result = Start();
  RawSocket peer = Greeted();
  EXPECT_EQ(Next(peer, "250-mx\r\n250 AUTH LOGIN\r\n"), "AUTH LOGIN\r\n");
  EXPECT_EQ(Next(peer, "334 VXNlcm5hbWU6\r\n"), "bWU=\r\n");
  EXPECT_EQ(Next(peer, "334 UGFzc3dvcmQ6\r\n"), "c2VjcmV0\r\n");
  peer.Send("535 c2VjcmV0 is wrong\r\n");
  EXPECT_EQ(peer.ReadToEnd(), "");
  EXPECT_EQ(Said(result.get()), "unavailable: the mail server does not accept the login: status 535");
}

TEST_F(SmtpClientTest, AServerThatOffersNoLoginIsNotToldThePassword) {
  server_.user = "me";
  server_.password = "secret";
  EXPECT_EQ(RefusedAt("AUTH", "235 in"),
            "unavailable: the mail server does not accept a login: it offers neither PLAIN nor LOGIN");
}

TEST_F(SmtpClientTest, WhatIsRefusedForGoodIsToldFromWhatIsNot) {
  EXPECT_EQ(RefusedAt("MAIL", "550 5.7.1 not you"),
            "denied: the mail server does not take mail from sluice@example.com: 550 5.7.1 not you");
  EXPECT_EQ(RefusedAt("RCPT", "550 5.1.1 nobody"),
            "denied: the mail server does not take mail for ops@example.com: 550 5.1.1 nobody");
  EXPECT_EQ(RefusedAt("QUIT", ""), "");
  for (const char* command : {"MAIL", "RCPT", "DATA"}) {
    EXPECT_TRUE(RefusedAt(command, "451 later").starts_with("unavailable: ")) << command;
    EXPECT_TRUE(RefusedAt(command, "554 never").starts_with("denied: ")) << command;
    EXPECT_TRUE(RefusedAt(command, "530 log in").starts_with("unavailable: ")) << command;
    EXPECT_TRUE(
        RefusedAt(command, "354").starts_with(std::string_view(command) == "DATA" ? "closed: " : "un"));
    EXPECT_TRUE(RefusedAt(command, "nonsense").starts_with("invalid: ")) << command;
  }
  EXPECT_TRUE(RefusedAt("greeting", "554 no service").starts_with("unavailable: "));
  EXPECT_TRUE(RefusedAt("EHLO", "502 what").starts_with("unavailable: "));
}

TEST_F(SmtpClientTest, WhatTheServerSaysOfTheMessageItselfCounts) {
  for (const auto& [reply, begins] : {std::pair{"554 spam", "denied: "}, {"452 full", "unavailable: "}}) {
    auto result = Start();
    RawSocket peer = Greeted();
    for (int i = 0; i < 3; ++i) Next(peer, "250 ok\r\n");
    peer.Send("354 go\r\n");
    peer.ReadUntil("\r\n.\r\n");
    peer.Send(std::string(reply) + "\r\n");
    EXPECT_TRUE(Said(result.get()).starts_with(begins)) << reply;
  }
}

TEST_F(SmtpClientTest, NobodyThereIsAnError) {
  server_.port = 1;
  EXPECT_TRUE(Said(Start().get()).starts_with("unreachable: "));
}

TEST_F(SmtpClientTest, AServerThatIsSilentIsGivenUp) {
  auto reply = Start({.reply = 1ms});
  const RawSocket one = listener_.Accept();
  EXPECT_TRUE(Said(reply.get()).starts_with("timeout: "));
  auto total = Start({.total = 1ms});
  const RawSocket other = listener_.Accept();
  EXPECT_TRUE(Said(total.get()).starts_with("timeout: "));
}

TEST_F(SmtpClientTest, AConversationCanBeGivenUp) {
  auto result = Start();
  RawSocket peer = Greeted();
  thread_.Do([this] { cancel_.Fire(Code::kCancelled); });
  EXPECT_TRUE(Said(result.get()).starts_with("cancelled: "));
}

TEST_F(SmtpClientTest, AnAddressCannotBringACommandAlong) {
  for (const char* address : {"", "a@b>\r\nRCPT TO:<c@d", "a b@c", "a@b\n", "<a@b>", "\xe4@b"}) {
    mail_.to = address;
    EXPECT_TRUE(Said(Start().get()).starts_with("invalid: ")) << address;
    mail_.to = "a@b";
    mail_.from = address;
    EXPECT_TRUE(Said(Start().get()).starts_with("invalid: ")) << address;
    mail_.from = "a@b";
  }
}

TEST(MailDataTest, EveryLineEndsAlikeAndNoDotEndsTheMessage) {
  EXPECT_EQ(MailData(""), ".\r\n");
  EXPECT_EQ(MailData("a"), "a\r\n.\r\n");
  EXPECT_EQ(MailData("a\r\n"), "a\r\n.\r\n");
  EXPECT_EQ(MailData(".\r\n"), "..\r\n.\r\n");
  EXPECT_EQ(MailData("a\n.\nb\r.\r\r\n"), "a\r\n..\r\nb\r\n..\r\n\r\n.\r\n");
  EXPECT_EQ(MailData("a\r\n.\r\nMAIL FROM:<x@y>\r\n"), "a\r\n..\r\nMAIL FROM:<x@y>\r\n.\r\n");
}

}  // namespace
}  // namespace net
