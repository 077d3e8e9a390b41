// However a chunked body is split, the same bytes come out, the same count is consumed and the same verdict
// is given.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/random.h"
#include "net/http_chunk.h"

namespace {

struct Decoded {
  std::string data;
  bool failed = false;
  bool done = false;
  std::size_t consumed = 0;
  friend bool operator==(const Decoded&, const Decoded&) = default;
};

Decoded Decode(std::string_view input, std::size_t step_max, base::Random& random) {
  net::ChunkDecoder decoder;
  Decoded out;
  while (!input.empty() && !out.failed && !decoder.done()) {
    const std::size_t step = std::min<std::size_t>(1 + random.Below(step_max), input.size());
    const std::string block(input.substr(0, step));  // dies with this turn
    input.remove_prefix(step);
    std::string_view rest = block;
    while (!rest.empty() && !out.failed && !decoder.done()) {
      const auto decoded = decoder.Decode(rest);
      out.failed = !decoded;
      if (!decoded) break;
      CHECK(decoded->consumed > 0 && decoded->consumed <= rest.size());
      CHECK(decoded->data.size() <= decoded->consumed);
      out.data += decoded->data;
      out.consumed += decoded->consumed;
      rest.remove_prefix(decoded->consumed);
    }
  }
  out.done = decoder.done();
  if (out.failed) out.consumed = 0;  // how far a bad body got depends on the split
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  base::Random random(data[0]);
  const Decoded whole = Decode(input, std::size_t{1} << 20, random);
  CHECK(Decode(input, 1, random) == whole);
  CHECK(Decode(input, 1u + data[0], random) == whole);
  return 0;
}
