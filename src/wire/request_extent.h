#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "wire/request.h"

namespace wire {

// How much a request may make its provider do, as far as its body tells: what a bound on its cost goes by.
// What is not known to be plain text counts as something that bytes do not bound, so that a kind of content
// that appears tomorrow is not taken for cheap.
struct RequestExtent {
  std::int64_t images = 0;
  std::size_t image_bytes = 0;  // of the body; they are read as pictures, not as text
  bool sounds = false;          // whose bytes are more than their tokens

  // The model reads what is not in the body (a file, a page, an earlier conversation), or what may be more
  // tokens than bytes (a document): only its context bounds that.
  bool reads_elsewhere = false;

  bool tools = false;            // the provider puts words of its own before their descriptions
  std::int64_t known_tools = 0;  // tools that the caller runs and the provider describes itself

  // How often the provider may use tools that it runs itself, each time asking the model again: 0 where the
  // request has none, nothing where it has some and says no limit.
  std::optional<std::int64_t> own_tool_uses = 0;

  std::int64_t answers = 1;           // n or best_of, for each prompt of a completion
  std::int64_t prediction_bytes = 0;  // what the caller expects, billed as output where it is wrong
  bool other_output = false;          // sounds or pictures may be answered
  bool long_cache = false;            // may ask for its prompt to be kept for longer than usual
  std::int64_t thinking_budget = 0;   // of Messages: an output limit has to be larger
  std::string service_tier;           // with the speed and region of Messages: "fast-us"; empty: the usual
};

// Linear in the body. REQUIRES: the request was read from its body.
RequestExtent ReadExtent(const RequestView& request);

// The same, read once, when somebody first asks for it. Belongs to its request.
class LazyExtent {
 public:
  // REQUIRES: the request outlives it and changes no more.
  explicit LazyExtent(const RequestView& request) : request_(request) {}

  const RequestView& request() const { return request_; }
  const RequestExtent& Get() {
    if (!read_) read_ = ReadExtent(request_);
    return *read_;
  }

 private:
  const RequestView& request_;
  std::optional<RequestExtent> read_;
};

}  // namespace wire
