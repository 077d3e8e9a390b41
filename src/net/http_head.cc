#include "net/http_head.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <array>
#include <bit>
#include <cstring>

#include "base/ascii.h"
#include "base/encoding.h"
#include "net/address.h"

namespace net {
namespace {

using base::Code;
using base::EqualIgnoringCase;
using base::Fail;
using base::Result;

using CharClass = std::array<bool, 256>;

constexpr CharClass MakeTokenClass() {
  CharClass result{};
  for (char c = 'a'; c <= 'z'; ++c) result[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) result[static_cast<unsigned char>(c)] = true;
  for (char c = '0'; c <= '9'; ++c) result[static_cast<unsigned char>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) result[static_cast<unsigned char>(c)] = true;
  return result;
}

// RFC 9110 section 5.5: visible characters, blanks and obs-text; no control characters, so no CR, LF or NUL.
constexpr CharClass MakeValueClass() {
  CharClass result{};
  for (std::size_t i = 0x20; i < 256; ++i) result[i] = i != 0x7f;
  result['\t'] = true;
  return result;
}

// RFC 3986 section 3.2: what a host with a port may hold, an IPv6 literal included.
constexpr CharClass MakeHostClass() {
  CharClass result{};
  for (char c = 'a'; c <= 'z'; ++c) result[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) result[static_cast<unsigned char>(c)] = true;
  for (char c = '0'; c <= '9'; ++c) result[static_cast<unsigned char>(c)] = true;
  for (const char c : std::string_view("-._~!$&'()*+,;=%:[]")) result[static_cast<unsigned char>(c)] = true;
  return result;
}

constexpr std::uint64_t kPortMax = 65535;

constexpr CharClass kTokenChar = MakeTokenClass();
constexpr CharClass kValueChar = MakeValueClass();
constexpr CharClass kHostChar = MakeHostClass();

bool AllOf(std::string_view text, const CharClass& allowed) {
  for (const char c : text) {
    if (!allowed[static_cast<unsigned char>(c)]) return false;
  }
  return true;
}

constexpr const char* kLineEnds = "each line of the head must end in CR LF";

// Cuts the first line off `rest`. Fails on a line that does not end in CR LF, or holds a bare CR.
Result<std::string_view> TakeLine(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos || end == 0 || rest[end - 1] != '\r') {
    return Fail(Code::kInvalid, kLineEnds);
  }
  const std::string_view line = rest.substr(0, end - 1);
  rest.remove_prefix(end + 1);
  return line;
}

// "HTTP/1.0" or "HTTP/1.1".
Result<int> ParseVersion(std::string_view text) {
  if (text == "HTTP/1.1") return 1;
  if (text == "HTTP/1.0") return 0;
  return Fail(Code::kInvalid, "the protocol version must be HTTP/1.1 or HTTP/1.0");
}

// The first byte that no field value may hold, or `end`. The end of a line is one.
const char* FindControl(const char* at, const char* end) {
#if defined(__SSE2__)
  // Blocks without a byte below a blank and without DEL need no closer look.
  const __m128i blank = _mm_set1_epi8(0x20);
  const __m128i del = _mm_set1_epi8(0x7f);
  while (end - at >= 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i high = _mm_cmpeq_epi8(_mm_max_epu8(block, blank), block);
    const __m128i fine = _mm_andnot_si128(_mm_cmpeq_epi8(block, del), high);
    const auto odd = static_cast<unsigned>(_mm_movemask_epi8(fine)) ^ 0xffffu;
    if (odd == 0) {
      at += 16;
      continue;
    }
    at += std::countr_zero(odd);
    if (*at != '\t') return at;
    ++at;
  }
#endif
  while (at != end && kValueChar[static_cast<unsigned char>(*at)]) ++at;
  return at;
}

// Behind the letters and hyphens that nearly all names consist of; whatever they do not is left to be looked
// at.
const char* SkipUsualName(const char* at, const char* end) {
#if defined(__SSE2__)
  while (end - at >= 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i letter = _mm_sub_epi8(_mm_or_si128(block, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    const __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8('z' - 'a')), letter);
    const __m128i is_hyphen = _mm_cmpeq_epi8(block, _mm_set1_epi8('-'));
    const auto odd = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(is_letter, is_hyphen))) ^ 0xffffu;
    if (odd != 0) return at + std::countr_zero(odd);
    at += 16;
  }
#endif
  return at;
}

// What the framing fields say together (RFC 9112 section 6), and how often Host is there. Stricter than the
// RFC where it leaves a choice: a length beside a transfer coding, repeated lengths even when equal, and any
// coding but "chunked" fail.
struct Framing {
  std::optional<std::uint64_t> length;
  bool chunked = false;
  bool close = false;
  bool keep_alive = false;
  std::optional<std::string_view> host;
  bool hosts_twice = false;
  std::optional<std::string_view> expect;

  Result<void> Note(const Field& field);
};

// The length of a name tells nearly all others apart.
Result<void> Framing::Note(const Field& field) {
  switch (field.name.size()) {
    case 4:
      if (!EqualIgnoringCase(field.name, "host")) break;
      if (host) hosts_twice = true;
      host = field.value;
      break;
    case 6:
      if (!expect && EqualIgnoringCase(field.name, "expect")) expect = field.value;
      break;
    case 10:
      if (!EqualIgnoringCase(field.name, "connection")) break;
      ForEachListMember(field.value, [this](std::string_view option) {
        if (EqualIgnoringCase(option, "close")) close = true;
        if (EqualIgnoringCase(option, "keep-alive")) keep_alive = true;
      });
      break;
    case 14:
      if (!EqualIgnoringCase(field.name, "content-length")) break;
      if (length) return Fail(Code::kInvalid, "content-length is given twice");
      length = base::ParseDecimal(field.value);
      if (!length) return Fail(Code::kInvalid, "content-length must be a decimal number of bytes");
      break;
    case 17:
      if (!EqualIgnoringCase(field.name, "transfer-encoding")) break;
      if (chunked || !EqualIgnoringCase(field.value, "chunked")) {
        return Fail(Code::kInvalid, "the only transfer-encoding accepted is a single 'chunked'");
      }
      chunked = true;
      break;
    default:
      break;
  }
  return {};
}

// Goes over each byte once: a name ends at its colon, a value at the first control character.
Result<Framing> ParseFields(std::string_view rest, int minor_version, const HeadLimits& limits,
                            Fields& fields) {
  Framing framing;
  const char* at = rest.data();
  const char* const end = at + rest.size();
  const auto at_line_end = [&] { return end - at >= 2 && at[0] == '\r' && at[1] == '\n'; };
  while (!at_line_end()) {
    if (fields.size() == limits.fields_max) return Fail(Code::kTooLarge, "too many header fields");
    const char* const name = at;
    at = SkipUsualName(at, end);
    while (at != end && kTokenChar[static_cast<unsigned char>(*at)]) ++at;
    // A line that begins with a blank (obs-fold) or has one before the colon fails here.
    if (at == name || at == end || *at != ':') {
      const bool no_line = at == end || *at == '\n';
      return Fail(Code::kInvalid,
                  no_line ? kLineEnds : "a header field needs a valid name directly before its colon");
    }
    const char* const colon = at;
    at = FindControl(colon + 1, end);
    if (!at_line_end()) {
      const bool no_line = at == end || *at == '\n' || *at == '\r';
      return Fail(Code::kInvalid, no_line ? kLineEnds : "a header field value holds a control character");
    }
    const Field field{{name, colon}, base::TrimBlanks({colon + 1, at})};
    if (auto noted = framing.Note(field); !noted) return Fail(noted.error());
    fields.Add(field);
    at += 2;
  }
  if (end - at > 2) return Fail(Code::kInvalid, "the head has bytes behind its blank line");
  if (framing.chunked && framing.length) {
    return Fail(Code::kInvalid, "content-length and transfer-encoding contradict each other");
  }
  if (framing.chunked && minor_version == 0) {
    return Fail(Code::kInvalid, "HTTP/1.0 has no transfer-encoding");
  }
  return framing;
}

bool KeepsAlive(const Framing& framing, int minor_version) {
  return !framing.close && (minor_version == 1 || framing.keep_alive);
}

// Whether `text` is the authority of an http URI without user name: a host that is not empty, maybe a port.
bool IsAuthority(std::string_view text) {
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : std::string_view::npos;
  const std::size_t end = bracket == std::string_view::npos ? text.find(':') : bracket + 1;
  const std::string_view name = text.substr(0, end);
  if (bracket == std::string_view::npos) {
    if (!IsHost(name) || name.find_first_of("[]%") != std::string_view::npos) return false;
  } else if (const auto address = ParseAddress(name, 0); !address || !address->v6) {
    return false;
  }
  if (end >= text.size()) return true;
  const std::string_view port = text.substr(end + 1);
  return text[end] == ':' && (port.empty() || base::ParseDecimal(port).value_or(kPortMax + 1) <= kPortMax);
}

// Splits the target into host, path and query. Errors: it is neither a path, nor "*" of OPTIONS, nor an http
// URI, which every server has to accept (RFC 9112 section 3.2.2).
Result<void> SplitTarget(RequestHead& head) {
  std::string_view rest = head.target;
  const std::size_t scheme = base::StartsWithIgnoringCase(rest, "http://")    ? 7
                             : base::StartsWithIgnoringCase(rest, "https://") ? 8
                                                                              : 0;
  if (scheme > 0) {
    rest.remove_prefix(scheme);
    head.host = rest.substr(0, rest.find_first_of("/?"));
    if (!IsAuthority(head.host)) {
      return Fail(Code::kInvalid, "the request target's host is not a host name with an optional port");
    }
    rest.remove_prefix(head.host.size());
  } else if (!rest.starts_with('/') && !(rest == "*" && head.method == "OPTIONS")) {
    return Fail(Code::kInvalid, "the request target must be a path that starts with '/', or an http URI");
  }
  const std::size_t question = rest.find('?');
  head.path = rest.substr(0, question);
  head.query = question == std::string_view::npos ? std::string_view() : rest.substr(question + 1);
  if (head.path.empty()) head.path = head.method == "OPTIONS" ? "*" : "/";
  return {};
}

Result<void> ParseRequestLine(std::string_view line, RequestHead& head) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return Fail(Code::kInvalid, "the request line must be 'METHOD target HTTP/1.1'");
  }
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  if (!IsToken(head.method)) return Fail(Code::kInvalid, "the method is not a token");
  const auto version = ParseVersion(line.substr(last + 1));
  if (!version) return Fail(version.error());
  head.minor_version = *version;
  for (const char c : head.target) {
    // Visible ASCII only; a fragment never travels.
    if (c <= ' ' || c >= 0x7f || c == '#') {
      return Fail(Code::kInvalid, "the request target holds a character that must be percent-encoded");
    }
  }
  return SplitTarget(head);
}

// What the field says counts unless the target has named the host itself; it must be in order all the same.
Result<void> ReadHost(const Framing& framing, RequestHead& head) {
  if (framing.host && !IsHost(*framing.host)) {
    return Fail(Code::kInvalid, "the host header is not a host name");
  }
  if (framing.hosts_twice || (!framing.host && head.minor_version == 1)) {
    return Fail(Code::kInvalid, "exactly one host header is needed");
  }
  if (head.host.empty() && framing.host) head.host = *framing.host;
  return {};
}

}  // namespace

std::optional<std::string_view> Fields::Find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (EqualIgnoringCase(field.name, name)) return field.value;
  }
  return std::nullopt;
}

bool IsToken(std::string_view text) {
  return !text.empty() && AllOf(text, kTokenChar);
}
bool IsFieldValue(std::string_view text) {
  const char* const end = text.data() + text.size();
  return FindControl(text.data(), end) == end;
}
bool IsHost(std::string_view text) {
  return !text.empty() && AllOf(text, kHostChar);
}

std::size_t FindHeadEnd(std::string_view bytes, std::size_t searched) {
  // Looks for LF followed by CR LF or LF: a head with bare LFs has an end too, so that it can be refused.
  std::size_t from = searched < 3 ? 0 : searched - 3;
  while (from < bytes.size()) {
    const void* found = std::memchr(bytes.data() + from, '\n', bytes.size() - from);
    if (found == nullptr) return 0;
    const auto lf = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    const std::string_view after = bytes.substr(lf + 1, 2);
    if (after.starts_with('\n')) return lf + 2;
    if (after == "\r\n") return lf + 3;
    from = lf + 1;
  }
  return 0;
}

Result<RequestHead> ParseRequestHead(std::string_view bytes, const HeadLimits& limits) {
  RequestHead head;
  const auto line = TakeLine(bytes);
  if (!line) return Fail(line.error());
  if (auto parsed = ParseRequestLine(*line, head); !parsed) return Fail(parsed.error());
  const auto framing = ParseFields(bytes, head.minor_version, limits, head.fields);
  if (!framing) return Fail(framing.error());
  if (auto read = ReadHost(*framing, head); !read) return Fail(read.error());
  if (framing->chunked) {
    head.body = {BodyLength::Kind::kChunked, 0};
  } else if (framing->length) {
    head.body = {BodyLength::Kind::kSized, *framing->length};
  }
  head.keep_alive = KeepsAlive(*framing, head.minor_version);
  if (framing->expect) {
    if (!EqualIgnoringCase(*framing->expect, "100-continue")) {
      return Fail(Code::kInvalid, "the only expectation understood is '100-continue'");
    }
    head.expect_continue = head.minor_version == 1;
  }
  return head;
}

Result<ResponseHead> ParseResponseHead(std::string_view bytes, std::string_view method,
                                       const HeadLimits& limits) {
  ResponseHead head;
  const auto line = TakeLine(bytes);
  if (!line) return Fail(line.error());
  // "HTTP/1.1 200 OK"; the reason may be empty and its blank missing.
  const auto version = ParseVersion(line->substr(0, 8));
  const std::string_view code = line->size() >= 12 ? line->substr(9, 3) : std::string_view();
  const auto status = base::ParseDecimal(code);
  const bool framed = line->size() >= 12 && (*line)[8] == ' ' && (line->size() == 12 || (*line)[12] == ' ');
  if (!version || !status || !framed || *status < 100 || *status > 599) {
    return Fail(Code::kInvalid, "the status line is malformed");
  }
  head.minor_version = *version;
  head.status = static_cast<int>(*status);
  head.reason = line->size() > 13 ? line->substr(13) : std::string_view();
  if (!IsFieldValue(head.reason)) return Fail(Code::kInvalid, "the status line holds a control character");
  const auto framing = ParseFields(bytes, head.minor_version, limits, head.fields);
  if (!framing) return Fail(framing.error());
  // Behind a 101 the connection speaks another protocol.
  head.keep_alive = head.status != 101 && KeepsAlive(*framing, head.minor_version);
  if (method == "HEAD" || head.status < 200 || head.status == 204 || head.status == 304) {
    head.body = {};
  } else if (framing->chunked) {
    head.body = {BodyLength::Kind::kChunked, 0};
  } else if (framing->length) {
    head.body = {BodyLength::Kind::kSized, *framing->length};
  } else {
    head.body = {BodyLength::Kind::kUntilClose, 0};
    head.keep_alive = false;
  }
  return head;
}

}  // namespace net
