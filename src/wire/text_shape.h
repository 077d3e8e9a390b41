#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace wire {

// A payload of a stream around the one string that its reader got out of it. Most payloads of a stream differ
// from the one before in the inside of that string only, the text: where the bytes before and behind it are
// the same, so is everything that they say, and only the string needs to be read. Belongs to one thread.
class TextShape {
 public:
  static constexpr int kMissesMax = 8;  // so many in a row, and the stream's payloads are not alike
  static constexpr std::size_t kBytesMax = 4096;

  // The inside of the string, which is not empty, where `payload` is what is kept but for that.
  std::optional<std::string_view> Find(std::string_view payload);

  // Keeps `payload` around `inside`. False, and nothing is kept: that is not all of one string in it, there
  // are too many bytes around it, or there were too many misses.
  bool Keep(std::string_view payload, std::string_view inside);
  void Forget() { kept_.reset(); }

  // Where `part` of `payload`, which was kept last, stands in what is kept: valid until the next Keep.
  // REQUIRES: something is kept, and the part is empty or outside of the string.
  std::string_view Own(std::string_view payload, std::string_view part) const;

 private:
  struct Around {
    std::string before;  // up to the quote that the text begins behind
    std::string behind;  // from behind the quote that ends it
  };

  std::optional<Around> kept_;
  int misses_ = 0;  // payloads in a row that did not fit
};

}  // namespace wire
