#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "translate/event.h"
#include "translate/form.h"
#include "translate/losses.h"
#include "translate/translate.h"
#include "wire/sse.h"

// What each dialect brings: three readers and three writers. translate.cc picks them.

namespace translate {

// Reads the frames of one stream of a dialect.
class StreamReader {
 public:
  virtual ~StreamReader() = default;
  // Appends the events of `frame`, a kData or kDone. Views in them live as long as the frame and until the
  // next call. Error: kInvalid.
  virtual base::Result<void> Read(const wire::SseFrame& frame, std::vector<Event>& events) = 0;
  // What is called `name` in the frame read last, as it would be called in a whole answer.
  virtual std::string InAnswer(std::string name) const = 0;
  // Views into the frame read last, of what no event tells: to be cleared by who has read them.
  Losses& losses() { return losses_; }
  // Names that no view has, of the same.
  std::vector<std::string>& names() { return names_; }

 protected:
  Losses losses_;
  std::vector<std::string> names_;
};

// Writes the frames of one stream of a dialect.
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  // Appends whole frames to `out`, or nothing. Error: kTooLarge when it would have to keep more than
  // Between::answer_max; the stream is then to be broken.
  virtual base::Result<void> Write(const Event& event, std::string& out) = 0;
  // An error of ours or the provider's, texts not escaped; see StreamTranslation::Break.
  virtual void WriteError(std::string_view type, std::string_view code, std::string_view message,
                          std::string& out) = 0;
  // Views into the frame whose events were written, of what the dialect has no place for: to be cleared by
  // who has read them.
  Losses& losses() { return losses_; }
  // Names of such that the frame does not hold, as they would be called in a whole answer: to be cleared,
  // too.
  std::vector<std::string>& names() { return names_; }

 protected:
  Losses losses_;
  std::vector<std::string> names_;
};

base::Result<Request> ReadChatRequest(std::string_view body);
void WriteChatRequest(const Request& request, const Target& target, std::string& out, Losses& losses);
base::Result<Answer> ReadChatAnswer(std::string_view body);
void WriteChatAnswer(const Answer& answer, const Between& between, std::string& out, Losses& losses);
std::unique_ptr<StreamReader> MakeChatStreamReader();
std::unique_ptr<StreamWriter> MakeChatStreamWriter(const Between& between);

base::Result<Request> ReadMessagesRequest(std::string_view body);
void WriteMessagesRequest(const Request& request, const Target& target, std::string& out, Losses& losses);
base::Result<Answer> ReadMessagesAnswer(std::string_view body);
void WriteMessagesAnswer(const Answer& answer, const Between& between, std::string& out, Losses& losses);
std::unique_ptr<StreamReader> MakeMessagesStreamReader();
std::unique_ptr<StreamWriter> MakeMessagesStreamWriter(const Between& between);

base::Result<Request> ReadResponsesRequest(std::string_view body);
void WriteResponsesRequest(const Request& request, const Target& target, std::string& out, Losses& losses);
base::Result<Answer> ReadResponsesAnswer(std::string_view body);
void WriteResponsesAnswer(const Answer& answer, const Between& between, std::string& out, Losses& losses);
std::unique_ptr<StreamReader> MakeResponsesStreamReader();
std::unique_ptr<StreamWriter> MakeResponsesStreamWriter(const Between& between);

// Whether a request that is said to DeepSeek's chat is one for its /beta, which holds the tools of a request
// to their schemas, all of them.
bool IsForBeta(const Request& request, const Target& target);

// What one dialect brings, to be picked once.
struct DialectWords {
  std::string_view api;  // what people call it: "Anthropic Messages"
  base::Result<Request> (*read_request)(std::string_view body);
  void (*write_request)(const Request& request, const Target& target, std::string& out, Losses& losses);
  base::Result<Answer> (*read_answer)(std::string_view body);
  void (*write_answer)(const Answer& answer, const Between& between, std::string& out, Losses& losses);
  std::unique_ptr<StreamReader> (*make_reader)();
  std::unique_ptr<StreamWriter> (*make_writer)(const Between& between);
};

// Those of the dialect that generates by `operation`. REQUIRES: chat::IsTranslatable(operation).
const DialectWords& WordsOf(chat::Operation operation);

}  // namespace translate
