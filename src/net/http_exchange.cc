#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "net/header_text.h"
#include "net/http_server.h"
#include "net/http_server_internal.h"

namespace net {
namespace {

using base::Result;

constexpr std::span<const std::string_view> kNothing;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

template <class Int>
void AppendNumber(base::BlockString& out, Int value, int radix = 10) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value, radix).ptr);
}

}  // namespace

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 425:
      return "Too Early";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 529:
      return "Overloaded";
    default:
      return "Unknown";
  }
}

Exchange::Exchange(ServerLoop& server, Connection& connection, const RequestHead& request,
                   const ServerLimits& limits, ExchangeStream* stream)
    : server_(server),
      connection_(connection),
      stream_(stream),
      request_(request),
      limits_(limits),
      body_(connection, stream == nullptr ? request.body : BodyLength{}),
      received_at_(server.loop().Now()),
      keep_alive_(request.keep_alive),
      suppress_body_(request.method == "HEAD") {
  if (stream_ == nullptr && body_.done()) WatchClient();
}

Exchange::~Exchange() {
  if (stream_ == nullptr) connection_.Unwatch();
}

void Exchange::WatchClient() {
  connection_.Watch([this] { cancel_.Fire(base::Code::kCancelled); });
}

Result<bool> Exchange::TryReadBody(base::Buffer& body) {
  if (stream_ != nullptr) return false;
  if (body_.done()) return true;
  auto whole_came = body_.TryReadAll(body, limits_.body_bytes_max);
  if (whole_came && *whole_came) WatchClient();
  return whole_came;
}

Task<Result<base::Buffer>> Exchange::ReadBody(std::optional<base::MonoTime> deadline) {
  base::Buffer body;
  const auto whole_came = TryReadBody(body);
  if (!whole_came) co_return base::Fail(whole_came.error());
  if (*whole_came) co_return body;
  if (auto read = co_await ReadRest(body, deadline); !read) co_return base::Fail(std::move(read).error());
  co_return body;
}

Task<Result<void>> Exchange::ReadRest(base::Buffer& body, std::optional<base::MonoTime> deadline) {
  if (stream_ != nullptr) {
    auto read = co_await stream_->ReadBody(deadline);
    if (!read) co_return base::Fail(std::move(read).error());
    body = std::move(*read);
    co_return Result<void>();
  }
  if (request_.expect_continue && connection_.Unread().empty() && body.empty()) {
    const std::string_view pieces[] = {kContinue};
    if (auto sent = co_await connection_.Send(pieces); !sent) co_return base::Fail(sent.error());
  }
  connection_.SetReceiveTimeout(limits_.body_idle_timeout);
  Timer whole(loop().timers(), [this] { connection_.ExpireReceive(); });
  const base::MonoTime latest = loop().Now() + limits_.body_timeout;
  whole.SetAt(std::min(latest, deadline.value_or(latest)));
  auto read = co_await body_.ReadAll(body, limits_.body_bytes_max);
  if (read) WatchClient();
  co_return read;
}

void Exchange::WriteHead(int status, std::string_view fields) {
  CHECK(!started_);
  started_ = true;
  // A connection with an unread body, or one that is to go away, cannot carry another request.
  if (!body_.done() || connection_.overrun() || server_.draining()) keep_alive_ = false;
  head_.reserve(256 + fields.size());
  head_ = request_.minor_version == 0 ? "HTTP/1.0 " : "HTTP/1.1 ";
  AppendNumber(head_, status);
  head_ += ' ';
  head_ += ReasonPhrase(status);
  head_ += "\r\ndate: ";
  head_ += server_.Date();
  head_ += "\r\n";
  head_ += fields;
}

Task<Result<void>> Exchange::Reply(int status, std::string_view fields, std::string_view body) {
  if (stream_ != nullptr) co_return co_await ReplyOnStream(status, fields, body);
  WriteHead(status, fields);
  if (status != 204 && status != 304) {
    head_ += "content-length: ";
    AppendNumber(head_, body.size());
    head_ += "\r\n";
  }
  head_ += keep_alive_ ? (request_.minor_version == 0 ? "connection: keep-alive\r\n\r\n" : "\r\n")
                       : "connection: close\r\n\r\n";
  const std::string_view pieces[] = {head_, suppress_body_ ? std::string_view() : body};
  auto sent = co_await connection_.Send(pieces);
  if (sent) {
    finished_ = true;
    body_bytes_sent_ += pieces[1].size();
  }
  co_return sent;
}

void Exchange::StartStream(int status, std::string_view fields) {
  if (stream_ != nullptr) return BeginOnStream(status, fields, std::nullopt);
  WriteHead(status, fields);
  chunked_ = request_.minor_version == 1;
  if (chunked_) {
    head_ += "transfer-encoding: chunked\r\n";
  } else {
    keep_alive_ = false;  // the end of the connection is the end of the body
  }
  head_ += keep_alive_ ? "\r\n" : "connection: close\r\n\r\n";
  head_pending_ = true;
}

Task<Result<void>> Exchange::FlushHead() {
  if (stream_ != nullptr) co_return co_await SendOnStream(kNothing, false);
  if (!head_pending_) co_return Result<void>();
  head_pending_ = false;
  const std::string_view pieces[] = {head_};
  co_return co_await connection_.Send(pieces);
}

Task<Result<void>> Exchange::SendChunk(std::span<const std::string_view> pieces) {
  if (stream_ != nullptr) co_return co_await SendOnStream(pieces, false);
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  if (size == 0) co_return Result<void>();  // an empty chunk would end the body
  gather_.clear();
  if (head_pending_) gather_.push_back(head_);
  head_pending_ = false;
  if (!suppress_body_) {
    if (chunked_) {
      char* end = std::to_chars(chunk_size_, chunk_size_ + 16, size, 16).ptr;
      *end++ = '\r';
      *end++ = '\n';
      gather_.emplace_back(chunk_size_, static_cast<std::size_t>(end - chunk_size_));
    }
    gather_.insert(gather_.end(), pieces.begin(), pieces.end());
    if (chunked_) gather_.emplace_back("\r\n");
    body_bytes_sent_ += size;
  }
  co_return co_await connection_.Send(gather_);
}

Task<Result<void>> Exchange::EndStream() {
  if (stream_ != nullptr) co_return co_await SendOnStream(kNothing, true);
  gather_.clear();
  if (head_pending_) gather_.push_back(head_);
  head_pending_ = false;
  if (chunked_ && !suppress_body_) gather_.emplace_back("0\r\n\r\n");
  auto sent = co_await connection_.Send(gather_);
  finished_ = sent.has_value();
  co_return sent;
}

}  // namespace net
