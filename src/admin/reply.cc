#include "admin/reply.h"

#include "base/json_text.h"
#include "net/header_text.h"

namespace admin {
namespace {

struct Facts {
  int status;
  std::string_view code;
};

Facts FactsOf(Trouble trouble) {
  switch (trouble) {
    case Trouble::kInvalidRequest:
      return {400, "invalid_request"};
    case Trouble::kUnauthorized:
      return {401, "unauthorized"};
    case Trouble::kForbidden:
      return {403, "forbidden"};
    case Trouble::kNotFound:
      return {404, "not_found"};
    case Trouble::kMethodNotAllowed:
      return {405, "method_not_allowed"};
    case Trouble::kTimeout:
      return {408, "request_timeout"};
    case Trouble::kConflict:
      return {409, "conflict"};
    case Trouble::kTooLarge:
      return {413, "too_large"};
    case Trouble::kMediaType:
      return {415, "unsupported_media_type"};
    case Trouble::kHeadTooLarge:
      return {431, "too_large"};
    case Trouble::kUnavailable:
      return {503, "unavailable"};
  }
  return {500, "internal"};
}

Trouble TroubleOf(base::Code code) {
  switch (code) {
    case base::Code::kInvalid:
      return Trouble::kInvalidRequest;
    case base::Code::kNotFound:
      return Trouble::kNotFound;
    case base::Code::kDenied:
    case base::Code::kTooLarge:
      return Trouble::kConflict;
    case base::Code::kTimeout:
      return Trouble::kTimeout;
    case base::Code::kClosed:
    case base::Code::kUnreachable:
    case base::Code::kUnavailable:
    case base::Code::kCancelled:
    case base::Code::kIo:
      return Trouble::kUnavailable;
  }
  return Trouble::kUnavailable;
}

}  // namespace

Reply Refuse(Trouble trouble, std::string_view message) {
  const Facts facts = FactsOf(trouble);
  base::JsonObject body;
  body.OpenObject("error").Add("code", facts.code).Add("message", message).Close();
  return {.status = facts.status, .body = body.Take()};
}

Reply Refuse(const base::Error& error) {
  return Refuse(TroubleOf(error.code), error.detail);
}

Reply RefuseStatus(int status, std::string_view message) {
  for (const Trouble trouble :
       {Trouble::kTimeout, Trouble::kTooLarge, Trouble::kHeadTooLarge, Trouble::kUnavailable}) {
    if (FactsOf(trouble).status == status) return Refuse(trouble, message);
  }
  return Refuse(Trouble::kInvalidRequest, message);
}

std::string FieldsOf(const Reply& reply) {
  net::HeaderText fields;
  fields.Add("content-type", "application/json").Add("cache-control", "no-store");
  if (!reply.allow.empty()) fields.Add("allow", reply.allow);
  if (reply.status == 503) fields.Add("retry-after", "1");
  if (reply.status == 401) fields.Add("www-authenticate", "Bearer");
  return std::string(fields.view());
}

}  // namespace admin
