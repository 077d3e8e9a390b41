#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/endpoint.h"
#include "config/secret.h"

// Whom alerts go to, and the server that takes those that go by e-mail.

namespace config {

// local@domain of ASCII, at most 254 characters: what stands in a mail server's commands and in a header
// without quotes. Of the characters that may stand before the @ (RFC 5322, atext) those that mean something
// in a mailto: address (% ?) are left out.
Parsed<std::string> ParseMailAddress(std::string_view text);

// Where an alert goes: it is posted to a URL, or sent to people. Checked settings: at most one of the two is
// set; neither: there is none.
struct AlertAddress {
  // Its path may end in a query, as that of many chat services does, "?..." being part of it.
  Url hook;                         // empty host: none
  std::vector<std::string> mail{};  // addresses, each once

  // https://hooks.example.com/x?key=y, mailto:ops@example.com, mailto:a@example.com,b@example.com
  static Parsed<AlertAddress> Parse(std::string_view text);
  std::string Print() const;  // what Parse reads
  // For people, without what only its owner should see: the path of many a chat service is its secret.
  std::string PrintShort() const;

  bool empty() const { return hook.host.empty() && mail.empty(); }
  friend bool operator==(const AlertAddress&, const AlertAddress&) = default;
};

enum class MailSecurity { kStartTls, kImplicit, kNone };

struct SmtpSettings {
  HostPort server;  // empty host: there is none, and no alert may go by e-mail
  MailSecurity tls = MailSecurity::kStartTls;
  std::string from;     // checked settings: set where there is a server
  Secret user;          // empty: no login
  Secret password;      // checked settings: set where there is a user
  std::string ca_file;  // empty: the system's

  friend bool operator==(const SmtpSettings&, const SmtpSettings&) = default;
};

// How alerts are sent.
struct AlertingSettings {
  Secret secret;  // empty: they are not signed
  SmtpSettings smtp;
};

}  // namespace config
