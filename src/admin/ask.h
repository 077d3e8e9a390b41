#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "wire/json_scanner.h"

namespace admin {

inline constexpr std::size_t kBodyBytesMax = 64 * 1024;  // of a request to the admin API
inline constexpr std::size_t kParametersMax = 64;        // of one query

// One request to the admin API with all that its answer needs; it goes from the loop to a thread that may
// read files, so nothing in it is borrowed.
struct Ask {
  std::string id{};     // what stands in the path where its pattern has {id}
  std::string query{};  // behind the '?'
  std::string body{};
  std::string who{};  // for the audit trail
};

// The parameters of a query, decoded. Strict: what is not known, or comes twice where one is meant, is
// refused, so that a slip is not an answer to another question.
class Parameters {
 public:
  // `once` may come once each, `often` any number of times. Errors: kInvalid.
  static base::Result<Parameters> Read(std::string_view query, std::span<const std::string_view> once,
                                       std::span<const std::string_view> often = {});

  std::string Get(std::string_view name) const;  // empty: not there
  const std::vector<std::string>& All(std::string_view name) const;

  // A number from 1 to `most`; `otherwise` where there is none. Errors: kInvalid.
  base::Result<std::size_t> Count(std::string_view name, std::size_t otherwise, std::size_t most) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

// Calls `member` for each member of a body that must be one JSON object; false: the name is not known. An
// empty body is an empty object. Errors: kInvalid: no object, a name that is not known or comes twice, or
// what `member` says.
base::Result<> ReadBody(
    std::string_view body,
    const std::function<base::Result<bool>(std::string_view name, const wire::JsonValue& value)>& member);

// The same for a body all of whose members are texts, each by its name.
base::Result<> ReadTextMembers(std::string_view body,
                               std::initializer_list<std::pair<std::string_view, std::string*>> members);

// The values of members. null is as if it was not there. Errors: kInvalid with the name.
base::Result<> ReadText(std::string_view name, const wire::JsonValue& value, std::string& text);
base::Result<> ReadTexts(std::string_view name, const wire::JsonValue& value,
                         std::vector<std::string>& texts);

// An instant, or how long from `now`: 2027-01-31T00:00:00Z, 90d. Errors: kInvalid.
base::Result<base::WallTime> ReadInstant(const std::string& text, base::WallTime now);

}  // namespace admin
