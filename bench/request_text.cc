#include "bench/request_text.h"

#include <string_view>

#include "base/json_text.h"

namespace bench {
namespace {

constexpr std::uint64_t kMessagesTokens = 64;
constexpr std::string_view kFiller =
    "A lock gate holds the water of the upper reach until the boat is in the chamber, and then lets through "
    "just as "
    "much as it takes to bring it down. What is the least water that one passage can cost, and who pays for "
    "it? ";

}  // namespace

std::string RequestText(const LoadOptions& options, std::size_t body_bytes, std::uint64_t max_tokens) {
  std::string body = "{\"model\":";
  base::AppendJsonString(body, options.model);
  body += options.messages ? ",\"system\":\"You are terse.\",\"messages\":["
                           : ",\"messages\":[{\"role\":\"system\",\"content\":\"You are terse.\"},";
  body += "{\"role\":\"user\",\"content\":\"";
  std::string tail = "\"}]";
  if (options.messages && max_tokens == 0) max_tokens = kMessagesTokens;  // Messages will not do without
  if (max_tokens > 0) tail += ",\"max_tokens\":" + std::to_string(max_tokens);
  if (options.stream) tail += ",\"stream\":true";
  if (options.stream && options.include_usage && !options.messages)
    tail += ",\"stream_options\":{\"include_usage\":true}";
  tail += "}";
  const std::size_t wanted = body_bytes > tail.size() ? body_bytes - tail.size() : 0;
  body.reserve(wanted + tail.size());
  while (body.size() < wanted) body += kFiller.substr(0, wanted - body.size());
  body += tail;

  std::string text =
      "POST " + options.path + " HTTP/1.1\r\nhost: " + options.host + ':' + std::to_string(options.port);
  text += "\r\ncontent-type: application/json\r\naccept: */*\r\nuser-agent: bench_load\r\n";
  if (!options.key.empty()) text += "authorization: Bearer " + options.key + "\r\n";
  if (options.messages) text += "anthropic-version: 2023-06-01\r\n";
  for (const std::string& header : options.headers) text += header + "\r\n";
  text += "content-length: " + std::to_string(body.size()) + "\r\n\r\n";
  return text + body;
}

}  // namespace bench
