#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "translate/form.h"
#include "translate/translate.h"

// Messages takes names of tools of 128 bytes, OpenAI and DeepSeek 64. A longer one is said there as its
// beginning and a part of its hash, the same in every turn, and comes back as the caller's own.

namespace translate::internal {

inline constexpr std::size_t kToolNameMax = 64;

// The name that stands for one that is longer than kToolNameMax; any other is itself.
std::string ShortToolName(JsonText name);

// The request with such names instead; nullopt, usual: there are none, or whoever is asked by `operation`
// takes them. Its views lie in what `request`'s lie in, and in its own `kept`.
std::optional<Request> WithShortToolNames(const Request& request, chat::Operation operation,
                                          chat::Flavour flavour);

// Gives the tools in an answer their names back.
class ToolNames {
 public:
  explicit ToolNames(const Between& between);  // whose request outlives this
  void Restore(JsonText& name) const;

 private:
  std::unordered_map<std::string, JsonText> caller_names_;  // by what stands for them
};

}  // namespace translate::internal
