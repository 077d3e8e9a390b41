#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chat/endpoint.h"
#include "gateway/leash.h"
#include "gateway/record.h"
#include "gateway/refusal.h"
#include "gateway/settlement.h"
#include "net/http_server.h"
#include "net/task.h"
#include "net/timer_wheel.h"
#include "routing/retry.h"
#include "translate/translate.h"
#include "upstream/attempt.h"
#include "wire/answer_reader.h"
#include "wire/chunk_reader.h"
#include "wire/sse.h"
#include "wire/usage_notes.h"

namespace gateway {

struct RelayOptions {
  chat::Operation operation = chat::Operation::kChat;  // in which the provider answers
  const translate::Between* between = nullptr;         // null: in which the caller asked, too
  std::string_view maker{};  // not translated: as whose thoughts are to be marked, see translate/marked.h
  std::span<const std::string> dropped{};   // what the request lost in translation
  bool hide_usage = false;                  // we asked for the usage chunk, the client did not
  std::uint64_t answer_bytes_max = 0;       // of an answer that is not a stream
  std::size_t frame_bytes_max = 0;          // of one frame held back whole
  std::chrono::nanoseconds commit_after{};  // how long what says nothing yet is held back
  Leash* leash = nullptr;                   // null: the call ends with its client
};

// Passes one provider's answer on to the client. Until the first byte has gone to the client an answer that
// turns out to be broken is an outcome like any other failure, and somebody else can be asked. A stream's
// first byte goes with its first event that says something (a text, a call, an end): what comes before, as a
// message that begins and is empty, is held back until then, but for no longer than `commit_after`, and no
// more of it than kHeldMax. So an error before that event is tried elsewhere, and one behind it passes,
// however the bytes come.
//
// Memory: one receive buffer of the provider's connection, at most one frame, until the beginning has left
// kHeldMax of it, and of what grows with the answer at most its first MiB of text, for the case that nobody
// says how many tokens it was (DeliveredText), and what a translation has to repeat at its end (see
// translate).
//
// `fields` is what the client's head gets besides framing. `record` learns what passes by: usage, finish
// reason, first token, model; before the last byte leaves, `settlement` is closed. Belongs to the request's
// loop; all outlive the relay.
class Relay {
 public:
  Relay(net::Exchange& exchange, upstream::Attempt& attempt, net::Cancel& cancel, const RelayOptions& options,
        RequestRecord& record, Settlement& settlement);

  // An answer that is not a stream: read whole, looked at, sent in one write. kAnswered when the client has
  // it or is gone.
  net::Task<routing::Outcome> PassWhole(base::BlockString fields);

  static constexpr std::size_t kHeldMax = 1024 * 1024;  // bytes

  // A stream, frame by frame. Frames leave as they come, all that have come at once in one write. kAnswered
  // also when the stream broke after its beginning: the client has then been told by an error event.
  net::Task<routing::Outcome> PassStream(std::string_view fields);

 private:
  routing::Outcome Judge(std::string_view body);
  routing::Outcome Translate(std::string_view body, translate::SaidAnswer& said);
  std::string TranslateError(std::string_view body) const;
  net::Task<routing::Outcome> PassEvents(std::string_view fields);
  net::Task<bool> PassBlock(std::string_view block, std::string_view fields);
  void TakeFrame(const wire::SseFrame& frame, std::string_view block);
  // False: the client is not to see it, or not yet.
  bool TakeSign(const wire::SseFrame& frame);
  bool TakeData(const wire::SseFrame& frame);
  bool TakeEnd(const wire::AnswerFacts& facts);
  bool IsEnd(const wire::SseFrame& frame) const;
  void Say(const wire::SseFrame& frame, std::string_view block);
  void Pass(const wire::SseFrame& frame, std::string_view block);
  std::string DroppedComment() const;
  void NameDropped(std::span<const std::string> names);
  void ForgetUnsent();
  void ClearOut();
  void Forward(std::string_view bytes, std::string_view block);
  void TakePrice(const wire::SseFrame& frame);
  bool Abandoned() const { return options_.leash != nullptr && options_.leash->abandoned(); }
  net::Task<routing::Outcome> HearPrice();
  net::Task<routing::Outcome> Drain();
  void NoteDrained();
  void Learn(const wire::AnswerFacts& facts);
  void KeepLearned();
  Settlement::Closing Settle();
  net::Task<bool> Flush(std::string_view fields);
  bool Holds() const;
  void Hold(std::string_view fields);
  net::Task<void> Release(std::string_view fields);
  net::Task<void> Released();
  net::Task<routing::Outcome> FinishStream();
  net::Task<routing::Outcome> FinishAtDone();
  net::Task<routing::Outcome> BreakStream(std::string_view error, std::string detail);
  chat::Dialect caller_dialect() const {
    return chat::DialectOf(options_.between != nullptr ? options_.between->request.operation
                                                       : options_.operation);
  }
  std::string LastWords(const RefusalText& text);
  bool begun_for_client() const { return data_seen_ || exchange_.started(); }

  net::Exchange& exchange_;
  upstream::Attempt& attempt_;
  net::Cancel& cancel_;
  const RelayOptions options_;
  RequestRecord& record_;
  Settlement& settlement_;
  wire::SseFramer framer_;
  wire::ChunkReader reader_;
  const base::MonoTime begun_;
  std::vector<std::string_view> out_;    // what the next write sends
  std::list<std::string> owned_;         // frames in out_ that did not lie in one block
  std::string words_;                    // the same of a translated stream, of which all is sent from here
  std::string signs_;                    // comments held back before the first data
  std::string held_;                     // the same of events before the first that says something
  std::optional<net::Timer> patience_;   // until what is held is sent all the same
  std::optional<net::Event> releasing_;  // while it is
  wire::UsageNotes usage_;
  std::optional<translate::StreamTranslation> translation_;
  std::string untranslatable_;             // why the stream cannot go on; empty: it can
  std::int64_t next_sequence_number_ = 0;  // of Responses
  bool data_seen_ = false;
  bool says_ = false;                       // the event at hand says something
  bool said_ = false;                       // one before it has, which the client gets
  bool done_ = false;                       // the last event has come
  bool error_seen_ = false;                 // the provider sent an error inside the stream
  bool part_open_ = false;                  // a frame too large to hold has been passed on in part
  std::optional<routing::Outcome> failed_;  // before anything went to the client
};

}  // namespace gateway
