#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"

namespace translate {

// Invents valid requests and answers of Anthropic Messages, the same from the same seed. They are spelled the
// way our writer spells them where the dialect leaves a choice (a lone text is a string, what is default is
// left out), so that one that is read and written again is the same value.
class MessagesGenerator {
 public:
  // kOwn: whatever Messages can say. kShared: only what chat completions and Responses have words for too.
  enum class Reach : std::uint8_t { kOwn, kShared };

  explicit MessagesGenerator(std::uint64_t seed) : random_(seed) {}

  struct Asked {
    std::string model;  // whose members the request has
    std::string body;
  };
  Asked Request(Reach reach = Reach::kOwn);

  // One answer, whole and as the stream that tells it.
  struct Told {
    std::string whole;
    std::string stream;
  };
  Told Answer(Reach reach = Reach::kOwn);

 private:
  struct Block;

  bool Chance(unsigned percent) { return random_.Below(100) < percent; }
  bool Own() const { return reach_ == Reach::kOwn; }
  std::vector<std::string> Words();  // pieces of one text, as insides of JSON strings
  std::string Text();                // one text with its quotes
  std::string Token(const char* prefix);
  std::string Input();
  std::string CacheControl();  // a member with its comma in front, or nothing
  std::string TextBlock();
  std::string Media(bool in_result);
  std::string Document();
  std::string Citation();
  std::string Content(const std::vector<std::string>& blocks);
  std::string System();
  std::string UserTurn(std::vector<std::string>& open_calls, bool last);
  std::string AssistantTurn(std::vector<std::string>& open_calls, bool thoughts);
  std::string ToolResult(const std::string& id);
  std::string Thought();
  std::string Tools();
  std::string Members(const std::string& model, std::int64_t max_tokens, bool thinks);

  Block AnswerBlock(unsigned which);
  std::string Frame(const std::string& type, const std::string& members);
  std::string Stream(const std::string& head, const std::vector<Block>& blocks, const std::string& end,
                     const std::string& start_usage, const std::string& usage);

  base::Random random_;
  Reach reach_ = Reach::kOwn;  // of what is made at the moment
  bool tools_ = false;
};

}  // namespace translate
