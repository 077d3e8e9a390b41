#include "net/http_body.h"

#include <algorithm>
#include <string>

namespace net {
namespace {

using base::Code;
using base::Fail;
using base::Result;
using Kind = BodyLength::Kind;

constexpr std::size_t kReadStep = base::MiB;

tl::unexpected<base::Error> TooLarge(std::uint64_t bytes_max) {
  return Fail(Code::kTooLarge, "the body is larger than " + std::to_string(bytes_max) + " bytes");
}

}  // namespace

BodyReader::BodyReader(Connection& connection, BodyLength length)
    : connection_(connection),
      length_(length),
      left_(length.bytes),
      done_(length.kind == Kind::kNone || (length.kind == Kind::kSized && length.bytes == 0)) {}

Result<std::optional<std::string_view>> BodyReader::TryRead() {
  if (done_) return std::string_view();
  const std::string_view unread = connection_.Unread();
  if (unread.empty()) return std::nullopt;
  if (length_.kind == Kind::kUntilClose) {
    connection_.Consume(unread.size());
    return unread;
  }
  if (length_.kind == Kind::kSized) {
    const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, unread.size()));
    connection_.Consume(take);
    left_ -= take;
    done_ = left_ == 0;
    return unread.substr(0, take);
  }
  const auto step = chunks_.Decode(unread);
  if (!step) return Fail(step.error());
  connection_.Consume(step->consumed);
  done_ = chunks_.done();
  if (step->data.empty() && !done_) return std::nullopt;
  return step->data;
}

Task<Result<std::string_view>> BodyReader::Read() {
  while (true) {
    const auto piece = TryRead();
    if (!piece) co_return Fail(piece.error());
    if (*piece) co_return **piece;
    const auto received = co_await connection_.Receive();
    if (!received) co_return Fail(received.error());
    if (*received > 0) continue;
    if (length_.kind != Kind::kUntilClose) {
      co_return Fail(Code::kClosed, "the connection ended before the message did");
    }
    done_ = true;
  }
}

Result<bool> BodyReader::TryReadAll(base::Buffer& out, std::uint64_t bytes_max) {
  if (length_.kind == Kind::kSized && left_ > bytes_max) return TooLarge(bytes_max);
  while (!done_) {
    const auto piece = TryRead();
    if (!piece) return Fail(piece.error());
    if (!*piece) return false;
    if ((**piece).size() > bytes_max - std::min<std::uint64_t>(out.size(), bytes_max))
      return TooLarge(bytes_max);
    out.Append(**piece);
  }
  return true;
}

Task<Result<void>> BodyReader::ReadAll(base::Buffer& out, std::uint64_t bytes_max) {
  if (length_.kind == Kind::kSized) {
    if (left_ > bytes_max) co_return TooLarge(bytes_max);
    co_return co_await ReadSized(out);
  }
  while (!done_) {
    const auto piece = co_await Read();
    if (!piece) co_return Fail(piece.error());
    if (piece->size() > bytes_max - std::min<std::uint64_t>(out.size(), bytes_max))
      co_return TooLarge(bytes_max);
    out.Append(*piece);
  }
  co_return Result<void>();
}

// Large bodies are received straight into `out`. Room is made as bytes come, so that a length alone, sent
// without its body, costs no memory.
Task<Result<void>> BodyReader::ReadSized(base::Buffer& out) {
  while (!done_) {
    const auto buffered = TryRead();
    if (!buffered) co_return Fail(buffered.error());
    if (*buffered) {
      out.Append(**buffered);
      continue;
    }
    Result<std::size_t> received = std::size_t{0};
    if (connection_.receiving()) {
      received = co_await connection_.Receive();
    } else {
      const std::size_t step = std::max(kReadStep, out.size());
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left_, step));
      received = co_await connection_.ReceiveInto(out.Room(want).first(want));
      if (received) {
        out.Commit(*received);
        left_ -= *received;
        done_ = left_ == 0;
      }
    }
    if (!received) co_return Fail(received.error());
    if (*received == 0) co_return Fail(Code::kClosed, "the connection ended before the message did");
  }
  co_return Result<void>();
}

}  // namespace net
