#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace translate {

// Makes valid requests, answers and streams of OpenAI Responses, always the same ones from the same seed.
// What can be spelled in several ways is spelled as our own writer spells it, so that what is read and
// written again has the same value.
class ResponsesGenerator {
 public:
  // What a request is made of: all that this dialect can say, or only what every dialect can.
  enum class Reach : std::uint8_t { kOwn, kEverywhere };

  explicit ResponsesGenerator(std::uint64_t seed) : random_(seed) {}

  // A request for the model "gpt-5.2".
  std::string Request(Reach reach = Reach::kOwn);

  // The response to {"model":"m","input":"q"} with the request id "req_g", in the second 1234.
  std::string Answer(Reach reach = Reach::kOwn);

  // The events that tell `answer`, one that Answer made.
  std::string Stream(std::string_view answer);

 private:
  bool OneIn(std::uint64_t n) { return random_.Below(n) == 0; }
  std::string Text();    // a JSON string, not empty
  std::string Object();  // a small JSON object
  std::string Word();

  std::string Turns(Reach reach);
  std::string UserMessage(Reach reach);
  std::string AssistantTurn(Reach reach);
  std::string Content(Reach reach);
  std::string Part(Reach reach);
  std::string Output(Reach reach);
  std::string Settings(Reach reach);
  std::string Tools(Reach reach);
  std::string AnswerItems(Reach reach, std::string_view last_status);
  std::string Message(std::string_view status, Reach reach);
  std::string ItemId(std::string_view prefix) {
    return std::string(prefix) + "g_" + std::to_string(items_++);
  }

  void Frame(std::string& out, std::string_view type, std::string_view members);
  void Item(std::string& out, std::string_view item, std::size_t place);
  void Contents(std::string& out, std::string_view list, const std::string& at);
  void Deltas(std::string& out, std::string_view type, const std::string& at, std::string_view inside);
  std::vector<std::string_view> Cut(std::string_view inside);

  base::Random random_;
  std::size_t items_ = 0;
  std::size_t calls_ = 0;
  std::size_t sequence_ = 0;
};

}  // namespace translate
