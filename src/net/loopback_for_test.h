#pragma once

// For tests of every room: servers that a handler plays on a loop, and one request to them with its answer.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "net/http_client.h"
#include "net/http_server.h"

namespace net {

// A server on 127.0.0.1 and a free port. Never fails; end it with Drain and AbortAll before its loop.
inline std::unique_ptr<Server> PlayServer(std::span<const std::unique_ptr<Loop>> loops,
                                          Server::Handler handler) {
  auto server =
      Server::Listen(loops, {.address = *ParseAddress("127.0.0.1", 0),
                             .limits = {},
                             .tls = nullptr,
                             .make_handler = [handler = std::move(handler)](Loop&) { return handler; },
                             .refuse = [](int, const base::Error&) { return Refusal{}; }});
  CHECK(server.has_value());
  return std::move(*server);
}

inline PoolOptions PoolTo(const Address& address) {
  PoolOptions options;
  options.origin = {.host = "127.0.0.1", .port = address.port};
  return options;
}

struct Heard {
  int status = 0;      // 0: no answer
  std::string fields;  // `name: value` lines
  std::string body;

  std::string Find(std::string_view name) const {
    const std::string line = std::string(name) + ": ";
    const std::size_t at = fields.find(line);
    if (at == std::string::npos) return {};
    return fields.substr(at + line.size(), fields.find('\n', at) - at - line.size());
  }
};

// Sends a request without a body, or with one and its length, and reads the answer to its end, or as far as
// it comes. `fields` end in CRLF each.
inline Task<Heard> AskOnce(Pool& pool, std::string method, std::string path, std::string fields = "",
                           std::string body = "") {
  Heard heard;
  Cancel cancel;
  std::string message = method + " " + path + " HTTP/1.1\r\nhost: test\r\n" + fields;
  if (!body.empty()) message += "content-length: " + std::to_string(body.size()) + "\r\n";
  message += "\r\n" + body;
  const std::string_view pieces[] = {message};
  Call call(pool, CallTimeouts(), cancel);
  if (const auto sent = co_await call.Send(method, pieces); !sent) co_return heard;
  heard.status = call.head().status;
  for (const Field& field : call.head().fields) {
    heard.fields += std::string(field.name) + ": " + std::string(field.value) + "\n";
  }
  base::Buffer all;
  [[maybe_unused]] const auto read = co_await call.ReadAll(all, 16 * base::MiB);
  heard.body = all.view();
  co_return heard;
}

}  // namespace net
