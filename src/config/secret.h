#pragma once

#include <string>
#include <utility>

namespace config {

// A key or token. It has no operator<< and no conversion to text, so that it reaches a log, an error or a
// page only through Reveal(), which is easy to find in a review.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  const std::string& Reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  std::string value_;
};

}  // namespace config
