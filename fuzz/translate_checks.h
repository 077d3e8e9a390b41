#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/utf8.h"
#include "translate/dialects_internal.h"
#include "wire/json_scanner.h"
#include "wire/request.h"
#include "wire/sse.h"

// What holds for the translation of every dialect, whatever bytes come: they are read or refused; what is
// read is said in each dialect as well-formed JSON and whole frames; every name that is told can stand in a
// header.

namespace fuzz {

using chat::Flavour;
using chat::Operation;

inline constexpr std::size_t kFrameMax = 1 << 20;

inline constexpr translate::Target kTargets[] = {
    {.operation = Operation::kChat, .flavour = Flavour::kOpenai, .model = "gpt-5.2"},
    {.operation = Operation::kChat, .flavour = Flavour::kDeepseek, .model = "deepseek-flash"},
    {.operation = Operation::kChat, .flavour = Flavour::kCompatible, .model = "m"},
    {.operation = Operation::kResponses, .flavour = Flavour::kOpenai, .model = "gpt-5.2"},
    {.operation = Operation::kResponses, .flavour = Flavour::kCompatible, .model = "m"},
    {.operation = Operation::kMessages, .flavour = Flavour::kDeepseek, .model = "deepseek-flash"},
    {.operation = Operation::kMessages, .flavour = Flavour::kAnthropic, .model = "claude-sonnet-4-5"},
    {.operation = Operation::kMessages, .flavour = Flavour::kAnthropic, .model = "claude-opus-5"}};

inline void CheckError(const base::Error& error) {
  CHECK(error.code == base::Code::kInvalid && !error.detail.empty() && base::IsUtf8(error.detail));
}

inline void CheckNames(const std::vector<std::string>& names) {
  CHECK(names.size() <= translate::kDroppedNamesMax + 1);
  for (const std::string& name : names) {
    CHECK(!name.empty());
    for (const char c : name) CHECK(c > ' ' && c < 0x7f && c != ',');
  }
}

// `whole` is false if something was left out.
inline std::string Say(const translate::Request& request, const translate::Target& target, bool& whole) {
  std::string out;
  translate::Losses losses;
  translate::WordsOf(target.operation).write_request(request, target, out, losses);
  CHECK(wire::ScanJson(out).has_value());
  const std::vector<std::string> names = losses.Names(request.body);
  CheckNames(names);
  if (losses.AnyUnsayable()) CheckError(losses.Refusal(request.body, "it"));
  whole = names.empty();
  return out;
}

// `own` is given the target, what is said to it and whether that is all of it, where the dialect is the same.
template <class Own>
void CheckRequest(Operation operation, std::string_view body, const Own& own) {
  if (!wire::ParseRequest(operation, body)) return;
  const auto request = translate::ReadRequest(operation, body);
  if (!request) return CheckError(request.error());
  for (const translate::Target& target : kTargets) {
    bool whole = false;
    const std::string said = Say(*request, target, whole);
    if (target.operation == operation) own(target, said, whole);
    translate::Target dropping = target;
    dropping.drop_unsayable = true;
    const auto dropped = translate::WriteRequest(*request, dropping);
    if (dropped) CHECK(wire::ParseRequest(target.operation, dropped->body).has_value());
  }
}

inline void CheckAnswer(std::string_view body, const translate::Between& between) {
  const auto answer = translate::WordsOf(between.provider).read_answer(body);
  if (!answer) return CheckError(answer.error());
  for (const Operation caller : {Operation::kChat, Operation::kResponses, Operation::kMessages}) {
    std::string out;
    translate::Losses losses;
    translate::WordsOf(caller).write_answer(*answer, between, out, losses);
    CHECK(wire::ScanJson(out).has_value());
    CheckNames(losses.Names(body));
  }
}

// Each frame that was written is one.
inline void CheckFrames(std::string_view frames) {
  wire::SseFramer framer(frames.size() + 1);
  framer.Feed(frames);
  while (const auto frame = framer.Next()) {
    CHECK(frame->kind != wire::SseKind::kData || wire::ScanJson(frame->payload).has_value());
  }
  CHECK(framer.Tail().empty());
}

// Has each dialect tell the stream, and its break if the reader finds one. Answers what the provider's own
// dialect says.
inline std::string CheckStream(std::string_view stream, const translate::Between& between) {
  const auto reader = translate::WordsOf(between.provider).make_reader();
  struct Telling {
    std::unique_ptr<translate::StreamWriter> writer;
    std::string said;
  };
  std::vector<Telling> tellings;
  for (const Operation caller : {Operation::kChat, Operation::kResponses, Operation::kMessages}) {
    tellings.push_back({translate::WordsOf(caller).make_writer(between), {}});
  }
  wire::SseFramer framer(kFrameMax);
  framer.Feed(stream);
  bool whole = true;
  while (whole) {
    const auto frame = framer.Next();
    if (!frame) break;
    if (frame->kind != wire::SseKind::kData && frame->kind != wire::SseKind::kDone) continue;
    std::vector<translate::Event> events;
    const auto read = reader->Read(*frame, events);
    whole = read.has_value();
    if (!whole) CheckError(read.error());
    for (std::string& name : reader->losses().Names(frame->payload))
      CheckNames({reader->InAnswer(std::move(name))});
    reader->losses().Clear();
    CheckNames({reader->names().begin(), reader->names().begin() + (reader->names().empty() ? 0 : 1)});
    reader->names().clear();
    for (Telling& telling : tellings) {
      for (const translate::Event& event : events) telling.writer->Write(event, telling.said);
      CheckNames(telling.writer->losses().Names(frame->payload));
      telling.writer->losses().Clear();
      if (!whole) telling.writer->WriteError("upstream_error", "upstream_error", "It broke.", telling.said);
    }
  }
  std::string own;
  for (std::size_t i = 0; i < tellings.size(); ++i) {
    CheckFrames(tellings[i].said);
    constexpr Operation kOrder[] = {Operation::kChat, Operation::kResponses, Operation::kMessages};
    if (kOrder[i] == between.provider) own = std::move(tellings[i].said);
  }
  return own;
}

}  // namespace fuzz
