// A mail server's bytes: however they are cut, the same replies come of them or the same refusal, and what is
// shown of one is one line of visible ASCII.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "net/smtp_client.h"
#include "net/smtp_reply.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = net::ParseSmtpReply(bytes);
  for (std::size_t part = 0; part < size; part += 1 + size / 64) {
    const auto early = net::ParseSmtpReply(bytes.substr(0, part));
    if (!early) CHECK(!whole && whole.error().code == early.error().code);
    if (early && *early) CHECK(whole && *whole && (*whole)->bytes == (*early)->bytes);
  }
  if (whole && *whole) {
    const net::SmtpReply& reply = (*whole)->reply;
    CHECK((*whole)->bytes <= size && reply.code >= 200 && reply.code < 600 && !reply.texts.empty());
    for (const char c : reply.Print()) CHECK(c >= ' ' && c < '\x7f');
  }
  const std::string mail = net::MailData(bytes);
  CHECK(mail.ends_with(".\r\n") && mail.find("\r\n.\r\n") == (mail.size() > 3 ? mail.size() - 5 : mail.npos));
  return 0;
}
