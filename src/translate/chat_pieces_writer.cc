#include <openssl/sha.h>

#include "base/encoding.h"
#include "translate/carried.h"
#include "translate/chat_writer_internal.h"

namespace translate::internal {

std::string Hashed(std::string_view text) {
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash);
  return "sha256-" + base::Hex({reinterpret_cast<const char*>(hash), sizeof hash});
}

void WriteChatCall(const Part& call, JsonText id, JsonOut& json) {
  json.Open('{').Key("id").Text(id).Key("type");
  if (call.custom) {
    json.Plain("custom").Key("custom").Open('{').Key("name").Text(call.name);
    json.Key("input").Text(call.arguments);
  } else {
    WriteFunctionCall(call, json.Plain("function").Key("function"));
    json.Close('}');
    return;
  }
  json.Close('}').Close('}');
}

void WriteFunctionCall(const Part& call, JsonOut& json) {
  json.Open('{').Key("name").Text(call.name).Key("arguments");
  if (!call.input_raw.empty()) {
    json.Plain(call.input_raw);
  } else {
    json.Text(call.arguments.empty() ? JsonText{"{}"} : call.arguments);
  }
  json.Close('}');
}

void WriteThoughtBlock(const Part& thought, JsonOut& json) {
  const std::string seal = Seal(thought, Mind::kAnthropic);
  json.Open('{').Key("type");
  if (thought.redacted && thought.mind == Mind::kAnthropic) {
    json.Plain("redacted_thinking").Key("data").Text({seal});
  } else {
    json.Plain("thinking").Key("thinking").Text(thought.text).Key("signature").Text({seal});
  }
  json.Close('}');
}

void WriteChatUsage(const chat::Usage& usage, JsonOut& json) {
  const std::int64_t writes = usage.cache_write_5m + usage.cache_write_1h;
  json.Open('{').Key("prompt_tokens").Number(usage.TotalInput());
  json.Key("completion_tokens").Number(usage.TotalOutput());
  json.Key("total_tokens").Number(usage.TotalInput() + usage.TotalOutput());
  json.Key("prompt_tokens_details").Open('{').Key("cached_tokens").Number(usage.cached_input);
  if (writes > 0) json.Key("cache_write_tokens").Number(writes);
  if (usage.cache_write_1h > 0) json.Key("cache_write_1h_tokens").Number(usage.cache_write_1h);
  json.Key("audio_tokens").Number(usage.input_audio);
  if (usage.input_image > 0) json.Key("image_tokens").Number(usage.input_image);
  json.Close('}').Key("completion_tokens_details").Open('{');
  json.Key("reasoning_tokens").Number(usage.reasoning).Key("audio_tokens").Number(usage.output_audio);
  if (usage.output_image > 0) json.Key("image_tokens").Number(usage.output_image);
  json.Close('}').Close('}');
}

}  // namespace translate::internal
