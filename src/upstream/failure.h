#pragma once

#include <string_view>

// Why a call has failed, in the one word that logs and metrics have for it; a status is its digits. Named
// here are those that code goes by: what a call has used is decided by how it ended.
namespace upstream::failure {

inline constexpr std::string_view kTimeout = "timeout";      // its provider was silent for too long
inline constexpr std::string_view kDeadline = "deadline";    // the time of its request was over
inline constexpr std::string_view kCancelled = "cancelled";  // its client has left
inline constexpr std::string_view kDraining = "draining";    // we stop
inline constexpr std::string_view kErrorIn200 = "error_in_200";
inline constexpr std::string_view kNotTranslatable = "not_translatable";  // a good answer, but not for us

}  // namespace upstream::failure
