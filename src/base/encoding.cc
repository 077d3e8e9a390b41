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
  const std::uint64_t seconds = micros / 1'000'000;
  TimeText out{"0000-00-00T00:00:00.000000Z"};
  // Writes `value` right-aligned so that its last digit stands at `last`.
  const auto put = [&out](std::size_t last, std::uint64_t value) {
    for (; value > 0; value /= 10) out.text[last--] = static_cast<char>('0' + value % 10);
  };
  put(3, static_cast<std::uint64_t>(static_cast<int>(date.year())));
  put(6, static_cast<unsigned>(date.month()));
  put(9, static_cast<unsigned>(date.day()));
  put(12, seconds / 3600);
  put(15, seconds / 60 % 60);
  put(18, seconds % 60);
  put(25, micros % 1'000'000);
  return out;
}

}  // namespace base
