#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/http_head.h"

namespace net {

// The fields of one header block as they come, and the head that they make. nghttp2 has already refused what
// RFC 9113 forbids: unknown or misplaced pseudo-header fields, connection-specific fields, names that are not
// lower-case tokens, values with control characters or with blanks around them. What remains is held against
// the rules that our HTTP/1.1 has, so that a request cannot mean something else behind us.
class Http2HeadText {
 public:
  // `bytes_max` counts as SETTINGS_MAX_HEADER_LIST_SIZE does: names, values and 32 bytes a field.
  explicit Http2HeadText(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Past a limit fields are only counted.
  void Add(std::string_view name, std::string_view value);

  // Everything added so far, in the sense of `bytes_max`.
  std::size_t list_bytes() const { return list_bytes_; }

  // Views into this, until the next Add. `has_body`: the stream did not end with the block. Errors: kInvalid
  // (400) and kTooLarge (431).
  base::Result<RequestHead> Request(bool has_body) const;
  base::Result<ResponseHead> Response(bool has_body) const;

  void Clear();

 private:
  struct Piece {
    std::uint32_t begin;
    std::uint32_t name_bytes;
    std::uint32_t value_bytes;
  };
  std::string_view Name(const Piece& piece) const { return {text_.data() + piece.begin, piece.name_bytes}; }
  std::string_view Value(const Piece& piece) const {
    return {text_.data() + piece.begin + piece.name_bytes, piece.value_bytes};
  }
  base::Result<void> CheckSize() const;

  // As in HTTP/1.1, whose request line stands for three of the pseudo-header fields.
  static constexpr std::size_t kFieldsMax = HeadLimits().fields_max + 3;

  const std::size_t bytes_max_;
  std::size_t list_bytes_ = 0;
  std::string text_;
  std::vector<Piece> pieces_;
};

// Header fields as nghttp2 takes them. Names are made lower-case; fields that HTTP/2 has no use for
// (connection, keep-alive, proxy-connection, transfer-encoding, upgrade, host) are left out; keys and cookies
// are kept out of the compression's table.
class Http2FieldList {
 public:
  // `text` is HeaderText: "name: value" and CR LF, again and again.
  explicit Http2FieldList(std::string text) : text_(std::move(text)) {}
  Http2FieldList(const Http2FieldList&) = delete;
  Http2FieldList& operator=(const Http2FieldList&) = delete;

  // Pseudo-header fields come first; both are views that outlive the list.
  void Add(std::string_view name, std::string_view value);
  void AddText();  // the fields of `text`, once

  std::span<const nghttp2_nv> view() const { return list_; }

 private:
  std::string text_;
  std::vector<nghttp2_nv> list_;
};

}  // namespace net
