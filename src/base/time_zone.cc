#include "base/time_zone.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/ascii.h"

namespace base {
namespace {

using std::chrono::seconds;

constexpr std::size_t kFileMax = 256 * 1024;  // the largest of the database has 4 KiB
constexpr std::size_t kNameMax = 64;
constexpr std::int64_t kOffsetMax = 26 * 3600;  // RFC 8536 allows up to a day and two hours

// A day of each year on which the clocks change, as POSIX writes it.
struct ChangeDay {
  enum class Kind { kJulian, kDayOfYear, kMonth };  // "J60", "59", "M3.2.0"
  Kind kind = Kind::kMonth;
  int day = 0;  // of the year; of kMonth the weekday, Sunday 0
  int month = 0;
  int week = 0;                // 1 to 5, 5 being the last one
  std::int64_t second = 7200;  // of that day, on the clock before the change
};

// What holds behind the last change that a file lists: one offset, or two in turn each year.
struct Footer {
  std::int64_t standard = 0;  // seconds ahead of UTC
  std::optional<std::int64_t> summer;
  ChangeDay begin;  // of summer time
  ChangeDay end;
};

// A bounded reader of a footer's text.
class FooterText {
 public:
  explicit FooterText(std::string_view text) : rest_(text) {}

  bool Eat(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool AtEnd() const { return rest_.empty(); }
  bool AtChange() const { return rest_.starts_with(','); }

  // "CST" or "<+03>": at least three characters, which nothing else needs.
  bool Abbreviation() {
    if (Eat('<')) {
      const std::size_t close = rest_.find('>');
      if (close == std::string_view::npos) return false;
      rest_.remove_prefix(close + 1);
      return true;
    }
    std::size_t size = 0;
    while (size < rest_.size() && LowerAscii(rest_[size]) >= 'a' && LowerAscii(rest_[size]) <= 'z') ++size;
    rest_.remove_prefix(size);
    return size >= 3;
  }

  // The same as an offset, which POSIX counts westward and which is at most a day and two hours.
  std::optional<std::int64_t> Offset() {
    const auto time = Time();
    if (!time || *time > kOffsetMax || *time < -kOffsetMax) return std::nullopt;
    return -*time;
  }

  // "8", "-3:30", "+167:00:00": signed hours, minutes, seconds.
  std::optional<std::int64_t> Time() {
    const bool negative = Eat('-');
    if (!negative) Eat('+');
    std::int64_t total = 0;
    std::int64_t unit = 3600;
    do {
      const std::optional<int> part = Number(unit == 3600 ? 167 : 59);
      if (!part) return std::nullopt;
      total += *part * unit;
      unit /= 60;
    } while (unit > 0 && Eat(':'));
    return negative ? -total : total;
  }

  std::optional<int> Number(int most) {
    int value = 0;
    std::size_t digits = 0;
    while (digits < rest_.size() && digits < 4 && IsDigit(rest_[digits]))
      value = value * 10 + (rest_[digits++] - '0');
    if (digits == 0 || value > most) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }

  std::optional<ChangeDay> Change() {
    if (!Eat(',')) return std::nullopt;
    ChangeDay day;
    if (Eat('M')) {
      const auto month = Number(12);
      const auto week = month && Eat('.') ? Number(5) : std::nullopt;
      const auto weekday = week && Eat('.') ? Number(6) : std::nullopt;
      if (!weekday || *month < 1 || *week < 1) return std::nullopt;
      day = {ChangeDay::Kind::kMonth, *weekday, *month, *week};
    } else {
      day.kind = Eat('J') ? ChangeDay::Kind::kJulian : ChangeDay::Kind::kDayOfYear;
      const auto number = Number(365);
      if (!number || (day.kind == ChangeDay::Kind::kJulian && *number == 0)) return std::nullopt;
      day.day = *number;
    }
    if (Eat('/')) {
      const auto time = Time();
      if (!time) return std::nullopt;
      day.second = *time;
    }
    return day;
  }

 private:
  std::string_view rest_;
};

std::optional<Footer> ParseFooter(std::string_view text) {
  FooterText in(text);
  Footer footer;
  if (!in.Abbreviation()) return std::nullopt;
  const auto standard = in.Offset();
  if (!standard) return std::nullopt;
  footer.standard = *standard;
  if (in.AtEnd()) return footer;
  if (!in.Abbreviation()) return std::nullopt;
  footer.summer = footer.standard + 3600;
  if (!in.AtChange()) {
    footer.summer = in.Offset();
    if (!footer.summer) return std::nullopt;
  }
  const auto begin = in.Change();
  const auto end = begin ? in.Change() : std::nullopt;
  if (!end || !in.AtEnd() || *footer.summer > kOffsetMax) return std::nullopt;
  footer.begin = *begin;
  footer.end = *end;
  return footer;
}

// The instant of a yearly change, `offset` being the one before it.
std::int64_t ChangeAt(std::chrono::year year, const ChangeDay& day, std::int64_t offset) {
  using namespace std::chrono;
  sys_days date = year / January / 1;
  switch (day.kind) {
    case ChangeDay::Kind::kJulian:
      date += days(day.day - 1 + (year.is_leap() && day.day >= 60 ? 1 : 0));
      break;
    case ChangeDay::Kind::kDayOfYear:
      date += days(day.day);
      break;
    case ChangeDay::Kind::kMonth: {
      const auto month = std::chrono::month(static_cast<unsigned>(day.month));
      const auto weekday = std::chrono::weekday(static_cast<unsigned>(day.day));
      date = day.week == 5 ? sys_days(year / month / weekday[last])
                           : sys_days(year / month / weekday[static_cast<unsigned>(day.week)]);
      break;
    }
  }
  return duration_cast<seconds>(date.time_since_epoch()).count() + day.second - offset;
}

std::int64_t OffsetByFooter(const Footer& footer, std::int64_t at) {
  if (!footer.summer) return footer.standard;
  const auto local_day =
      std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(seconds(at + footer.standard)));
  const std::chrono::year year = std::chrono::year_month_day(local_day).year();
  const std::int64_t begin = ChangeAt(year, footer.begin, footer.standard);
  const std::int64_t end = ChangeAt(year, footer.end, *footer.summer);
  const bool summer = begin < end ? at >= begin && at < end : at >= begin || at < end;
  return summer ? *footer.summer : footer.standard;
}

// Big-endian numbers out of bytes that may end too early.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}

  bool Skip(std::size_t count) { return Take(count).has_value(); }
  std::optional<std::string_view> Take(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

std::int64_t Signed(std::string_view bytes) {
  std::uint64_t value = (static_cast<unsigned char>(bytes[0]) & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

struct Header {
  char version = 0;
  std::size_t utc_marks = 0, standard_marks = 0, leaps = 0, changes = 0, kinds = 0, letters = 0;

  std::size_t Body(std::size_t time_bytes) const {
    return changes * (time_bytes + 1) + kinds * 6 + letters + leaps * (time_bytes + 4) + standard_marks +
           utc_marks;
  }
};

std::optional<Header> TakeHeader(Bytes& in) {
  const auto bytes = in.Take(44);
  if (!bytes || !bytes->starts_with("TZif")) return std::nullopt;
  Header header;
  header.version = (*bytes)[4];
  std::size_t* const counts[] = {&header.utc_marks, &header.standard_marks, &header.leaps,
                                 &header.changes,   &header.kinds,          &header.letters};
  for (std::size_t i = 0; i < std::size(counts); ++i) {
    const std::int64_t count = Signed(bytes->substr(20 + 4 * i, 4));
    if (count < 0 || count > static_cast<std::int64_t>(kFileMax)) return std::nullopt;
    *counts[i] = static_cast<std::size_t>(count);
  }
  if (header.kinds == 0 || header.kinds > 256) return std::nullopt;
  return header;
}

// "+08:00", "-0330" or "+8": minutes and hours ahead of UTC.
std::optional<std::int64_t> ParseFixed(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  std::string digits;
  for (const char c : text.substr(1)) {
    if (c == ':' && digits.size() == 2 && text.size() == 6) continue;
    if (!IsDigit(c)) return std::nullopt;
    digits += c;
  }
  if (digits.size() != 4 && digits.size() != 2) return std::nullopt;
  const int hours = (digits[0] - '0') * 10 + (digits[1] - '0');
  const int minutes = digits.size() == 4 ? (digits[2] - '0') * 10 + (digits[3] - '0') : 0;
  if (hours > 18 || minutes > 59) return std::nullopt;
  const std::int64_t total = hours * 3600 + minutes * 60;
  return text[0] == '-' ? -total : total;
}

// Letters, digits, _ + - and single slashes between: no way out of the directory.
bool IsZoneName(std::string_view name) {
  if (name.empty() || name.size() > kNameMax || name.front() == '/' || name.back() == '/') return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c == '/' && name[i - 1] == '/') return false;
    if (!IsAlnum(c) && c != '_' && c != '+' && c != '-' && c != '/') return false;
  }
  return true;
}

std::optional<std::string> ReadSmallFile(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::string bytes(kFileMax + 1, '\0');
  std::size_t size = 0;
  ssize_t got = 0;
  while (size < bytes.size() && (got = ::read(file, bytes.data() + size, bytes.size() - size)) > 0) {
    size += static_cast<std::size_t>(got);
  }
  ::close(file);
  if (got < 0 || size > kFileMax) return std::nullopt;
  bytes.resize(size);
  return bytes;
}

bool IsDirectory(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

}  // namespace

// The changes of a file, in order, and what holds before the first and behind the last.
struct TimeZone::Rules {
  std::int64_t first = 0;
  std::vector<std::int64_t> changes;  // seconds since 1970
  std::vector<std::int64_t> offsets;  // from each change on
  std::optional<Footer> footer;

  std::int64_t OffsetAt(std::int64_t at) const {
    const auto next = std::upper_bound(changes.begin(), changes.end(), at);
    if (next == changes.end() && footer) return OffsetByFooter(*footer, at);
    if (next == changes.begin()) return first;
    return offsets[static_cast<std::size_t>(next - changes.begin()) - 1];
  }
};

Result<TimeZone> TimeZone::Find(std::string_view name, const std::string& directory) {
  TimeZone zone;
  zone.name_ = std::string(name);
  if (name == "UTC" || name == "Z") return zone;
  if (const auto fixed = ParseFixed(name)) {
    zone.fixed_ = seconds(*fixed);
    return zone;
  }
  if (!IsZoneName(name)) {
    return Fail(Code::kInvalid, "'" + std::string(name.substr(0, kNameMax)) +
                                    "' is no time zone; write for example Asia/Shanghai, +08:00 or UTC");
  }
  if (const auto bytes = ReadSmallFile(directory + "/" + std::string(name))) return Parse(zone.name_, *bytes);
  if (!IsDirectory(directory)) {
    return Fail(Code::kUnavailable,
                "the time zone " + zone.name_ + " cannot be looked up: there is no " + directory +
                    "; install the package tzdata, or write a fixed offset such as +08:00");
  }
  return Fail(Code::kInvalid, "there is no time zone " + zone.name_ + " in " + directory +
                                  "; write for example Asia/Shanghai, +08:00 or UTC");
}

Result<TimeZone> TimeZone::Parse(std::string name, std::string_view bytes) {
  const auto fail = [&name](const char* why) {
    return Fail(Code::kInvalid, "the file of the time zone " + name + " cannot be read: " + why);
  };
  Bytes in(bytes);
  auto header = TakeHeader(in);
  if (!header) return fail("it is not a compiled time zone");
  std::size_t time_bytes = 4;
  if (header->version >= '2') {  // the numbers follow once more, wider
    if (!in.Skip(header->Body(4))) return fail("it ends too early");
    header = TakeHeader(in);
    if (!header) return fail("its second part is damaged");
    time_bytes = 8;
  }
  const auto times = in.Take(header->changes * time_bytes);
  const auto indexes = times ? in.Take(header->changes) : std::nullopt;
  const auto kinds = indexes ? in.Take(header->kinds * 6) : std::nullopt;
  const Header tail{.utc_marks = header->utc_marks,
                    .standard_marks = header->standard_marks,
                    .leaps = header->leaps,
                    .letters = header->letters};
  if (!kinds || !in.Skip(tail.Body(time_bytes))) return fail("it ends too early");

  std::vector<std::int64_t> offsets;
  for (std::size_t i = 0; i < header->kinds; ++i) {
    const std::int64_t offset = Signed(kinds->substr(6 * i, 4));
    if (offset < -kOffsetMax || offset > kOffsetMax) return fail("an offset is longer than a day");
    offsets.push_back(offset);
  }
  Rules rules;
  rules.first = offsets[0];
  for (std::size_t i = 0; i < header->changes; ++i) {
    const std::int64_t at = Signed(times->substr(i * time_bytes, time_bytes));
    const auto kind = static_cast<unsigned char>((*indexes)[i]);
    if (kind >= offsets.size()) return fail("a change leads nowhere");
    if (!rules.changes.empty() && at <= rules.changes.back()) return fail("its changes are not in order");
    rules.changes.push_back(at);
    rules.offsets.push_back(offsets[kind]);
  }
  if (std::string_view footer = in.rest(); time_bytes == 8 && footer.size() > 2) {
    if (footer.front() != '\n' || footer.back() != '\n') return fail("its last line is damaged");
    footer = footer.substr(1, footer.size() - 2);
    rules.footer = ParseFooter(footer);
    if (!rules.footer) return fail("its last line is not understood");
  }
  TimeZone zone;
  zone.name_ = std::move(name);
  zone.rules_ = std::make_shared<const Rules>(std::move(rules));
  return zone;
}

seconds TimeZone::OffsetAt(WallTime at) const {
  if (rules_ == nullptr) return fixed_;
  return seconds(rules_->OffsetAt(std::chrono::floor<seconds>(at).time_since_epoch().count()));
}

std::chrono::local_time<std::chrono::nanoseconds> TimeZone::ToLocal(WallTime at) const {
  return std::chrono::local_time<std::chrono::nanoseconds>(at.time_since_epoch() + OffsetAt(at));
}

WallTime TimeZone::ToInstant(std::chrono::local_time<std::chrono::nanoseconds> local) const {
  const WallTime as_utc(local.time_since_epoch());
  if (rules_ == nullptr) return as_utc - fixed_;
  // The clocks of one place differ by less than a day between yesterday and tomorrow, so that one of the two
  // offsets holds at the instant that is asked for.
  const seconds before = OffsetAt(as_utc - std::chrono::days(1));
  const seconds after = OffsetAt(as_utc + std::chrono::days(1));
  const WallTime early = as_utc - std::max(before, after);
  const WallTime late = as_utc - std::min(before, after);
  if (ToLocal(early) == local) return early;
  if (ToLocal(late) == local) return late;
  // Skipped: the change lies between the two.
  WallTime low = early;
  WallTime high = late;
  const seconds old = OffsetAt(low);
  while (high - low > seconds(1)) {
    const WallTime middle = std::chrono::floor<seconds>(low + (high - low) / 2);
    (OffsetAt(middle) == old ? low : high) = middle;
  }
  return std::chrono::floor<seconds>(high);
}

const std::string& TimeZone::name() const {
  return name_;
}

}  // namespace base
