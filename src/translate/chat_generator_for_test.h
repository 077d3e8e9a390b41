#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace translate {

// Makes valid requests and answers of chat completions, the same ones from the same seed. They are spelled
// the way our writer spells them, so that what is read and written again has the same value.
class ChatGenerator {
 public:
  explicit ChatGenerator(std::uint64_t seed) : random_(seed) {}

  enum class Reach {
    kOwn,     // anything that OpenAI's own chat completions say
    kShared,  // only what every dialect can say
  };
  std::string Request(Reach reach = Reach::kOwn);

  struct Answered {
    std::string whole;
    std::vector<std::string> frames;  // the same as the payloads of a stream; the last is [DONE]
  };
  Answered Answer(Reach reach = Reach::kOwn);

  // Some bytes of `text` changed, cut out or doubled.
  std::string Broken(std::string text);

 private:
  bool OneIn(std::uint64_t n) { return random_.Below(n) == 0; }
  std::string_view OneOf(std::initializer_list<std::string_view> words);
  std::string Text();  // not empty
  std::string Value(int depth);
  std::string Object(int depth);

  void AddMessages(std::string& out, Reach reach);
  void AddUserContent(std::string& out, Reach reach);
  void AddPart(std::string& out, Reach reach);
  void AddToolTurn(std::string& out, Reach reach);
  void AddTools(std::string& out, Reach reach);
  void AddSettings(std::string& out, Reach reach);
  void AddOwnSettings(std::string& out);
  std::vector<std::string> Cut(const std::string& text);

  base::Random random_;
  int calls_ = 0;
};

}  // namespace translate
