#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

// What a client makes of a server-sent-event stream of chat chunks, or of a Messages stream.
//
// Bytes come in pieces of any size; Feed calls `on_chunk(stamp)` for every event that carries answer text,
// with the instant that bench_upstream wrote into the text ("@" and 16 hexadecimal digits of monotonic
// nanoseconds), or nothing when the event has no stamp but is not one of the closing events either.
// Not thread-safe.
class SseReader {
 public:
  enum class Trouble { kNone, kAfterDone, kErrorEvent, kTooLong, kNotData };

  template <class OnChunk>
  void Feed(std::string_view bytes, OnChunk&& on_chunk) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      if (end == std::string_view::npos) return Keep(bytes);
      std::string_view line = bytes.substr(0, end);
      bytes.remove_prefix(end + 1);
      if (!line_.empty()) {
        Keep(line);
        line = line_;
      }
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      if (const std::optional<Event> event = TakeLine(line)) {
        if (event->text) on_chunk(event->stamp);
      }
      line_.clear();
    }
  }

  // True when the stream ended as it should: [DONE] or message_stop came, nothing after it, no event is half
  // read.
  bool Complete() const { return done_ && trouble_ == Trouble::kNone && line_.empty() && data_.empty(); }
  bool usage_seen() const { return usage_seen_; }
  Trouble trouble() const { return trouble_; }  // the first thing that was wrong

  void Reset();

 private:
  struct Event {
    bool text = false;
    std::optional<std::uint64_t> stamp;
  };
  void Keep(std::string_view bytes);
  std::optional<Event> TakeLine(
      std::string_view line);  // an event when the line is the blank one that ends it
  Event Judge(std::string_view data);
  void Note(Trouble trouble);

  std::string line_;  // the start of a line whose end has not come
  std::string data_;  // the data lines of the event being read
  bool error_event_ = false;
  bool done_ = false;
  bool usage_seen_ = false;
  Trouble trouble_ = Trouble::kNone;
};

// The stamp in a piece of JSON text; nothing when there is none.
std::optional<std::uint64_t> FindStamp(std::string_view json);

}  // namespace bench
