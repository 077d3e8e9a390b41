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

std::optional<std::string> ParseBase64Url(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto from = [c](char first) { return static_cast<std::uint32_t>(c - first); };
    std::uint32_t value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = from('A');
    } else if (c >= 'a' && c <= 'z') {
      value = from('a') + 26;
    } else if (IsDigit(c)) {
      value = from('0') + 52;
    } else if (c == '-' || c == '_') {
      value = c == '-' ? 62 : 63;
    } else {
      return std::nullopt;
    }
    bits = (bits << 6 | value) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out.push_back(static_cast<char>(bits >> held & 0xff));
  }
  if ((bits & ((1U << held) - 1)) != 0) return std::nullopt;
  return out;
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
