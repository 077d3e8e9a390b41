#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace base {

// Why something did not work, as far as code needs to tell cases apart. Closed on purpose: a switch over it
// has no default, so that the compiler finds the place that forgot a new code.
enum class Code {
  kInvalid,      // what was given is wrong by itself and stays wrong: a bad setting, a malformed message
  kTooLarge,     // a size or count limit was exceeded
  kNotFound,     // the named thing does not exist
  kDenied,       // it exists, but not for this caller
  kTimeout,      // the time allowed for it ran out
  kClosed,       // the other side closed or reset the connection
  kUnreachable,  // no connection could be made: DNS, TCP or TLS
  kUnavailable,  // not now: draining, overloaded, a queue is full
  kCancelled,    // the caller no longer wants it
  kIo,           // the operating system refused: disk full, permission, no descriptors
};

// One failure: a code for the program and one sentence for a person that says what to do about it. The
// sentence never holds a secret, a prompt or an answer.
struct Error {
  Code code;
  std::string detail;
};

std::string_view Name(Code code);

template <class T = void>
using Result = tl::expected<T, Error>;

// `return base::Fail(Code::kTooLarge, "...")` from any function that returns a Result.
inline tl::unexpected<Error> Fail(Code code, std::string detail) {
  return tl::unexpected<Error>(Error{code, std::move(detail)});
}

inline tl::unexpected<Error> Fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace base
