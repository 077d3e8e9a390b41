#pragma once

#include <coroutine>
#include <vector>

#include "base/result.h"
#include "budget/books.h"
#include "budget/spend.h"
#include "net/loop.h"

namespace gateway {

// Writes down what the calls of one loop may cost, before they are made: those of a turn of the loop
// together, at its end (a group commit, as the Settler's of rows), and only then do they go out. Belongs to
// the loop; `loop` and `books` outlive it.
class Promiser final : net::TurnEndWork {
 public:
  Promiser(net::Loop& loop, budget::Books& books) : loop_(loop), books_(books) {}
  ~Promiser();
  Promiser(const Promiser&) = delete;
  Promiser& operator=(const Promiser&) = delete;

  // `co_await promiser.Write(worst, promise)`: goes on at the end of the turn. `worst` and `promise`, which
  // holds nothing before, stay until then, and nobody destroys the coroutine. Error: kIo: it is not written
  // down, and the call must not be made.
  class [[nodiscard]] Writing {
   public:
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;
    Writing(Promiser& promiser, const budget::Spend& worst, budget::Promise& promise)
        : promiser_(promiser), worst_(worst), promise_(promise) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter) { promiser_.Add(*this, waiter); }
    base::Result<> await_resume() { return std::move(written_); }

   private:
    friend class Promiser;
    Promiser& promiser_;
    const budget::Spend& worst_;
    budget::Promise& promise_;
    std::coroutine_handle<> waiter_;
    base::Result<> written_;
  };
  Writing Write(const budget::Spend& worst, budget::Promise& promise) { return {*this, worst, promise}; }

 private:
  void Add(Writing& writing, std::coroutine_handle<> waiter);
  void OnTurnEnd() override;
  void WriteOut();

  net::Loop& loop_;
  budget::Books& books_;
  budget::PromiseGroup group_;       // of this turn
  std::vector<Writing*> unwritten_;  // whose promises these are
  std::vector<Writing*> written_;    // who know what became of theirs
  std::vector<Writing*> resuming_;   // being resumed
};

}  // namespace gateway
