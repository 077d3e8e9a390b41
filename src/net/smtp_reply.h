#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace net {

// What a mail server answers to one command (RFC 5321 section 4.2).
struct SmtpReply {
  static constexpr std::size_t kLineMax = 2 * base::KiB;  // bytes; servers write up to 512
  static constexpr std::size_t kLinesMax = 64;

  int code = 0;                    // 200 to 599
  std::vector<std::string> texts;  // of its lines, behind the code; never empty

  bool positive() const { return code / 100 == 2; }
  // The server will say the same again: 5xx.
  bool refused() const { return code / 100 == 5; }

  // "550 5.1.1 no such user": the code and the first text, as far as a log line may show what a stranger
  // wrote.
  std::string Print() const;
};

struct ReadSmtpReply {
  SmtpReply reply;
  std::size_t bytes;  // that it takes
};

// The reply that `bytes` begin with; none: it is not whole yet. Strict: what two readers could understand
// differently (a bare line end, two codes, a control character) is refused. Errors: kInvalid, kTooLarge.
base::Result<std::optional<ReadSmtpReply>> ParseSmtpReply(std::string_view bytes);

}  // namespace net
