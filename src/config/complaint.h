#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace config {

// Why a piece of text is not a value, and what would be one: the second and third part of a Problem. Never
// holds the text itself, which may be a secret.
struct Complaint {
  std::string why;      // "a time needs a unit (ms, s, m, h or d)"
  std::string instead;  // "write 30s"
};

template <class T>
using Parsed = tl::expected<T, Complaint>;

inline tl::unexpected<Complaint> Refuse(std::string why, std::string instead) {
  return tl::unexpected<Complaint>(Complaint{std::move(why), std::move(instead)});
}

}  // namespace config
