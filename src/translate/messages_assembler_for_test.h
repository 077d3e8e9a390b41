#pragma once

#include <string>
#include <string_view>

namespace translate {

// The whole answer that a stream of Messages tells, put together the way the official clients do it: by the
// index of each block, usage being what was told last. It holds the stream against the dialect's rules: a
// frame's name is its type, message_start comes first and message_stop last, blocks begin in the order of
// their index, have pieces of their own kind only, and end once. What breaks a rule comes back as
// "broken: ...".
std::string AssembleMessages(std::string_view stream);

}  // namespace translate
