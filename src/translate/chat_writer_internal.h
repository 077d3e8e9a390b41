#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "chat/usage.h"
#include "translate/form.h"
#include "translate/json_out.h"
#include "translate/losses.h"
#include "translate/translate.h"

// What the writers of chat completions share.

namespace translate::internal {

// Writes the turns of a request as the elements of `messages`. Everything is borrowed for the call.
class ChatMessageWriter {
 public:
  ChatMessageWriter(const Request& request, const Target& target, JsonOut& json, Losses& losses)
      : request_(request), target_(target), json_(json), losses_(losses) {}

  void Write();

 private:
  bool Deepseek() const { return target_.flavour == chat::Flavour::kDeepseek; }
  bool Openai() const { return target_.flavour == chat::Flavour::kOpenai; }

  bool BeginsTheAnswer(const Turn& turn) const;
  void Answered(const Turn& turn);
  void WriteTurn(const Turn& turn, std::string_view role);
  void WriteAssistant(const Turn& turn);
  void WriteThoughts(const Turn& turn);
  void WriteResults(const Turn& turn);
  void WriteResult(const Part& result);
  void WriteMoved();
  void WriteName(const Turn& turn);

  bool CanSay(const Part& part);
  JsonText CallId(JsonText id);
  bool CanSayDocument(const Part& part);
  bool CanSayAudio(const Part& part);
  void NameLosses(const Part& part);
  void WritePart(const Part& part);
  void WriteDocument(const Part& part);
  // Texts as one string, or as a list where the provider takes one.
  void WriteTexts(const std::vector<const Part*>& texts, std::string_view prefix, std::string_view separator);

  const Request& request_;
  const Target& target_;
  JsonOut& json_;
  Losses& losses_;
  std::deque<std::string> made_ids_;
  std::unordered_set<std::string_view>
      lost_calls_;  // ids of calls that could not be said: nor can their results
  std::unordered_set<std::string_view> said_calls_;  // ids of the others so far
  struct Moved {
    JsonText call;
    const Part* part;
  };
  std::vector<Moved> moved_;  // what tool messages cannot hold, for the user message behind them
};

// The view that gives `part` its name.
inline std::string_view Where(const Part& part) {
  return part.raw.empty() ? part.text.inside : part.raw;
}

// A text that stays the same for the same `text` and that nobody can guess it from: sha256-<64 digits>.
std::string Hashed(std::string_view text);

// One element of `tool_calls`, under `id`. Arguments that are no text yet become one; none are {}.
void WriteChatCall(const Part& call, JsonText id, JsonOut& json);

// An element of `thinking_blocks`, its seal marked with whose it is unless it is Anthropic's.
void WriteThoughtBlock(const Part& thought, JsonOut& json);

// A citation that another dialect told as an element of `annotations`, of the text between two characters of
// the content. False, and nothing is written, if it cites no page of the web: chat knows no other.
bool WriteAnnotation(std::string_view citation, std::int64_t begin, std::int64_t end, JsonOut& json);

// The value of `function_call`: a call for a caller who knows no tools.
void WriteFunctionCall(const Part& call, JsonOut& json);

// The word for why an answer ended; `calls` tells whether it has any, since clients go by the word; `legacy`
// whether the caller calls them functions.
std::string_view ChatFinishWord(const Finish& finish, bool calls, bool legacy);

// A `usage` object. prompt_tokens are all that were read, whether from the cache or into it.
void WriteChatUsage(const chat::Usage& usage, JsonOut& json);

}  // namespace translate::internal
