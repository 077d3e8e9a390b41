#include "net/smtp_client.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/encoding.h"
#include "net/connection.h"
#include "net/smtp_reply.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Code;
using base::Fail;
using base::Result;

constexpr std::size_t kAddressMax = 254;  // bytes (RFC 5321 section 4.5.3.1.3, without the brackets)
constexpr auto kFarewell = 2s;            // for the answer to QUIT, which changes nothing

// Nothing that would end the command or the brackets around it.
bool IsAddress(std::string_view text) {
  return !text.empty() && text.size() <= kAddressMax && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '<' && c != '>';
  });
}

// Why the server says no to our coming in: somebody can mend that, and it is tried again.
tl::unexpected<base::Error> NotLetIn(std::string_view step, const std::string& said) {
  return Fail(Code::kUnavailable, "the mail server does not accept " + std::string(step) + ": " + said);
}

// What may be said of mail is final where it is about this sender, recipient or message; 530, 535 and 538 are
// about a login.
tl::unexpected<base::Error> NotTaken(std::string_view what, const SmtpReply& reply) {
  const bool login = reply.code == 530 || reply.code == 535 || reply.code == 538;
  return Fail(reply.refused() && !login ? Code::kDenied : Code::kUnavailable,
              "the mail server does not take " + std::string(what) + ": " + reply.Print());
}

// One conversation over a connection. Belongs to its loop; both outlive it.
class Conversation {
 public:
  Conversation(Connection& connection, const MailServer& server) : connection_(connection), server_(server) {}

  // Greeting, TLS, login.
  Task<Result<void>> Open() {
    if (server_.security == MailServer::Security::kTls) {
      if (auto secured = co_await StartTls(); !secured) co_return secured;
    }
    auto greeting = co_await Read();
    if (!greeting) co_return Fail(std::move(greeting).error());
    if (greeting->code != 220) co_return NotLetIn("a connection", greeting->Print());
    if (auto known = co_await SayHello(); !known) co_return known;
    if (server_.security == MailServer::Security::kStartTls) {
      if (auto secured = co_await TurnToTls(); !secured) co_return secured;
      if (auto known = co_await SayHello(); !known) co_return known;  // what it said before may be forged
    }
    if (server_.user.empty()) co_return Result<void>();
    co_return co_await LogIn();
  }

  Task<Result<void>> Hand(const Mail& mail) {
    auto from = co_await Ask("MAIL FROM:<" + mail.from + ">");
    if (!from) co_return Fail(std::move(from).error());
    if (!from->positive()) co_return NotTaken("mail from " + mail.from, *from);
    auto to = co_await Ask("RCPT TO:<" + mail.to + ">");
    if (!to) co_return Fail(std::move(to).error());
    if (!to->positive()) co_return NotTaken("mail for " + mail.to, *to);
    auto ready = co_await Ask("DATA");
    if (!ready) co_return Fail(std::move(ready).error());
    if (ready->code != 354) co_return NotTaken("a message", *ready);
    const std::string data = MailData(mail.message);
    if (auto sent = co_await Send(data); !sent) co_return sent;
    auto taken = co_await Read();
    if (!taken) co_return Fail(std::move(taken).error());
    if (!taken->positive()) co_return NotTaken("the message", *taken);
    connection_.SetReceiveTimeout(kFarewell);
    [[maybe_unused]] const auto farewell = co_await Ask("QUIT");
    connection_.ShutdownSend();
    co_return Result<void>();
  }

 private:
  Task<Result<void>> Send(std::string_view bytes) {
    const std::string_view pieces[] = {bytes};
    co_return co_await connection_.Send(pieces);
  }

  Task<Result<SmtpReply>> Ask(std::string command) {
    command += "\r\n";
    if (auto sent = co_await Send(command); !sent) co_return Fail(std::move(sent).error());
    co_return co_await Read();
  }

  Task<Result<SmtpReply>> Read() {
    while (true) {
      auto read = ParseSmtpReply(connection_.Unread());
      if (!read) co_return Fail(std::move(read).error());
      if (*read) {
        connection_.Consume((*read)->bytes);
        co_return std::move((*read)->reply);
      }
      const auto received = co_await connection_.Receive();
      if (!received) co_return Fail(received.error());
      if (*received == 0) co_return Fail(Code::kClosed, "the mail server closed the connection");
    }
  }

  Task<Result<void>> StartTls() {
    auto ssl = server_.tls->NewSession(server_.host, nullptr, nullptr, Alpn::kNone);
    if (!ssl) co_return Fail(std::move(ssl).error());
    co_return co_await connection_.StartTls(std::move(*ssl));
  }

  Task<Result<void>> TurnToTls() {
    if (!starts_tls_) co_return NotLetIn("TLS", "it does not offer STARTTLS");
    auto ready = co_await Ask("STARTTLS");
    if (!ready) co_return Fail(std::move(ready).error());
    if (ready->code != 220) co_return NotLetIn("TLS", ready->Print());
    // Bytes from before TLS would pass for the server's answers behind it.
    if (!connection_.Unread().empty()) co_return Fail(Code::kInvalid, "more than an answer came before TLS");
    co_return co_await StartTls();
  }

  Task<Result<void>> SayHello() {
    auto hello = co_await Ask("EHLO " + server_.own_name);
    if (!hello) co_return Fail(std::move(hello).error());
    if (!hello->positive()) co_return NotLetIn("EHLO", hello->Print());
    starts_tls_ = false;
    logins_.clear();
    for (std::size_t i = 1; i < hello->texts.size(); ++i) {
      const std::string words = base::Lower(hello->texts[i]);
      if (words == "starttls") starts_tls_ = true;
      if (words.starts_with("auth ")) logins_ = words.substr(4) + " ";
    }
    co_return Result<void>();
  }

  // What the server says to a login is not repeated beyond its code.
  Task<Result<void>> LogIn() {
    Result<SmtpReply> said = Fail(Code::kUnavailable, "");
    if (logins_.find(" plain ") != std::string::npos) {
      const std::string words = std::string(1, '\0') + server_.user + std::string(1, '\0') + server_.password;
      said = co_await Ask("AUTH PLAIN " + base::Base64(words));
    } else if (logins_.find(" login ") != std::string::npos) {
      said = co_await LogInByQuestions();
    } else {
      co_return NotLetIn("a login", "it offers neither PLAIN nor LOGIN");
    }
    if (!said) co_return Fail(std::move(said).error());
    if (said->code != 235) co_return NotLetIn("the login", "status " + std::to_string(said->code));
    co_return Result<void>();
  }

  Task<Result<SmtpReply>> LogInByQuestions() {
    auto said = co_await Ask("AUTH LOGIN");
    if (!said || said->code != 334) co_return said;
    said = co_await Ask(base::Base64(server_.user));
    if (!said || said->code != 334) co_return said;
    co_return co_await Ask(base::Base64(server_.password));
  }

  Connection& connection_;
  const MailServer& server_;
  bool starts_tls_ = false;
  std::string logins_;  // that it offers, each between blanks, in lower case
};

}  // namespace

Task<Result<void>> SendMail(Loop& loop, Resolver& resolver, MailServer server, Mail mail,
                            MailTimeouts timeouts, Cancel& outer) {
  if (!IsAddress(mail.from) || !IsAddress(mail.to)) {
    co_return Fail(Code::kInvalid, "the address of the sender or of the recipient is none");
  }
  if (outer.why()) co_return Fail(*outer.why(), "given up before connecting");
  Cancel cancel;
  const Cancel::Hook given_up(outer, [&cancel](Code why) { cancel.Fire(why); });
  Timer late(loop.timers(), [&cancel] { cancel.Fire(Code::kTimeout); });
  late.SetAfter(timeouts.total);
  auto connection =
      co_await ConnectToName(loop, resolver, server.host, server.port, timeouts.connect, cancel);
  if (!connection) co_return Fail(std::move(connection).error());
  const Cancel::Hook hook(cancel, [&connection](Code why) { connection->Abort(why); });
  connection->SetReceiveTimeout(timeouts.reply);
  connection->SetSendTimeout(timeouts.reply);
  Conversation conversation(*connection, server);
  if (auto opened = co_await conversation.Open(); !opened) co_return opened;
  co_return co_await conversation.Hand(mail);
}

std::string MailData(std::string_view message) {
  std::string data;
  data.reserve(message.size() + 64);
  while (!message.empty()) {
    const std::size_t end = std::min(message.find_first_of("\r\n"), message.size());
    if (message[0] == '.') data += '.';
    data.append(message.substr(0, end)).append("\r\n");
    message.remove_prefix(end);
    message.remove_prefix(message.starts_with("\r\n") ? 2 : std::min<std::size_t>(message.size(), 1));
  }
  return data + ".\r\n";
}

}  // namespace net
