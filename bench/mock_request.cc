#include "bench/mock_request.h"

#include <charconv>
#include <optional>
#include <string>

#include "base/ascii.h"
#include "base/encoding.h"

namespace bench {
namespace {

// What follows `"name"`, blanks and a colon in a JSON text. Inside a string value the quotes would be
// escaped, so only a real key matches. Good enough for a mock; not a JSON parser.
std::string_view AfterKey(std::string_view json, std::string_view quoted_name) {
  const std::size_t at = json.find(quoted_name);
  if (at == std::string_view::npos) return {};
  std::string_view rest = json.substr(at + quoted_name.size());
  const std::size_t colon = rest.find_first_not_of(" \t\r\n");
  if (colon == std::string_view::npos || rest[colon] != ':') return {};
  rest.remove_prefix(colon + 1);
  const std::size_t value = rest.find_first_not_of(" \t\r\n");
  return value == std::string_view::npos ? std::string_view() : rest.substr(value);
}

void ReadBody(std::string_view body, MockRequest& request) {
  request.stream = AfterKey(body, "\"stream\"").starts_with("true");
  if (request.stream) request.include_usage = AfterKey(body, "\"include_usage\"").starts_with("true");
  if (!request.knobs.chunks_from_max_tokens) return;
  const std::string_view number = AfterKey(body, "\"max_tokens\"");
  std::from_chars(number.data(), number.data() + number.size(), request.max_tokens);
}

// "a=1,b=2" or "a=1&b=2"; knobs that do not exist are ignored, since proxies may add their own.
void ReadKnobs(std::string_view list, Knobs& knobs) {
  while (!list.empty()) {
    const std::size_t end = list.find_first_of(",&");
    const std::string_view entry = list.substr(0, end);
    const std::size_t equals = entry.find('=');
    if (equals != std::string_view::npos) {
      SetKnob(knobs, base::TrimBlanks(entry.substr(0, equals)), base::TrimBlanks(entry.substr(equals + 1)));
    }
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
}

struct Head {
  std::size_t body_at = 0;
  std::size_t length = 0;
  bool chunked = false;
};

// The request line; false when it is none.
bool ReadLine(std::string_view line, MockRequest& request) {
  const std::size_t method_end = line.find(' ');
  const std::size_t target_end = line.rfind(' ');
  if (method_end == std::string_view::npos || target_end <= method_end) return false;
  const std::string_view method = line.substr(0, method_end);
  const std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
  const std::size_t question = target.find('?');
  const std::string_view path = target.substr(0, question);
  if (question != std::string_view::npos) ReadKnobs(target.substr(question + 1), request.knobs);
  if (method == "POST" && path.ends_with("/chat/completions")) {
    request.kind = MockRequest::Kind::kChat;
  } else if (method == "PUT" && path == "/bench") {
    request.kind = MockRequest::Kind::kKnobs;
  } else if (method == "GET") {
    request.kind = path == "/bench/stats" ? MockRequest::Kind::kStatistics : MockRequest::Kind::kHealth;
  }
  request.keep_alive = line.ends_with("/1.1");
  return true;
}

bool ReadField(std::string_view line, Head& head, MockRequest& request) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = base::TrimBlanks(line.substr(colon + 1));
  if (base::EqualIgnoringCase(name, "content-length")) {
    const std::optional<std::uint64_t> length = base::ParseDecimal(value);
    if (!length) return false;
    head.length = *length;
  } else if (base::EqualIgnoringCase(name, "transfer-encoding")) {
    head.chunked = true;
  } else if (base::EqualIgnoringCase(name, "connection")) {
    if (base::EqualIgnoringCase(value, "close")) request.keep_alive = false;
    if (base::EqualIgnoringCase(value, "keep-alive")) request.keep_alive = true;
  } else if (base::EqualIgnoringCase(name, "x-bench")) {
    ReadKnobs(value, request.knobs);
  }
  return true;
}

// A chunked body, joined. `taken` is its length on the wire.
ReadOutcome JoinChunks(std::string_view bytes, std::string& body, std::size_t& taken) {
  std::size_t at = 0;
  for (;;) {
    const std::size_t end = bytes.find("\r\n", at);
    if (end == std::string_view::npos) return ReadOutcome::kIncomplete;
    std::size_t size = 0;
    const auto [stop, error] = std::from_chars(bytes.data() + at, bytes.data() + end, size, 16);
    if (error != std::errc() || stop == bytes.data() + at) return ReadOutcome::kBroken;
    if (bytes.size() < end + 2 || bytes.size() - end - 2 < size + 2) return ReadOutcome::kIncomplete;
    body += bytes.substr(end + 2, size);
    at = end + 2 + size + 2;
    if (size == 0) break;  // trailers are not expected
  }
  taken = at;
  return ReadOutcome::kComplete;
}

}  // namespace

bool SetKnob(Knobs& knobs, std::string_view name, std::string_view value) {
  if (name == "chunks" && value == "max_tokens") {
    knobs.chunks_from_max_tokens = true;
    return true;
  }
  const std::optional<std::uint64_t> number = base::ParseDecimal(value);
  if (!number) return false;
  if (name == "chunks") {
    knobs.chunks = *number;
    knobs.chunks_from_max_tokens = false;
  } else if (name == "gap_us") {
    knobs.gap_us = *number;
  } else if (name == "delay_us") {
    knobs.delay_us = *number;
  } else {
    return false;
  }
  return true;
}

ReadOutcome ReadRequest(std::string_view bytes, const Knobs& defaults, MockRequest& request) {
  const std::size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return ReadOutcome::kIncomplete;
  MockRequest read;
  read.knobs = defaults;
  Head head{.body_at = head_end + 4};
  const std::size_t line_end = bytes.find("\r\n");
  if (!ReadLine(bytes.substr(0, line_end), read)) return ReadOutcome::kBroken;
  for (std::size_t at = line_end; at < head_end;) {
    const std::size_t start = at + 2;
    at = bytes.find("\r\n", start);
    if (!ReadField(bytes.substr(start, at - start), head, read)) return ReadOutcome::kBroken;
  }
  std::string_view rest = bytes.substr(head.body_at);
  if (head.chunked) {
    std::string body;
    std::size_t taken = 0;
    const ReadOutcome outcome = JoinChunks(rest, body, taken);
    if (outcome != ReadOutcome::kComplete) return outcome;
    ReadBody(body, read);
    read.bytes = head.body_at + taken;
  } else {
    if (rest.size() < head.length) return ReadOutcome::kIncomplete;
    ReadBody(rest.substr(0, head.length), read);
    read.bytes = head.body_at + head.length;
  }
  request = read;
  return ReadOutcome::kComplete;
}

}  // namespace bench
