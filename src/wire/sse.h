#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wire {

enum class SseKind : std::uint8_t {
  kData,     // has a payload that is not empty
  kDone,     // the payload is [DONE]
  kComment,  // nothing but comments: a sign of life, not a token
  kOther,    // only event, id or retry fields, or just a blank line
  kPart,     // a piece of a frame that is larger than frame_max: to be passed on unread
};

struct SseFrame {
  SseKind kind = SseKind::kOther;
  std::string_view bytes;    // exactly as they came, the blank line included: what a relay forwards or drops
  std::string_view payload;  // all data fields, joined by line feeds
  std::string_view event;    // the last event field; empty if there is none
  bool ends = true;          // false for a kPart with more of the same frame to come
};

// Cuts a byte stream into the frames of server-sent events, wherever the blocks of the stream happen to be
// split. LF, CR and CRLF end lines; a byte order mark at the very start is tolerated. All bytes of all frames
// and of the final Tail() are together exactly the bytes of the stream. A frame that lies wholly in one block
// is not copied. Costs a constant per byte however small the blocks are. Belongs to one thread.
//
//   framer.Feed(block);
//   while (const auto frame = framer.Next()) Relay(*frame);
//   // the block may go now; the framer has kept the beginning of the next frame
class SseFramer {
 public:
  explicit SseFramer(std::size_t frame_max);  // bytes of one frame that are held back at most

  // REQUIRES: Next() has answered none since the last Feed. `block` must live until it does so again.
  void Feed(std::string_view block);

  // The next whole frame, or none when the rest of the block is only the beginning of one. The frame is valid
  // until the following call of Next, Feed or Finish.
  std::optional<SseFrame> Next();

  // Bytes held back: the stream has stopped inside a frame if this is not empty.
  std::string_view Tail() const { return held_out_ ? std::string_view() : std::string_view(held_); }

  // At the end of the stream: what is held back, read as though its blank line had come; none if nothing is.
  std::optional<SseFrame> Finish();

 private:
  enum class Line : std::uint8_t {
    kStart,         // at the first byte of a line
    kInside,        // in the middle of one
    kAfterCr,       // a line ended in CR; an LF may belong to it
    kBlankAfterCr,  // a blank line ended in CR, and an LF is to be expected behind it
    kFrameAfterCr,  // a frame ended in CR; an LF may belong to it and leads the next frame
  };

  // The end of the frame in [at, end) and whether there is one; moves the state over what it has seen.
  const char* FindFrameEnd(const char* at, const char* end, bool& found);
  SseFrame Read(std::string_view bytes);

  const std::size_t frame_max_;
  std::string_view block_;   // of the block fed last: what is not yet in a frame
  std::string held_;         // the beginning of the next frame, from earlier blocks
  bool held_out_ = false;    // held_ was given out as a frame and is to be cleared
  bool oversize_ = false;    // the current frame is handed out in parts
  bool first_frame_ = true;  // a byte order mark may come
  Line line_ = Line::kStart;
  bool bare_cr_ = false;  // the line before this one ended in a CR without an LF
  std::string joined_;    // the payload of a frame with several data fields
};

}  // namespace wire
