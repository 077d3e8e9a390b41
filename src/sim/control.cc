#include "base/encoding.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "sim/json_find.h"
#include "sim/service.h"

namespace sim {
namespace {

constexpr std::string_view kJsonFields = "content-type: application/json\r\n";
constexpr std::string_view kBytesFields = "content-type: application/octet-stream\r\n";
constexpr std::string_view kNotFound = "{\"error\":{\"message\":\"no such page of the simulator\"}}";

std::string ClockJson(const ToldClock& clock) {
  base::JsonObject json;
  json.Add("now", base::PrintTime(clock.WallNow())).Add("speed", clock.speed());
  return json.Take();
}

// {"now": "2026-11-23T09:00:00+08:00", "speed": 60}: what is not given stays as it is. Empty: it was done.
std::string TellClock(std::string_view body, ToldClock& clock) {
  const auto json = wire::ScanJson(body);
  if (!json || !json->IsObject()) return "write a JSON object";
  base::WallTime now = clock.WallNow();
  std::int64_t speed = clock.speed();
  std::string problem;
  ForEachMember(json->raw, [&](std::string_view key, const wire::JsonValue& value) {
    if (key == "now") {
      const auto told = base::ParseTime(value.IsString() ? value.Text() : std::string());
      if (told) {
        now = *told;
      } else {
        problem = "now: " + told.error().detail;
      }
    } else if (key == "speed") {
      speed = value.Int64().value_or(-1);
      if (speed < 0 || speed > kClockSpeedMax) problem = "speed must be a whole number from 0 to 1000000";
    } else {
      problem = "unknown member '" + std::string(key) + "': write now or speed";
    }
  });
  if (problem.empty()) clock.Tell(now, speed);
  return problem;
}

}  // namespace

net::Task<bool> ServeControl(net::Exchange& exchange, Provider& provider) {
  const net::RequestHead& head = exchange.request();
  std::string_view path = head.path;
  if (!path.starts_with("/sim/")) co_return false;
  const auto sent = co_await exchange.ReadBody();
  if (!sent) co_return true;
  path.remove_prefix(4);
  if (head.method == "GET" && path == "/requests") {
    co_await exchange.Reply(200, kJsonFields, provider.visits().WriteJson());
  } else if (head.method == "GET" && path == "/state") {
    co_await exchange.Reply(200, kJsonFields, provider.StateJson());
  } else if (head.method == "GET" && path == "/bill") {
    co_await exchange.Reply(200, kJsonFields, provider.BillJson());
  } else if (head.method == "GET" && path == "/clock") {
    co_await exchange.Reply(200, kJsonFields, ClockJson(provider.clock()));
  } else if (head.method == "POST" && path == "/clock") {
    const std::string problem = TellClock(sent->view(), provider.clock());
    if (problem.empty()) {
      co_await exchange.Reply(200, kJsonFields, ClockJson(provider.clock()));
    } else {
      base::JsonObject error;
      error.OpenObject("error").Add("message", problem).Close();
      co_await exchange.Reply(400, kJsonFields, error.Finish());
    }
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
