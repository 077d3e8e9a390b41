#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

// Reads HTTP/1.1 answers from bytes that come in pieces of any size. One answer at a time: Feed stops at the
// answer's last byte. Strict enough to call a cut or broken answer by its name, not a general client.
// Not thread-safe.
class HttpReader {
 public:
  enum class State { kHead, kBody, kComplete, kBroken };

  // Takes bytes up to the end of the answer and hands every piece of the body to `on_body(string_view)`.
  // Returns how many bytes it took: fewer than given only when the answer is complete or broken.
  template <class OnBody>
  std::size_t Feed(std::string_view bytes, OnBody&& on_body) {
    const std::size_t given = bytes.size();
    while (!bytes.empty() && (state_ == State::kHead || state_ == State::kBody)) {
      if (state_ == State::kHead) {
        bytes.remove_prefix(TakeHead(bytes));
        continue;
      }
      const Piece piece = TakeBody(bytes);
      if (!piece.body.empty()) on_body(piece.body);
      bytes.remove_prefix(piece.taken);
    }
    return given - bytes.size();
  }

  // The connection ended. True when that is how this answer ends (no length was given).
  bool End();

  State state() const { return state_; }
  int status() const { return status_; }
  bool keep_alive() const { return keep_alive_; }
  bool started() const { return started_; }  // a byte of the answer has come
  std::uint64_t body_bytes() const { return body_bytes_; }

  void Reset();

 private:
  enum class Framing { kLength, kChunked, kUntilClose };
  enum class ChunkPart { kSize, kData, kDataEnd, kTrailer };
  struct Piece {
    std::string_view body;
    std::size_t taken;
  };
  std::size_t TakeHead(std::string_view bytes);
  void ParseHead(std::string_view head);
  void ParseField(std::string_view line);
  Piece TakeBody(std::string_view bytes);
  Piece TakeChunked(std::string_view bytes);
  Piece TakeChunkLine(std::string_view bytes);
  void FinishChunkLine(std::string_view line);

  State state_ = State::kHead;
  Framing framing_ = Framing::kUntilClose;
  ChunkPart part_ = ChunkPart::kSize;
  bool started_ = false;
  bool keep_alive_ = true;
  int status_ = 0;
  std::uint64_t left_ = 0;  // bytes of the body, or of the chunk, that are still to come
  std::uint64_t body_bytes_ = 0;
  std::string held_;  // an unfinished head or chunk line
};

}  // namespace bench
