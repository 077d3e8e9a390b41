#include "admin/desk.h"

#include <memory>
#include <utility>

#include "base/counted.h"

namespace admin {

Desk::Desk(const base::Clock& clock) : loop_(clock), thread_([this] { loop_.Run(); }) {}

Desk::~Desk() {
  loop_.StopAfterPosted();
}

net::Task<Reply> Desk::Do(net::Loop& loop, std::function<Reply()> work) {
  const base::Counted waiting(waiting_);
  if (waiting.before() >= kWaitingMax) {
    co_return Refuse(Trouble::kUnavailable, "too many requests wait to be answered; ask again in a moment");
  }
  struct Job {
    std::function<Reply()> work;
    Reply reply;
    net::Event done;
  };
  const auto job = std::make_shared<Job>();
  job->work = std::move(work);
  loop_.Post([job, &loop] {
    job->reply = job->work();
    loop.Post([job] { job->done.Notify(); });
  });
  co_await job->done;
  co_return std::move(job->reply);
}

}  // namespace admin
