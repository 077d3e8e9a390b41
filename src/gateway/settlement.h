#pragma once

#include <coroutine>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/block_allocator.h"
#include "gateway/attribution.h"
#include "gateway/record.h"
#include "gateway/token_counts.h"
#include "net/loop.h"
#include "net/task.h"
#include "wire/answer_reader.h"
#include "wire/json_string.h"

namespace gateway {

class Settler;
class Spending;
struct SettledBy;

// The text of an answer as far as it has come, kept for the case that its provider never says how many tokens
// it was: it breaks off, or its client goes. Belongs to its request.
class DeliveredText final : public wire::TextSink {
 public:
  // Of what is kept; the rest is only counted. More than the 128,000 tokens that models write at most.
  static constexpr std::size_t kBytesMax = 1024 * 1024;

  void OnText(wire::TextKind kind, std::string_view inside) override {
    bytes_ += inside.size();
    const std::string_view part = wire::CutInside(inside, kBytesMax - kept());
    (kind == wire::TextKind::kReasoning ? reasoning_ : answer_).append(part);
  }
  void Forget() {
    bytes_ = 0;
    answer_.clear();
    reasoning_.clear();
  }

  std::uint64_t bytes() const { return bytes_; }  // insides of JSON strings, escapes as they are
  std::size_t kept() const { return answer_.size() + reasoning_.size(); }
  std::string_view answer() const { return answer_; }
  std::string_view reasoning() const { return reasoning_; }

 private:
  std::uint64_t bytes_ = 0;
  base::BlockString answer_;
  base::BlockString reasoning_;
};

// The last step of a request that costs something: what it used, what that costs, and its row in the ledger,
// which is written before the last byte of the answer leaves. Belongs to its request; everything that is
// given here outlives it.
class Settlement {
 public:
  // Without a settler nothing is priced and no row is written. `by` is filled in until it is closed.
  Settlement(Settler* settler, const SettledBy* by, RequestRecord& record)
      : settler_(settler), by_(by), record_(record) {}
  Settlement(const Settlement&) = delete;
  Settlement& operator=(const Settlement&) = delete;

  // What was reserved for the request; settled with it. Outlives this.
  void SettleWith(Spending& spending) { spending_ = &spending; }

  // The answer as it passes.
  DeliveredText& text() { return text_; }

  // After a broken answer that did not go to the client: its text is not the next one's.
  void ForgetAnswer() {
    text_.Forget();
    record_.ForgetAnswer();
  }

  // What its prompt is for the last call, which has failed; of nothing without a settler.
  chat::Usage CountPrompt() const;

  // `co_await settlement.Close()` settles by what the record holds, once, and goes on when the row is in the
  // ledger; the next ones do nothing. Texts that are too long for a loop are counted off it first. Nothing of
  // the request changes meanwhile, and what is added to the record stays as it is written down.
  class [[nodiscard]] Closing {
   public:
    explicit Closing(Settlement& settlement) : settlement_(settlement) {}
    bool await_ready() const { return settlement_.closed_ || settlement_.settler_ == nullptr; }
    void await_suspend(std::coroutine_handle<> waiter) { settlement_.Settle(waiter); }
    void await_resume() { settlement_.closed_ = true; }

   private:
    Settlement& settlement_;
  };
  Closing Close() {
    if (!closed_) record_.text_bytes = text_.bytes();
    return Closing(*this);
  }
  bool closed() const { return closed_; }

  // x-sluice-cost and x-sluice-saved, where they are known. REQUIRES: closed.
  void AppendFields(base::BlockString& fields) const;

 private:
  void Settle(std::coroutine_handle<> waiter);
  net::Task<void> CountAndSettle(std::coroutine_handle<> waiter);

  Settler* const settler_;
  const SettledBy* const by_;
  RequestRecord& record_;
  Spending* spending_ = nullptr;  // null: nothing was
  DeliveredText text_;
  bool closed_ = false;
};

}  // namespace gateway
