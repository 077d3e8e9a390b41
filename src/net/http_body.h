#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/buffer.h"
#include "base/result.h"
#include "net/connection.h"
#include "net/http_chunk.h"
#include "net/http_head.h"
#include "net/task.h"

namespace net {

// Reads one message's body off a connection, whatever says where it ends. The connection outlives it.
class BodyReader {
 public:
  BodyReader(Connection& connection, BodyLength length);

  // The next piece that has already been received: nullopt when more must be waited for, empty at the end.
  // Views stay valid until the next Read or ReadAll. Errors: kInvalid, kTooLarge (chunk framing).
  base::Result<std::optional<std::string_view>> TryRead();

  // The next piece; empty at the end. Also kClosed when the connection ends before the body, kTimeout.
  Task<base::Result<std::string_view>> Read();

  // Everything up to the end, appended to `out`. kTooLarge when that is more than `bytes_max`.
  Task<base::Result<void>> ReadAll(base::Buffer& out, std::uint64_t bytes_max);

  // Appends what has already been received; true when that was the end. Costs no coroutine where a small
  // message has come in one piece. Errors as TryRead, kTooLarge.
  base::Result<bool> TryReadAll(base::Buffer& out, std::uint64_t bytes_max);

  bool done() const { return done_; }

 private:
  Task<base::Result<void>> ReadSized(base::Buffer& out);

  Connection& connection_;
  BodyLength length_;
  std::uint64_t left_;  // of a sized body
  ChunkDecoder chunks_;
  bool done_;
};

}  // namespace net
