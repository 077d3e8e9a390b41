#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wire {

inline constexpr std::size_t kErrorTextMax = 2048;  // bytes kept of each text of a provider's error

// An error as it is said to a caller. `type` is the class of the error, `code` the stable name of its case.
struct ErrorBody {
  std::string_view message;
  std::string_view type;
  std::string_view code;
  std::string_view param{};  // the field it is about; empty: null
};

// {"error":{"message":...,"type":...,"param":...,"code":...}}
std::string WriteError(const ErrorBody& error);

// The same as one event of a stream: `data: {...}` and a blank line.
std::string WriteErrorEvent(const ErrorBody& error);

// What a provider said about its error, each text cut to kErrorTextMax; empty where it said nothing.
struct ProviderError {
  std::string message;
  std::string type;
  std::string code;  // a number is kept as its digits
};

// Reads a provider's error body: {"error":{...}}, {"error":"text"} or {"message":...}. What is none of these
// (HTML, nothing at all) gives empty texts.
ProviderError ReadProviderError(std::string_view body);

}  // namespace wire
