#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/block_allocator.h"
#include "base/clock.h"
#include "chat/dialect.h"
#include "net/cancel.h"
#include "net/http_client.h"
#include "net/task.h"
#include "routing/retry.h"
#include "upstream/provider.h"
#include "wire/answer_reader.h"

namespace upstream {

// What is asked of a provider.
struct Request {
  static constexpr std::size_t kPiecesMax = 9;
  std::string_view method = "POST";
  std::string_view model{};                // that is asked; empty where it is about none
  std::string_view path;                   // below the base URL's host, with the base URL's own path
  std::string_view fields;                 // HeaderText that is passed on; framing, host and key are added
  std::span<const std::string_view> body;  // at most kPiecesMax, sent as they are
  chat::Dialect dialect = chat::Dialect::kOpenai;  // decides which header carries the key
  bool lists_models = false;  // what a key may be good for without: a refusal says little about it
};

// One call to one provider under one of its keys: it holds the place in flight and the connection until it
// is dropped, and tells the provider what the outcome says about its health, once where several fail with the
// connection that they share. Belongs to its loop.
class Attempt {
 public:
  // `cancel` ends it at any moment; it and the loop outlive the attempt.
  Attempt(std::shared_ptr<Provider> provider, std::shared_ptr<net::Pool> pool, Place place,
          net::Cancel& cancel);

  // Sends the request and waits for the head of the answer; its body may go on being sent while the answer is
  // read, so that its bytes outlive the attempt. kAnswered means that there is one to pass on, which is
  // also the case for errors that are the caller's own. A 401 or 402 puts the key aside, a 403 the model
  // under it, and a 429 lets the model under it rest; a 403 or 429 that is about the key by its code does so
  // with the key, and one about no model, which says nothing of other calls, with neither. Where a 401 or 403
  // may be about something else (the caller has named an OpenAI organization or project of its own, or the
  // key may not list models), it puts the key aside, and does so only if the error's code says that the key
  // is wrong, or if the key is refused too when it is asked about alone, which is done from time to time.
  net::Task<routing::Outcome> Start(const Request& request);

  // After kAnswered, or when a status came with another outcome.
  const net::ResponseHead& head() const { return call_.head(); }
  net::Call& call() { return call_; }

  int status() const { return status_; }  // 0 when no answer came
  // One word for logs and metrics: "connect", "timeout", "503".
  std::string_view error() const { return error_; }
  const std::string& detail() const { return detail_; }  // one sentence
  std::optional<std::chrono::milliseconds> retry_after() const { return retry_after_; }

  // The status that its failure stands for: `status`, but for an error inside an answer of status 200.
  int status_meant() const { return status_meant_ != 0 ? status_meant_ : status_; }
  // What the provider itself said about its failure, for the caller only: it may repeat what was asked. Cut
  // to wire::kErrorTextMax; empty when it said nothing.
  const std::string& words() const { return words_; }
  // After a failure with a status: reads the words, if they come at once and are not read yet.
  net::Task<void> ReadWords();
  // What it shares with other attempts that failed over the same connection, or null.
  std::shared_ptr<net::SharedFailure> shared_failure() const { return call_.shared_failure(); }

  // The answer turned out well, or to be broken (`error` in one word) after its head.
  void Worked();
  routing::Outcome Broke(std::string_view error, std::string detail);
  // The same for an answer of status 200 with an error in it; `facts` are what it says.
  routing::Outcome Broke(std::string_view error, std::string detail, const wire::ErrorFacts& facts);

 private:
  routing::Outcome Fail(routing::Outcome outcome, std::string_view error, std::string detail);
  routing::Outcome FailedCall(const base::Error& error);
  routing::Outcome ReadStatus(std::string_view model, bool about_key);
  net::Task<bool> IsAboutKey(const Request& request);
  net::Task<bool> KeyIsRefusedAlone();

  const std::shared_ptr<Provider> provider_;
  const std::shared_ptr<net::Pool> pool_;
  Place place_;
  net::Cancel& cancel_;
  base::BlockString head_text_;  // of the request
  // Head and body: both may still be sent while the answer is read.
  std::array<std::string_view, Request::kPiecesMax + 1> message_;
  net::Call call_;
  int status_ = 0;
  std::string error_;
  std::string detail_;
  int status_meant_ = 0;
  std::string words_;
  std::string said_code_;  // of the error, beside its words
  bool words_read_ = false;
  std::optional<std::chrono::milliseconds> retry_after_;
};

}  // namespace upstream
