// The half of Exchange that answers on a stream of a connection with several.

#include <utility>

#include "base/check.h"
#include "net/header_text.h"
#include "net/http_server.h"
#include "net/http_server_internal.h"

namespace net {

using base::Result;

void Exchange::BeginOnStream(int status, std::string_view fields, std::optional<std::size_t> length) {
  CHECK(!started_);
  started_ = true;
  std::string text;
  text.reserve(fields.size() + 96);
  AppendField(text, "date", server_.Date());
  text += fields;
  if (length) AppendField(text, "content-length", std::to_string(*length));
  stream_->Begin(status, std::move(text));
}

Task<Result<void>> Exchange::ReplyOnStream(int status, std::string_view fields, std::string_view body) {
  const bool bare = status == 204 || status == 304;
  BeginOnStream(status, fields, bare ? std::nullopt : std::optional(body.size()));
  const std::string_view pieces[] = {body};
  co_return co_await SendOnStream(pieces, true);
}

Task<Result<void>> Exchange::SendOnStream(std::span<const std::string_view> pieces, bool end) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += suppress_body_ ? 0 : piece.size();
  if (size == 0) pieces = {};
  auto sent = co_await stream_->Send(pieces, end);
  if (sent) body_bytes_sent_ += size;
  if (sent && end) finished_ = true;
  co_return sent;
}

}  // namespace net
