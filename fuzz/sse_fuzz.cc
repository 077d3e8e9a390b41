// However a stream is split, the frames are the same and together are the bytes of the stream. The first two
// bytes of the input choose the splits and the limit.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "wire/sse.h"

namespace {

struct Seen {
  wire::SseKind kind;
  std::string bytes, payload, event;
  bool ends;
  friend bool operator==(const Seen&, const Seen&) = default;
};

void Keep(std::vector<Seen>& frames, const wire::SseFrame& frame) {
  if (!frames.empty() && frames.back().kind == wire::SseKind::kPart && !frames.back().ends) {
    CHECK(frame.kind == wire::SseKind::kPart);
    frames.back().bytes += frame.bytes;
    frames.back().ends = frame.ends;
    return;
  }
  frames.push_back({frame.kind, std::string(frame.bytes), std::string(frame.payload),
                    std::string(frame.event), frame.ends});
}

std::vector<Seen> Read(std::string_view stream, std::size_t frame_max, std::size_t step_max,
                       base::Random& random) {
  wire::SseFramer framer(frame_max);
  std::vector<Seen> frames;
  while (!stream.empty()) {
    const std::size_t step = std::min<std::size_t>(1 + random.Below(step_max), stream.size());
    const std::string block(stream.substr(0, step));  // dies with this turn
    stream.remove_prefix(step);
    framer.Feed(block);
    while (const auto frame = framer.Next()) Keep(frames, *frame);
    CHECK(framer.Tail().size() <= frame_max);
  }
  if (const auto frame = framer.Finish()) Keep(frames, *frame);
  CHECK(!framer.Finish() && framer.Tail().empty());
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data + 2), size - 2);
  const std::size_t frame_max = 1 + data[1];
  base::Random random(data[0]);
  const auto whole = Read(stream, frame_max, 1 << 20, random);
  std::string bytes;
  for (const Seen& frame : whole) bytes += frame.bytes;
  CHECK(bytes == stream);
  CHECK(Read(stream, frame_max, 1, random) == whole);
  CHECK(Read(stream, frame_max, 1u + data[0], random) == whole);
  return 0;
}
