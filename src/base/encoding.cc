#include "base/encoding.h"

#include <chrono>

#include "base/ascii.h"

namespace base {
namespace {

std::string EncodeBase64(std::string_view bytes, const char* alphabet, bool pad) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    held += 8;
    while (held >= 6) {
      held -= 6;
      out.push_back(alphabet[bits >> held & 63]);
    }
  }
  if (held > 0) out.push_back(alphabet[bits << (6 - held) & 63]);
  while (pad && out.size() % 4 != 0) out.push_back('=');
  return out;
}

}  // namespace

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

std::string Base64Url(std::string_view bytes) {
  return EncodeBase64(bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false);
}

std::string Base64(std::string_view bytes) {
  return EncodeBase64(bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", true);
}

std::optional<std::uint64_t> ParseDecimal(std::string_view text) {
  if (text.empty() || text.size() > 19) return std::nullopt;  // 19 digits cannot overflow 64 bits
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!IsDigit(c)) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

TimeText Rfc3339(std::int64_t nanoseconds_since_1970) {
  using namespace std::chrono;
  const sys_time<microseconds> instant{floor<microseconds>(nanoseconds{nanoseconds_since_1970})};
  const auto day = floor<days>(instant);
  const year_month_day date{day};
  const auto micros = static_cast<std::uint64_t>((instant - day).count());
  const auto second = static_cast<std::uint32_t>(micros / 1'000'000);
  const auto fraction = static_cast<std::uint32_t>(micros % 1'000'000);
  const auto year = static_cast<std::uint32_t>(static_cast<int>(date.year()));
  TimeText out{"0000-00-00T00:00:00.000000Z"};
  const auto put = [&out](std::size_t first, std::uint32_t below_100) {
    out.text[first] = static_cast<char>('0' + below_100 / 10);
    out.text[first + 1] = static_cast<char>('0' + below_100 % 10);
  };
  put(0, year / 100 % 100);
  put(2, year % 100);
  put(5, static_cast<unsigned>(date.month()));
  put(8, static_cast<unsigned>(date.day()));
  put(11, second / 3600);
  put(14, second / 60 % 60);
  put(17, second % 60);
  put(20, fraction / 10'000);
  put(22, fraction / 100 % 100);
  put(24, fraction % 100);
  return out;
}

}  // namespace base
