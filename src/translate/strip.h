#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/endpoint.h"
#include "chat/flavour.h"

namespace translate {

struct Stripped {
  std::string body;
  std::vector<std::string> dropped;  // names of what was left out
};

// A conversation that was answered by a provider of another family carries that one's sealed thoughts (see
// carried.h), in chat also in members of our own. When it goes to a provider of its own dialect these are
// left out, because they would be refused there, and the provider's own lose their mark (marked.h); all other
// bytes stay as they are. Where nothing but such thoughts was said, nothing is left of the conversation.
// nullopt, usual and cheap: there are none. `body` has been accepted by wire::ParseRequest for `operation`;
// `provider` is what the config calls who is asked.
std::optional<Stripped> StripForeign(chat::Operation operation, chat::Flavour flavour,
                                     std::string_view provider, std::string_view body);

}  // namespace translate
