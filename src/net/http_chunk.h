#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace net {

// Takes the chunked coding (RFC 9112 section 7.1) off a body, as its bytes come, split anywhere. Sizes are
// plain hexadecimal, at most 16 digits; extensions and trailers, which must be fields, are dropped, at most
// 4 KiB of them together; every line ends in CR LF. After an error the connection is of no further use.
class ChunkDecoder {
 public:
  struct Step {
    std::string_view data;  // body bytes, a view into the input; may be empty
    std::size_t consumed;   // input bytes that are done with, `data` included
  };

  // Decodes up to the end of one piece of data. REQUIRES: !done(). Call again with the rest of the input
  // until nothing is consumed: then more input is needed. Errors: kInvalid.
  base::Result<Step> Decode(std::string_view input);

  bool done() const { return state_ == State::kDone; }

 private:
  enum class State : unsigned char {
    kSize,
    kExtension,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailer,
    kTrailerName,
    kTrailerValue,
    kTrailerLf,
    kEndLf,
    kDone
  };
  base::Result<void> Take(char c);
  base::Result<void> TakeSize(char c);
  base::Result<void> TakeDropped(char c);

  State state_ = State::kSize;
  bool name_begun_ = false;
  int digits_ = 0;
  std::uint64_t left_ = 0;   // of the size being read, then of the data being passed on
  std::size_t dropped_ = 0;  // bytes of extensions and trailers so far
};

}  // namespace net
