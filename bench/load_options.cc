#include "bench/load_options.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/encoding.h"

namespace bench {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kConnectionsMax = 100'000;
constexpr std::uint64_t kSecondsMax = 86'400;

std::optional<double> Decimal(std::string_view text, double max) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0) || value > max)
    return std::nullopt;
  return value;
}

bool SetNumber(std::string_view text, std::uint64_t max, auto& target) {
  const std::optional<std::uint64_t> number = base::ParseDecimal(text);
  if (!number || *number > max) return false;
  target = static_cast<std::remove_reference_t<decltype(target)>>(*number);
  return true;
}

bool SetSeconds(std::string_view text, milliseconds& target) {
  const std::optional<double> seconds = Decimal(text, static_cast<double>(kSecondsMax));
  if (!seconds) return false;
  target = milliseconds(static_cast<std::int64_t>(*seconds * 1'000));
  return true;
}

bool SetMilliseconds(std::string_view text, milliseconds& target) {
  std::int64_t count = 0;
  if (!SetNumber(text, kSecondsMax * 1'000, count)) return false;
  target = milliseconds(count);
  return true;
}

// http://127.0.0.1:8080/v1/chat/completions; the path may be left out.
bool SetUrl(std::string_view url, LoadOptions& options) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return false;
  url.remove_prefix(kScheme.size());
  const std::size_t slash = url.find('/');
  const std::string_view authority = url.substr(0, slash);
  if (slash != std::string_view::npos) options.path = url.substr(slash);
  const std::size_t colon = authority.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  options.host = authority.substr(0, colon);
  return SetNumber(authority.substr(colon + 1), 65'535, options.port) && options.port != 0;
}

bool SetMode(std::string_view name, LoadOptions::Mode& mode) {
  if (name == "closed") {
    mode = LoadOptions::Mode::kClosed;
  } else if (name == "open") {
    mode = LoadOptions::Mode::kOpen;
  } else if (name == "hold") {
    mode = LoadOptions::Mode::kHold;
  } else {
    return false;
  }
  return true;
}

bool SetText(std::string_view text, std::string& target) {
  target = text;
  return true;
}

bool AddHeader(std::string_view text, LoadOptions& options) {
  if (text.find(':') == std::string_view::npos || text.find_first_of("\r\n") != std::string_view::npos)
    return false;
  options.headers.emplace_back(text);
  return true;
}

bool AddPid(std::string_view text, LoadOptions& options) {
  pid_t pid = 0;
  if (!SetNumber(text, 1 << 30, pid)) return false;
  options.other_pids.push_back(pid);
  return true;
}

// One flag with a value. False: unknown flag or a value that does not fit.
bool SetFlag(std::string_view flag, std::string_view value, LoadOptions& o) {
  if (flag == "--url") return SetUrl(value, o);
  if (flag == "--mode") return SetMode(value, o.mode);
  if (flag == "--model") return SetText(value, o.model);
  if (flag == "--key") return SetText(value, o.key);
  if (flag == "--header") return AddHeader(value, o);
  if (flag == "--connections") return SetNumber(value, kConnectionsMax, o.connections) && o.connections > 0;
  if (flag == "--connections-max")
    return SetNumber(value, kConnectionsMax, o.connections_max) && o.connections_max > 0;
  if (flag == "--seconds") return SetSeconds(value, o.duration);
  if (flag == "--warmup") return SetSeconds(value, o.warmup);
  if (flag == "--ramp") return SetSeconds(value, o.ramp);
  if (flag == "--timeout") return SetSeconds(value, o.timeout);
  if (flag == "--stagger-ms") return SetMilliseconds(value, o.stagger);
  if (flag == "--late-ms") return SetMilliseconds(value, o.late);
  if (flag == "--sample-ms") return SetMilliseconds(value, o.sample) && o.sample.count() > 0;
  if (flag == "--seed") return SetNumber(value, ~std::uint64_t{0}, o.seed);
  if (flag == "--body-bytes") return SetNumber(value, 16 * base::MiB, o.body_bytes);
  if (flag == "--expect-chunks") return SetNumber(value, 1'000'000, o.expect_chunks);
  if (flag == "--dump") return SetText(value, o.dump);
  if (flag == "--pid") return SetNumber(value, 1 << 30, o.pid);
  if (flag == "--other-pid") return AddPid(value, o);
  if (flag == "--plan") {
    o.mode = LoadOptions::Mode::kPlan;
    return SetText(value, o.plan);
  }
  if (flag == "--rate") {
    const std::optional<double> rate = Decimal(value, 1e6);
    o.rate = rate.value_or(0);
    return o.rate > 0;
  }
  return false;
}

}  // namespace

const char* const kLoadUsage =
    "bench_load --url http://HOST:PORT[/PATH] [--mode closed|open|hold] [flags]\n"
    "  closed: --connections 32 --seconds 4 --warmup 1 [--stagger-ms 0]\n"
    "  open:   --rate 200 --seconds 4 --warmup 1 [--seed 1] [--connections-max 4096]\n"
    "  hold:   --connections 1000 --ramp 3            one stream each, until it ends\n"
    "  --plan FILE                                    lines 'at_us prompt_bytes answer_chunks'; --dump FILE\n"
    "  request: [--stream] [--include-usage] [--expect-chunks N] [--body-bytes 1024] [--model bench] [--key "
    "K]\n"
    "           [--messages] [--header 'name: value']... [--timeout 30]\n"
    "  measure: [--pid ROOT] [--other-pid P]... [--late-ms 100] [--sample-ms 1000]\n"
    "  Prints one JSON object; times in nanoseconds, latency from the scheduled time. Exit code 1: no answer "
    "came.\n";

base::Result<LoadOptions> ParseLoadOptions(std::span<const char* const> arguments) {
  LoadOptions options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view flag = arguments[i];
    if (flag == "--stream") {
      options.stream = true;
    } else if (flag == "--include-usage") {
      options.include_usage = true;
    } else if (flag == "--messages") {
      options.messages = true;
    } else if (i + 1 >= arguments.size()) {
      return base::Fail(base::Code::kInvalid, std::string(flag) + " is no flag, or lacks its value");
    } else if (const std::string_view value = arguments[++i]; !SetFlag(flag, value, options)) {
      return base::Fail(base::Code::kInvalid,
                        std::string(flag) + " is no flag, or does not take '" + std::string(value) + "'");
    }
  }
  if (options.port == 0) return base::Fail(base::Code::kInvalid, "--url http://HOST:PORT is missing");
  if (options.mode == LoadOptions::Mode::kHold) options.stream = true;
  return options;
}

}  // namespace bench
