// A head that is accepted, written again from what was read, is read as the same; and a request that is
// accepted holds nothing that another parser could take for a second one.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "net/http_head.h"

namespace {

template <class Head>
std::string Write(std::string line, const Head& head) {
  line += "\r\n";
  for (const net::Field& field : head.fields) {
    CHECK(net::IsToken(field.name) && net::IsFieldValue(field.value));
    line.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  return line + "\r\n";
}

template <class Head>
void CheckSame(const Head& a, const Head& b) {
  CHECK(a.minor_version == b.minor_version && a.keep_alive == b.keep_alive);
  CHECK(a.body.kind == b.body.kind && a.body.bytes == b.body.bytes);
  CHECK(a.fields.size() == b.fields.size());
  for (std::size_t i = 0; i < a.fields.size(); ++i) {
    CHECK(a.fields.begin()[i].name == b.fields.begin()[i].name);
    CHECK(a.fields.begin()[i].value == b.fields.begin()[i].value);
  }
}

void CheckRequest(std::string_view text) {
  const auto head = net::ParseRequestHead(text);
  if (!head) return;
  CHECK(head->fields.size() <= net::HeadLimits().fields_max);
  CHECK(text.find('\0') == text.npos && head->target.find('\r') == text.npos);
  const std::string version = std::to_string(head->minor_version);
  const std::string again =
      Write(std::string(head->method) + " " + std::string(head->target) + " HTTP/1." + version, *head);
  CHECK(net::FindHeadEnd(again, 0) == again.size());
  const auto read = net::ParseRequestHead(again);
  CHECK(read && read->method == head->method && read->target == head->target);
  CHECK(read->expect_continue == head->expect_continue);
  CheckSame(*read, *head);
}

void CheckAnswer(std::string_view text, std::string_view method) {
  const auto head = net::ParseResponseHead(text, method);
  if (!head) return;
  CHECK(head->status >= 100 && head->status <= 599);
  const std::string version = std::to_string(head->minor_version);
  const std::string again = Write(
      "HTTP/1." + version + " " + std::to_string(head->status) + " " + std::string(head->reason), *head);
  const auto read = net::ParseResponseHead(again, method);
  CHECK(read && read->status == head->status && read->reason == head->reason);
  CheckSame(*read, *head);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t end = net::FindHeadEnd(bytes, 0);
  CHECK(end <= size);
  for (std::size_t searched = 1; searched < end; searched += 1 + end / 8) {
    CHECK(net::FindHeadEnd(bytes, searched) == end);
  }
  const std::string_view head = end > 0 ? bytes.substr(0, end) : bytes;
  CheckRequest(head);
  CheckAnswer(head, "GET");
  CheckAnswer(head, "HEAD");
  return 0;
}
