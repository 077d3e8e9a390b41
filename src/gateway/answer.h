#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "gateway/admission.h"
#include "gateway/asked.h"
#include "gateway/leash.h"
#include "gateway/record.h"
#include "gateway/refusal.h"
#include "gateway/settlement.h"
#include "gateway/spending.h"
#include "gateway/wording.h"
#include "net/http_server.h"
#include "net/task.h"
#include "routing/plan.h"
#include "routing/retry.h"
#include "upstream/attempt.h"
#include "upstream/directory.h"
#include "wire/request.h"

namespace gateway {

// Tries the candidates of a plan in order until one of them has answered: each at most once per usable key,
// all once more when every provider only asked to wait for a moment, now or just before, never more than
// `retry.attempts_max` calls, and never more extra calls than the budget of the provider that failed allows,
// which is charged once for those that fail with one connection. Once a byte has gone to the client nobody
// else is asked. Belongs to the request's loop; all parts outlive it.
class Answer {
 public:
  struct Parts {
    net::Exchange& exchange;
    net::Cancel& cancel;  // client gone, deadline, drain
    const config::Settings& settings;
    const pricing::Book* prices = nullptr;  // null: nothing is priced
    const upstream::Directory& directory;
    upstream::Pools& pools;
    RequestRecord& record;
    Settlement& settlement;
    Spending* spending = nullptr;    // null: nothing limits what it costs
    Admission* admission = nullptr;  // null: nothing limits how often is asked
  };

  Answer(const Parts& parts, const Asked& asked, const wire::RequestView& request,
         base::BlockString request_fields);

  // nullopt when the client has its answer (or is gone); otherwise what to refuse it with.
  net::Task<std::optional<RefusalText>> Give(const routing::Plan& plan);

 private:
  net::Task<routing::Outcome> TryAll(const routing::Plan& plan);
  net::Task<routing::Outcome> TryCandidate(const routing::Candidate& candidate);
  net::Task<routing::Outcome> TryOnce(const routing::Candidate& candidate,
                                      std::shared_ptr<upstream::Provider> provider, Wording& wording);
  net::Task<std::optional<routing::Outcome>> WaitForPlace(const routing::Candidate& candidate,
                                                          upstream::Provider& provider,
                                                          std::optional<upstream::Place>& place,
                                                          base::MonoTime begun);
  net::Task<std::optional<routing::Outcome>> Reserve(const routing::Candidate& candidate,
                                                     const upstream::Provider& provider, Wording& wording);
  bool IsAdmitted(const routing::Candidate& candidate);
  net::Task<bool> Promise(const routing::Candidate& candidate);
  void NoteFailure();
  void PassOver(const routing::Candidate& candidate, std::string_view error, std::string_view why);
  net::Task<routing::Outcome> Pass(upstream::Attempt& attempt, Leash& leash,
                                   const routing::Candidate& candidate, const Wording& wording);
  void LearnFailure(const upstream::Attempt& attempt, const routing::Candidate& candidate,
                    std::shared_ptr<upstream::Provider> provider);
  net::Task<bool> WaitForLimits(const routing::Plan& plan);
  base::BlockString AnswerFields(const upstream::Attempt& attempt, const routing::Candidate& candidate,
                                 const Wording& wording, bool stream) const;
  base::BlockString OtherFields(const Wording& wording) const;
  void NoteCall(const upstream::Provider& provider, chat::Operation said_as);
  void NoteHead(upstream::Attempt& attempt);
  void Note(const routing::Candidate& candidate, std::string_view error, base::MonoTime begun);
  bool MayTryAgain() const;
  void CountCall(upstream::Provider& provider);
  bool ChargeExtra();
  RefusalText Failure(routing::Outcome outcome) const;

  const Parts parts_;
  const Asked& asked_;
  const wire::RequestView& request_;
  const base::BlockString request_fields_;
  Wordings wordings_;
  std::size_t calls_ = 0;
  std::size_t could_be_asked_ = 0;                 // candidates that the request could be said to
  std::size_t too_dear_ = 0;                       // of these, how many were not asked for what they may cost
  std::size_t limited_ = 0;                        // and how many as a rate limit of theirs was reached
  bool resting_ = false;                           // one was not asked as its keys rest
  std::optional<translate::Unsayable> unsayable_;  // what the first one has no word for, to whom it could not
  std::shared_ptr<upstream::Provider> failed_;     // whose failure made us try on
  std::shared_ptr<net::SharedFailure> failure_;    // where others failed with the same
  std::string story_;                              // who failed with what, for the caller
  std::string words_;                              // what the last one that said anything said of its failure
  int last_status_ = 0;
  std::optional<bool> last_should_retry_;
  std::optional<std::chrono::milliseconds> retry_after_;
};

}  // namespace gateway
