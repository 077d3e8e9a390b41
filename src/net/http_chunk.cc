#include "net/http_chunk.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/bytes.h"
#include "net/http_head.h"

namespace net {
namespace {

using base::Code;
using base::Fail;
using base::Result;

constexpr std::size_t kDroppedMax = 4 * base::KiB;

int HexValue(char c) {
  if (base::IsDigit(c)) return c - '0';
  const char lower = base::LowerAscii(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

Result<ChunkDecoder::Step> ChunkDecoder::Decode(std::string_view input) {
  std::size_t used = 0;
  while (used < input.size() && state_ != State::kDone) {
    if (state_ == State::kData) {
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size() - used));
      const std::string_view data = input.substr(used, take);
      left_ -= take;
      if (left_ == 0) state_ = State::kDataCr;
      return Step{data, used + take};
    }
    if (auto taken = Take(input[used]); !taken) return Fail(taken.error());
    ++used;
  }
  return Step{{}, used};
}

Result<void> ChunkDecoder::TakeSize(char c) {
  if (const int value = HexValue(c); value >= 0) {
    if (++digits_ > 16 || left_ >> 59 != 0) return Fail(Code::kInvalid, "a chunk size is too long");
    left_ = left_ * 16 + static_cast<std::uint64_t>(value);
    return {};
  }
  if (digits_ == 0) return Fail(Code::kInvalid, "a chunk size must be hexadecimal digits");
  if (c == '\r') {
    state_ = State::kSizeLf;
  } else if (c == ';') {
    state_ = State::kExtension;
  } else {
    return Fail(Code::kInvalid, "a chunk size must be hexadecimal digits");
  }
  return {};
}

// Of an extension or a trailer.
Result<void> ChunkDecoder::TakeDropped(char c) {
  if (++dropped_ > kDroppedMax)
    return Fail(Code::kInvalid, "chunk extensions and trailers are larger than 4 KiB");
  if (!IsFieldValue({&c, 1})) {
    return Fail(Code::kInvalid, "a chunk extension or trailer holds a control character");
  }
  return {};
}

Result<void> ChunkDecoder::Take(char c) {
  const auto expect = [&](char wanted, State next) -> Result<void> {
    if (c != wanted) return Fail(Code::kInvalid, "a chunk or its size line must end in CR LF");
    state_ = next;
    return {};
  };
  switch (state_) {
    case State::kSize:
      return TakeSize(c);
    case State::kExtension:
      if (c == '\r') return expect('\r', State::kSizeLf);
      return TakeDropped(c);
    case State::kSizeLf: {
      const bool last = left_ == 0;
      digits_ = 0;
      return expect('\n', last ? State::kTrailer : State::kData);
    }
    case State::kDataCr:
      return expect('\r', State::kDataLf);
    case State::kDataLf:
      return expect('\n', State::kSize);
    case State::kTrailer:  // at the start of a line: a field, or the blank line that ends the body
      if (c == '\r') return expect('\r', State::kEndLf);
      state_ = State::kTrailerName;
      name_begun_ = false;
      [[fallthrough]];
    case State::kTrailerName:
      if (c == ':' && name_begun_) {
        state_ = State::kTrailerValue;
      } else if (!IsToken({&c, 1})) {
        return Fail(Code::kInvalid, "a trailer needs a valid name directly before its colon");
      }
      name_begun_ = true;
      return TakeDropped(c);
    case State::kTrailerValue:
      if (c == '\r') return expect('\r', State::kTrailerLf);
      return TakeDropped(c);
    case State::kTrailerLf:
      return expect('\n', State::kTrailer);
    case State::kEndLf:
      return expect('\n', State::kDone);
    case State::kData:
    case State::kDone:
      break;
  }
  return Fail(Code::kInvalid, "bytes behind the end of a chunked body");
}

}  // namespace net
