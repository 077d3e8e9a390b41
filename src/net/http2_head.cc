#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/encoding.h"
#include "net/http2_head_internal.h"

namespace net {
namespace {

using base::Code;
using base::Fail;
using base::Result;
using Kind = BodyLength::Kind;

constexpr std::size_t kFieldOverhead = 32;  // RFC 9113 section 6.5.2

template <std::size_t kCount>
bool IsOneOf(std::string_view name, const std::array<std::string_view, kCount>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsHop(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kNames = {
      "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host"};
  return IsOneOf(name, kNames);
}

bool IsSecret(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kNames = {"authorization", "proxy-authorization",
                                                             "x-api-key", "cookie", "set-cookie"};
  return IsOneOf(name, kNames);
}

// Splits the target into path and query.
Result<void> ReadTarget(RequestHead& head) {
  const std::string_view target = head.target;
  if (!target.starts_with('/') && !(target == "*" && head.method == "OPTIONS")) {
    return Fail(Code::kInvalid, "the request target must be a path that starts with '/'");
  }
  const auto is_visible = [](char c) { return c > ' ' && c < 0x7f && c != '#'; };
  if (!std::all_of(target.begin(), target.end(), is_visible)) {
    return Fail(Code::kInvalid, "the request target holds a character that must be percent-encoded");
  }
  const std::size_t question = target.find('?');
  head.path = target.substr(0, question);
  head.query = question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
  return {};
}

// Two names for one server are two requests for two readers.
Result<void> ReadHost(RequestHead& head, std::string_view authority) {
  head.host = authority;
  int hosts = 0;
  for (const Field& field : head.fields) {
    if (field.name != "host") continue;
    if (++hosts > 1) return Fail(Code::kInvalid, "the host header is given twice");
    if (!authority.empty() && !base::EqualIgnoringCase(authority, field.value)) {
      return Fail(Code::kInvalid, "the host header and :authority name different hosts");
    }
    if (authority.empty()) head.host = field.value;
  }
  if (!IsHost(head.host)) return Fail(Code::kInvalid, "the request names no host, or none that is valid");
  return {};
}

Result<BodyLength> ReadLength(const Fields& fields, bool has_body) {
  const auto length = fields.Find("content-length");
  const auto bytes = length ? base::ParseDecimal(*length) : std::nullopt;
  if (length && !bytes) return Fail(Code::kInvalid, "content-length must be a decimal number of bytes");
  if (!has_body) return BodyLength{};
  if (bytes) return BodyLength{Kind::kSized, *bytes};
  return BodyLength{Kind::kUntilClose, 0};
}

}  // namespace

void Http2HeadText::Add(std::string_view name, std::string_view value) {
  list_bytes_ += name.size() + value.size() + kFieldOverhead;
  if (list_bytes_ > bytes_max_ || pieces_.size() > kFieldsMax) return;
  pieces_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                     static_cast<std::uint32_t>(value.size())});
  text_ += name;
  text_ += value;
}

void Http2HeadText::Clear() {
  list_bytes_ = 0;
  text_.clear();
  pieces_.clear();
}

Result<void> Http2HeadText::CheckSize() const {
  if (list_bytes_ > bytes_max_) {
    return Fail(Code::kTooLarge, "the header block is larger than " + std::to_string(bytes_max_) + " bytes");
  }
  if (pieces_.size() > kFieldsMax) return Fail(Code::kTooLarge, "too many header fields");
  return {};
}

Result<RequestHead> Http2HeadText::Request(bool has_body) const {
  if (auto sized = CheckSize(); !sized) return Fail(sized.error());
  RequestHead head;
  std::string_view authority;
  for (const Piece& piece : pieces_) {
    const std::string_view name = Name(piece);
    const std::string_view value = Value(piece);
    if (name == ":method") {
      head.method = value;
    } else if (name == ":path") {
      head.target = value;
    } else if (name == ":authority") {
      authority = value;
    } else if (!name.starts_with(':')) {
      head.fields.Add({name, value});
    }
  }
  if (!IsToken(head.method)) return Fail(Code::kInvalid, "the method is not a token");
  if (auto read = ReadTarget(head); !read) return Fail(read.error());
  if (auto read = ReadHost(head, authority); !read) return Fail(read.error());
  const auto length = ReadLength(head.fields, has_body);
  if (!length) return Fail(length.error());
  head.body = *length;
  if (const auto expect = head.fields.Find("expect")) {
    if (!base::EqualIgnoringCase(*expect, "100-continue")) {
      return Fail(Code::kInvalid, "the only expectation understood is '100-continue'");
    }
    head.expect_continue = true;
  }
  return head;
}

Result<ResponseHead> Http2HeadText::Response(bool has_body) const {
  if (auto sized = CheckSize(); !sized) return Fail(sized.error());
  ResponseHead head;
  for (const Piece& piece : pieces_) {
    const std::string_view name = Name(piece);
    if (name == ":status") {
      head.status = static_cast<int>(base::ParseDecimal(Value(piece)).value_or(0));
    } else if (!name.starts_with(':')) {
      head.fields.Add({name, Value(piece)});
    }
  }
  if (head.status < 100 || head.status > 599) return Fail(Code::kInvalid, "the status is malformed");
  const auto length = ReadLength(head.fields, has_body);
  if (!length) return Fail(length.error());
  head.body = *length;
  return head;
}

void Http2FieldList::Add(std::string_view name, std::string_view value) {
  const auto* name_bytes = reinterpret_cast<const std::uint8_t*>(name.data());
  const auto* value_bytes = reinterpret_cast<const std::uint8_t*>(value.data());
  const auto flags =
      static_cast<std::uint8_t>(IsSecret(name) ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE);
  list_.push_back({const_cast<std::uint8_t*>(name_bytes), const_cast<std::uint8_t*>(value_bytes), name.size(),
                   value.size(), flags});
}

void Http2FieldList::AddText() {
  std::size_t at = 0;
  while (at < text_.size()) {
    const std::size_t end = std::min(text_.find("\r\n", at), text_.size());
    const std::size_t colon = std::min(text_.find(':', at), end);
    for (std::size_t i = at; i < colon; ++i) text_[i] = base::LowerAscii(text_[i]);
    const std::string_view line = std::string_view(text_).substr(at, end - at);
    const std::string_view name = line.substr(0, colon - at);
    const std::string_view value = base::TrimBlanks(line.substr(std::min(colon - at + 1, line.size())));
    if (!name.empty() && !IsHop(name)) Add(name, value);
    at = end + 2;
  }
}

}  // namespace net
