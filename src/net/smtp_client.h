#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/cancel.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/task.h"
#include "net/tls.h"

namespace net {

// A server that takes mail from those who know its password (submission, RFC 6409).
struct MailServer {
  enum class Security : unsigned char {
    kStartTls,  // TLS from the command STARTTLS on; nothing is sent where that is not offered
    kTls,       // TLS from the first byte (RFC 8314)
    kNone
  };

  std::string host;
  std::uint16_t port = 0;
  Security security = Security::kStartTls;
  std::shared_ptr<const TlsClientContext> tls;  // needed unless kNone
  std::string user;                             // empty: no login
  std::string password;
  std::string own_name;  // the domain that we say we are of
};

struct Mail {
  std::string from;     // address, without brackets
  std::string to;       // address, without brackets
  std::string message;  // header and body (RFC 5322); any kind of line end goes out as CRLF
};

struct MailTimeouts {
  std::chrono::nanoseconds connect = std::chrono::seconds(5);  // TCP, all addresses together
  std::chrono::nanoseconds reply = std::chrono::seconds(30);   // to one command; also one step of sending
  std::chrono::nanoseconds total = std::chrono::seconds(60);
};

// Hands one message to a mail server, on `loop`. When it returns without an error the server has it; when the
// connection ends behind the message's last byte nobody knows. Errors: kDenied: the server refuses this
// sender, recipient or message for good; kInvalid: an address is none; any other: not now (it cannot be
// reached, does not let us in, speaks no SMTP, or says so), or why `cancel` fired.
Task<base::Result<void>> SendMail(Loop& loop, Resolver& resolver, MailServer server, Mail mail,
                                  MailTimeouts timeouts, Cancel& cancel);

// A message as it follows DATA (RFC 5321 section 4.5.2): lines that end in CRLF, a dot before those that
// begin with one, and the dot that ends it.
std::string MailData(std::string_view message);

}  // namespace net
