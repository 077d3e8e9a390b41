#include "base/encoding.h"
#include "base/json_text.h"
#include "sim/service.h"

namespace sim {
namespace {

constexpr std::string_view kJsonFields = "content-type: application/json\r\n";
constexpr std::string_view kBytesFields = "content-type: application/octet-stream\r\n";
constexpr std::string_view kNotFound = "{\"error\":{\"message\":\"no such page of the simulator\"}}";

}  // namespace

net::Task<bool> ServeControl(net::Exchange& exchange, Provider& provider) {
  const net::RequestHead& head = exchange.request();
  std::string_view path = head.path;
  if (!path.starts_with("/sim/")) co_return false;
  if (auto body = co_await exchange.ReadBody(); !body) co_return true;
  path.remove_prefix(4);
  if (head.method == "GET" && path == "/requests") {
    co_await exchange.Reply(200, kJsonFields, provider.visits().WriteJson());
  } else if (head.method == "GET" && path == "/state") {
    co_await exchange.Reply(200, kJsonFields, provider.StateJson());
  } else if (head.method == "POST" && path == "/reset") {
    provider.Reset();
    co_await exchange.Reply(204, "", "");
  } else if (head.method == "GET" && path.starts_with("/body/")) {
    const auto number = base::ParseDecimal(path.substr(6));
    const auto body = number ? provider.visits().Body(*number) : nullptr;
    if (body) {
      co_await exchange.Reply(200, kBytesFields, body->view());
    } else {
      co_await exchange.Reply(404, kJsonFields, kNotFound);
    }
  } else {
    co_await exchange.Reply(404, kJsonFields, kNotFound);
  }
  co_return true;
}

}  // namespace sim
