#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "budget/crossings.h"

namespace gateway {

struct MailEnvelope {
  std::string_view id;    // of the alert; with the sender's domain the message's own
  std::string_view from;  // addresses, without brackets
  std::string_view to;
  base::WallTime sent;
};

// The message (RFC 5322) that tells one person of a crossing: plain text in UTF-8, its subject the crossing's
// reason. All of it is ASCII, in lines that end in CRLF; whatever a scope's name holds ends no line.
std::string AlertMail(const budget::Crossing& crossing, const MailEnvelope& envelope);

// "Subject: " and a text, as encoded words (RFC 2047) where it is not plain ASCII, folded.
std::string SubjectField(std::string_view text);

// Mon, 30 Nov 2026 18:05:09 +0000
std::string MailDate(base::WallTime at);

}  // namespace gateway
