#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/block_allocator.h"
#include "base/result.h"

namespace net {

// HTTP/1.1 message heads (RFC 9110, RFC 9112), read strictly: whatever two parsers could take for two
// different messages is refused, never repaired. Everything is a view into the caller's bytes.

struct Field {
  std::string_view name;   // as sent; a token
  std::string_view value;  // without surrounding blanks; no control characters but TAB
};

class Fields {
 public:
  const Field* begin() const { return fields_.data(); }
  const Field* end() const { return fields_.data() + fields_.size(); }
  std::size_t size() const { return fields_.size(); }

  // The value of the first field of that name, ASCII case ignored; nullopt if there is none.
  std::optional<std::string_view> Find(std::string_view name) const;

  void Add(Field field) {
    if (fields_.empty()) fields_.reserve(kUsual);
    fields_.push_back(field);
  }

 private:
  static constexpr std::size_t kUsual = 24;  // room made at once, so that a usual head never grows
  base::BlockVector<Field> fields_;
};

// How the end of a body is known.
struct BodyLength {
  enum class Kind : unsigned char { kNone, kSized, kChunked, kUntilClose };
  Kind kind = Kind::kNone;
  std::uint64_t bytes = 0;  // of kSized
};

struct RequestHead {
  std::string_view method;  // a token, case-sensitive
  std::string_view target;  // as sent: starts with '/'; or an http URI; or "*" of OPTIONS
  std::string_view host;    // of the target where it is a URI, else of the host header; with the port as sent
  std::string_view path;    // of the target up to '?', "/" where a URI has none
  std::string_view query;   // behind '?', may be empty
  int minor_version = 1;    // HTTP/1.x
  Fields fields;
  BodyLength body;
  bool keep_alive = true;
  bool expect_continue = false;
};

struct ResponseHead {
  int status = 0;
  std::string_view reason;
  int minor_version = 1;
  Fields fields;
  BodyLength body;
  bool keep_alive = true;
};

struct HeadLimits {
  std::size_t fields_max = 128;
};

// Bytes of the head at the front of `bytes`, its blank line included; 0 while the blank line has not come.
// `searched` is how many bytes an earlier call on the same beginning has looked at.
std::size_t FindHeadEnd(std::string_view bytes, std::size_t searched);

// Parses a head of exactly the size that FindHeadEnd gave. Errors: kInvalid (answer 400 and close) and
// kTooLarge (too many fields: 431).
base::Result<RequestHead> ParseRequestHead(std::string_view head, const HeadLimits& limits = {});

// Parses the head of an answer to a request with `method`, which decides whether a body follows.
base::Result<ResponseHead> ParseResponseHead(std::string_view head, std::string_view method,
                                             const HeadLimits& limits = {});

// Whether `text` is a token, a field value that may be sent, or a legal Host.
bool IsToken(std::string_view text);
bool IsFieldValue(std::string_view text);
bool IsHost(std::string_view text);

// Calls `visit(member)` for each member of a comma-separated list, trimmed, empty members left out.
template <class Visit>
void ForEachListMember(std::string_view list, Visit&& visit) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view member = list.substr(0, comma);
    while (!member.empty() && (member.front() == ' ' || member.front() == '\t')) member.remove_prefix(1);
    while (!member.empty() && (member.back() == ' ' || member.back() == '\t')) member.remove_suffix(1);
    if (!member.empty()) visit(member);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
}

}  // namespace net
