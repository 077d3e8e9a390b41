#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace admin {

// Every case in which the admin API says no. Statuses and codes are a public contract (api/admin.yaml).
enum class Trouble : std::uint8_t {
  kInvalidRequest,
  kUnauthorized,
  kForbidden,
  kNotFound,
  kMethodNotAllowed,
  kTimeout,
  kConflict,  // what is asked for does not go with what is there
  kTooLarge,
  kMediaType,
  kHeadTooLarge,
  kUnavailable,
};

// An answer of the admin API: JSON, and nothing that may be kept by a cache.
struct Reply {
  int status = 200;
  std::string body;
  std::string allow{};  // of kMethodNotAllowed: the methods that the path has
};

// {"error":{"code":...,"message":...}}
Reply Refuse(Trouble trouble, std::string_view message);

// What went wrong below, as it is told. `message` of kIo names files of this machine: operators may know.
Reply Refuse(const base::Error& error);

// The refusal for a message that never became a request: net says only a status.
Reply RefuseStatus(int status, std::string_view message);

// Header fields of a reply, with its retry advice where it has one.
std::string FieldsOf(const Reply& reply);

}  // namespace admin
