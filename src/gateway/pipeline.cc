#include "gateway/pipeline.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/counted.h"
#include "base/encoding.h"
#include "gateway/answer.h"
#include "gateway/attribution.h"
#include "gateway/explanation.h"
#include "gateway/forward.h"
#include "gateway/governance.h"
#include "gateway/models.h"
#include "gateway/names.h"
#include "gateway/settlement.h"
#include "gateway/settler.h"
#include "gateway/token_counts.h"
#include "net/header_text.h"
#include "wire/models_list.h"
#include "wire/request.h"

namespace gateway {
namespace {

using base::Code;

std::uint64_t Seed() {
  const std::string bytes = base::SecureRandomBytes(sizeof(std::uint64_t));
  std::uint64_t seed = 0;
  for (const char c : bytes) seed = seed << 8 | static_cast<unsigned char>(c);
  return seed;
}

// Longer than any call may last, and short enough to be added to a time.
constexpr std::chrono::milliseconds kDeadlineMax = std::chrono::hours(24);
constexpr std::chrono::seconds kFullRetry{10};  // after which somebody may have made room

RefusalText RefuseBody(const base::Error& error, std::uint64_t body_max) {
  switch (error.code) {
    case Code::kTooLarge:
      return {.refusal = Refusal::kBodyTooLarge,
              .message = "the body is larger than " + std::to_string(body_max) +
                         " bytes; send less, or raise http.body_max"};
    case Code::kTimeout:
      return {.refusal = Refusal::kTooSlow, .message = "the body did not arrive in time"};
    default:
      return {.refusal = Refusal::kInvalidRequest, .message = "the body cannot be read: " + error.detail};
  }
}

RefusalText RefuseStopped(Code why, std::string_view what) {
  if (why == Code::kTimeout) {
    return {.refusal = Refusal::kDeadlineExceeded, .message = std::string(what) + " within the deadline"};
  }
  return GoingDown();
}

// Ends what is waited for when the client goes, its deadline passes or a drain runs out of time.
class Patience {
 public:
  Patience(net::Exchange& exchange, std::optional<base::MonoTime> deadline)
      : client_(exchange.cancel(), [this](Code why) { cancel_.Fire(why); }),
        timer_(exchange.loop().timers(), [this] { cancel_.Fire(Code::kTimeout); }) {
    if (const auto why = exchange.cancel().why()) cancel_.Fire(*why);
    if (!deadline) return;
    if (*deadline <= exchange.loop().Now()) cancel_.Fire(Code::kTimeout);
    timer_.SetAt(*deadline);
  }

  net::Cancel& cancel() { return cancel_; }

 private:
  net::Cancel cancel_;
  net::Cancel::Hook client_;
  net::Timer timer_;
};

std::string Also(const std::string& hint) {
  return hint.empty() ? hint : ";" + hint;
}

// Whether a name is written in the settings, as an alias or as a provider's model: only such are metric
// labels.
bool IsConfigured(const config::Settings& settings, std::string_view asked, const config::ModelRef& target) {
  if (settings.models.find(asked) != settings.models.end()) return true;
  const std::vector<std::string>& listed = settings.providers.find(target.provider)->second.models;
  return std::find(listed.begin(), listed.end(), target.model) != listed.end();
}

}  // namespace

// Everything about the request being served.
struct Pipeline::Work {
  Work(Pipeline& pipeline, net::Exchange& one)
      : exchange(one),
        in_force_kept(pipeline.in_force_.Get()),
        in_force(*in_force_kept),
        governance(pipeline.shared_, in_force,
                   {.loop = pipeline.loop_,
                    .rates = pipeline.rates_,
                    .promiser = pipeline.promiser_ ? &*pipeline.promiser_ : nullptr}),
        settlement(pipeline.settler_ ? &*pipeline.settler_ : nullptr, &settled_by, record) {
    settled_by.book = in_force.prices.get();
    settled_by.attribution = &attribution;
  }
  net::Exchange& exchange;
  const std::shared_ptr<const InForce> in_force_kept;
  const InForce& in_force;
  Asked asked;
  Wishes wishes;
  std::optional<base::MonoTime> deadline;
  Caller caller;
  bool issuer_asked = false;  // once a request
  base::Buffer body;
  std::optional<wire::RequestView> request;
  std::optional<routing::Plan> plan;
  Attribution attribution;
  RequestRecord record;
  Governance governance;
  SettledBy settled_by;
  Settlement settlement;
  std::string traceparent;  // of our own span, when spans are exported
  RefusalText refusal{.refusal = Refusal::kInvalidRequest, .message = {}};
};

Pipeline::Pipeline(const Shared& shared, net::Loop& loop)
    : shared_(shared),
      loop_(loop),
      in_force_(shared.in_force),
      identity_(shared.keys, shared.issuers),
      pools_(loop, shared.resolver),
      random_(Seed()) {
  if (shared.counter != nullptr) {
    settler_.emplace(Settler::Parts{.loop = loop_,
                                    .clock = shared.clock,
                                    .journal = shared.journal,
                                    .counter = *shared.counter,
                                    .desk = shared.counting});
  }
  if (shared.books != nullptr) promiser_.emplace(loop_, *shared.books);
}

base::BlockString Pipeline::NewId() {
  base::BlockString id = "req_000000000000000000000000";
  char* at = id.data() + 4;
  for (int half = 0; half < 2; ++half) {
    std::uint64_t bits = random_.Next();
    for (int i = 0; i < 12; ++i, bits >>= 5) *at++ = "0123456789abcdefghjkmnpqrstvwxyz"[bits & 31];
  }
  return id;
}

net::Task<void> Pipeline::Serve(net::Exchange& exchange) {
  Work work(*this, exchange);
  const net::RequestHead& head = exchange.request();
  work.record.id = NewId();
  work.record.started = loop_.WallNow();
  work.record.begun = exchange.received_at();
  work.asked = ReadRoute(head);
  work.record.path = work.asked.name;
  if (shared_.recorder.traces()) BeginTrace(work);
  {
    const base::Counted counted(shared_.in_flight);
    const base::Counted shown(shared_.recorder.in_flight());
    const bool draining = shared_.draining.load(std::memory_order_relaxed);
    if (draining || counted.before() >= work.in_force.settings->http.requests_max) {
      exchange.CloseAfter();
      RefusalText refusal{.refusal = Refusal::kUnavailable,
                          .message = draining ? "the gateway is going down; ask again"
                                              : "too many requests are in flight; ask again in a moment",
                          .retry_after = std::chrono::seconds(1)};
      co_await Refuse(work, refusal);
    } else {
      co_await Steps(work);
    }
    work.record.bytes_out = exchange.body_bytes_sent();
    if (work.record.status == 0) {
      work.record.status = 499;
      work.record.aborted = true;
    }
    if (work.record.dispatched) co_await work.settlement.Close();
  }
  work.governance.End(work.record);
  shared_.recorder.Write(work.record);
}

void Pipeline::BeginTrace(Work& work) {
  const auto parent =
      telemetry::ParseTraceparent(work.exchange.request().fields.Find("traceparent").value_or(""));
  work.record.trace = parent ? span_ids_.ChildOf(*parent) : span_ids_.NewTrace(true);
  if (parent) work.record.parent_span = parent->span_id;
  work.traceparent = telemetry::FormatTraceparent(*work.record.trace);
}

// This, Generate and PlanAndAnswer are no coroutines: a request whose body came with its head waits for
// nothing in them.
net::Task<void> Pipeline::Steps(Work& work) {
  if (!Admit(work, work.refusal)) {
    const bool news = work.caller.ask != nullptr && !work.issuer_asked;
    return news ? AskIssuer(work) : Refuse(work, work.refusal);
  }
  if (work.asked.route == Route::kRow) return ShowRow(work);
  if (work.asked.route == Route::kModel) return ShowModel(work);
  if (work.asked.route != Route::kGenerate) return ListModels(work);
  auto whole_came = work.exchange.TryReadBody(work.body);
  if (!whole_came) return RefuseUnread(work, std::move(whole_came).error());
  return *whole_came ? Generate(work) : ReadRest(work);
}

// What can be said no to before a byte of the body is read.
bool Pipeline::Admit(Work& work, RefusalText& refusal) {
  if (work.asked.route == Route::kUnknown) {
    refusal.refusal = Refusal::kUnknownPath;
    refusal.message =
        "there is nothing at this path; chat is at POST /v1/chat/completions, responses at POST "
        "/v1/responses, messages at POST /v1/messages";
    return false;
  }
  if (work.asked.route == Route::kStoredResponse) {
    refusal.refusal = Refusal::kUnknownPath;
    refusal.message =
        "a stored response is kept by the provider that made it, which alone can show or change it; here "
        "there is POST /v1/responses only";
    return false;
  }
  if (work.asked.route == Route::kWrongMethod) {
    refusal.refusal = Refusal::kWrongMethod;
    const bool lists = work.asked.name.starts_with("/models") || !work.asked.row.empty();
    refusal.message = lists ? "this path is read: ask with GET" : "this path is asked: ask with POST";
    refusal.allow = lists ? "GET, HEAD" : "POST";
    return false;
  }
  if (!Identify(work, refusal)) return false;
  refusal.refusal = Refusal::kInvalidRequest;
  const net::Fields& fields = work.exchange.request().fields;
  const auto wishes = ReadWishes(fields);
  if (!wishes) {
    refusal.message = wishes.error().detail;
    return false;
  }
  if (const auto read = work.attribution.ReadFields(fields); !read) {
    refusal.message = read.error().detail;
    return false;
  }
  work.wishes = *wishes;
  if (wishes->deadline) work.deadline = work.record.begun + std::min(*wishes->deadline, kDeadlineMax);
  if (const auto coding = fields.Find("content-encoding"); coding && *coding != "identity") {
    refusal.message = "a compressed body cannot be read; send it without content-encoding";
    return false;
  }
  return true;
}

bool Pipeline::Identify(Work& work, RefusalText& refusal) {
  const net::Exchange& exchange = work.exchange;
  if (!identity_.Find(exchange.request().fields, exchange.peer(), loop_.Now(), work.record.started,
                      work.caller, refusal)) {
    return false;
  }
  if (const store::KeyRecord* const key = work.caller.key; key != nullptr) {
    work.record.key_id = key->id;
    work.record.org = key->org;
    work.record.team = key->team;
    work.record.project = key->project;
    work.attribution.Bind(key->user);
  }
  return true;
}

// Its issuer may have changed the keys that it signs with.
net::Task<void> Pipeline::AskIssuer(Work& work) {
  work.issuer_asked = true;
  const base::MonoTime waiting = loop_.clock().Now();
  co_await work.caller.ask->Ask(loop_);
  work.record.NoteWait(waiting, loop_.Now());
  co_await Steps(work);
}

net::Task<void> Pipeline::ReadRest(Work& work) {
  const base::MonoTime waiting = loop_.clock().Now();
  auto read = co_await work.exchange.ReadRest(work.body, work.deadline);
  work.record.NoteWait(waiting, loop_.Now());
  if (read) {
    co_await Generate(work);
  } else {
    co_await RefuseUnread(work, std::move(read).error());
  }
}

net::Task<void> Pipeline::RefuseUnread(Work& work, base::Error error) {
  if (error.code == Code::kClosed) co_return;
  const bool late = error.code == Code::kTimeout && work.deadline && *work.deadline <= loop_.Now();
  work.refusal = RefuseBody(error, work.in_force.settings->http.body_max);
  if (late) work.refusal = RefuseStopped(Code::kTimeout, "the body did not arrive");
  co_await Refuse(work, work.refusal);
}

net::Task<void> Pipeline::Generate(Work& work) {
  if (settler_ && !settler_->CanTakeMore()) {
    work.refusal = {
        .refusal = Refusal::kUnavailable,
        .message = "the ledger's disk is full, and no request is served that cannot be written down",
        .retry_after = kFullRetry};
    return Refuse(work, work.refusal);
  }
  if (!ReadRequest(work, work.refusal) || !Govern(work, work.refusal)) return Refuse(work, work.refusal);
  const InForce& in_force = work.in_force;
  if (work.wishes.explain_only) return PlanAndAnswer(work);  // calls nobody
  switch (NeedOfLists(*in_force.settings, *in_force.directory, loop_.Now(), work.request->model)) {
    case ListsNeed::kAsking:
      return LearnAndPlan(work);
    case ListsNeed::kRenewal:
      RenewModels(*in_force.settings, *in_force.directory, pools_, loop_, renewing_);
      break;
    case ListsNeed::kNothing:
      break;
  }
  return PlanAndAnswer(work);
}

net::Task<void> Pipeline::LearnAndPlan(Work& work) {
  co_await LearnNames(work);
  co_await PlanAndAnswer(work);
}

net::Task<void> Pipeline::PlanAndAnswer(Work& work) {
  if (!MakePlan(work, work.refusal)) return Refuse(work, work.refusal);
  if (!work.plan->Answerable() && !work.wishes.explain_only) return CountHere(work);
  return work.wishes.explain_only ? Explain(work) : Run(work);
}

// What is asked; false when it has to be refused.
bool Pipeline::ReadRequest(Work& work, RefusalText& refusal) const {
  work.record.bytes_in = work.body.size();
  auto request = wire::ParseRequest(work.asked.operation, work.body.view());
  if (!request) {
    refusal.message = request.error().detail;
    refusal.param = request.error().field;
    return false;
  }
  work.request = std::move(*request);
  work.settled_by.request = &*work.request;
  if (work.request->background) {
    refusal.param = "background";
    refusal.message =
        "an answer in the background has to be fetched from the provider that makes it, which cannot be done "
        "here; leave background out";
    return false;
  }
  work.attribution.ReadBody(*work.request);
  work.record.operation = work.asked.operation;
  work.record.asked_model = work.request->model;
  work.record.stream = work.request->stream;
  return true;
}

// Which budgets and limits it falls in. False when one of them refuses it already.
bool Pipeline::Govern(Work& work, RefusalText& refusal) const {
  if (!work.governance.Begin({.view = *work.request,
                              .record = work.record,
                              .attribution = work.attribution,
                              .wishes = work.wishes,
                              .deadline = work.deadline},
                             refusal)) {
    return false;
  }
  if (Spending* const spending = work.governance.spending()) work.settlement.SettleWith(*spending);
  return true;
}

// A name that is in no list yet: they are asked for first, so that a slip is not sent to anybody.
net::Task<void> Pipeline::LearnNames(Work& work) {
  Patience patience(work.exchange, work.deadline);
  const base::MonoTime waiting = loop_.clock().Now();
  const upstream::ModelList::Age ages{.names = kListAgain, .failure = kListAgain};
  co_await LearnModels(*work.in_force.settings, *work.in_force.directory, pools_, loop_, patience.cancel(),
                       ages);
  work.record.NoteWait(waiting, loop_.Now());
}

// Who may answer; false when the request has to be refused.
bool Pipeline::MakePlan(Work& work, RefusalText& refusal) const {
  const config::Settings& settings = *work.in_force.settings;
  const upstream::Directory& directory = *work.in_force.directory;
  const std::string& model = work.request->model;
  const routing::Listed listed = ListedIn(directory);
  Allowed allowed(work.caller.key, settings, listed);
  refusal.param = "model";
  if (!allowed.Has(model)) {
    refusal.refusal = Refusal::kModelNotAllowed;
    refusal.message = "this API key may not use the model '" + model + "'" +
                      Also(allowed.Hint(model, work.caller.key->models));
    return false;
  }
  work.plan = routing::MakePlan(
      settings, model, work.asked.operation,
      [&](const config::ModelRef& target) { return directory.Find(target.provider)->Ailment(target.model); },
      listed);
  if (!work.plan) {
    refusal.refusal = Refusal::kModelNotFound;
    refusal.message = WhyNoModel(model, settings, directory, allowed);
    return false;
  }
  std::optional<RefusalText> unpaid;
  if (work.governance.spending() != nullptr) unpaid = work.governance.spending()->Restrict(*work.plan);
  work.record.reason = work.plan->reason;
  if (unpaid && !work.wishes.explain_only) {
    refusal = std::move(*unpaid);
    return false;
  }
  if (const auto alias = settings.models.find(model); alias != settings.models.end()) {
    work.settled_by.strongest = &alias->second.ladder.back();
  }
  if (IsConfigured(settings, model, work.plan->candidates.front().target)) {
    work.record.model_label = model;
  }
  const bool counted_here =
      work.asked.operation == chat::Operation::kCountTokens && shared_.counter != nullptr;
  if (!work.plan->Answerable() && !work.wishes.explain_only && !counted_here) {
    refusal.refusal = Refusal::kInvalidRequest;
    refusal.message = "'" + model + "' cannot be asked this: " + work.plan->candidates.front().rejected +
                      "; ask for a model whose provider takes it";
    return false;
  }
  return true;
}

net::Task<void> Pipeline::Run(Work& work) {
  Patience patience(work.exchange, work.deadline);
  const Answer::Parts parts{.exchange = work.exchange,
                            .cancel = patience.cancel(),
                            .settings = *work.in_force.settings,
                            .prices = work.in_force.prices.get(),
                            .directory = *work.in_force.directory,
                            .pools = pools_,
                            .record = work.record,
                            .settlement = work.settlement,
                            .spending = work.governance.spending(),
                            .admission = work.governance.admission()};
  Answer answer(parts, work.asked, *work.request,
                RequestFields(work.exchange.request().fields, work.traceparent));
  const auto refusal = co_await answer.Give(*work.plan);
  if (refusal) co_await Refuse(work, *refusal);
}

// Tokens of a prompt for a model whose provider does not count them. Nobody is asked and nothing is billed.
net::Task<void> Pipeline::CountHere(Work& work) {
  const config::ModelRef& model = work.plan->candidates.front().target;
  const Counted counted = CountPrompt(*shared_.counter, model.provider, model.model, *work.request);
  const std::string text = CountBody(counted);
  const std::string_view reason = counted.exact ? "counted here: its provider counts no prompts"
                                                : "estimated here: its provider counts no prompts";
  co_await ReplyJson(work, text, reason);
}

net::Task<void> Pipeline::Explain(Work& work) {
  const InForce& now = work.in_force;
  const std::string text = ExplainPlan(*work.plan, *work.request, *now.settings, now.prices.get(),
                                       *now.directory, work.governance.spending(), work.record.id);
  const std::string_view no_reason;
  co_await ReplyJson(work, text, no_reason);
}

net::Task<void> Pipeline::ListModels(Work& work) {
  Patience patience(work.exchange, work.deadline);
  const base::MonoTime waiting = loop_.Now();
  const ModelsFound found = co_await FindModels(*work.in_force.settings, *work.in_force.directory, pools_,
                                                loop_, patience.cancel());
  work.record.waited += loop_.Now() - waiting;
  if (const auto why = patience.cancel().why()) {
    co_await RefuseUnlisted(work, *why);
    co_return;
  }
  const routing::Listed listed = ListedIn(*work.in_force.directory);
  const bool aliases = !work.in_force.settings->models.empty();
  Allowed allowed(work.caller.key, *work.in_force.settings, listed);
  std::vector<wire::ModelEntry> models;
  for (const ModelName& model : found.models) {
    const bool may = aliases ? allowed.Has(model.id) : allowed.Has(config::ModelRef{model.owner, model.id});
    if (may) models.push_back({.id = model.id, .owned_by = model.owner});
  }
  if (found.models.empty() && !found.missing.empty()) {
    const RefusalText refusal{.refusal = Refusal::kUpstreamError,
                              .message = "the models cannot be listed: " + found.missing};
    co_await Refuse(work, refusal);
    co_return;
  }
  const std::string body = wire::WriteModelsList(work.asked.dialect, models);
  const std::string reason = found.missing.empty() ? "" : "without the models of " + found.missing;
  co_await ReplyJson(work, body, reason);
}

net::Task<void> Pipeline::ShowModel(Work& work) {
  Patience patience(work.exchange, work.deadline);
  const base::MonoTime waiting = loop_.Now();
  const std::string name = ModelAsked(work.asked.model);
  const ModelFound found = co_await FindModel(name, *work.in_force.settings, *work.in_force.directory, pools_,
                                              loop_, patience.cancel());
  work.record.waited += loop_.Now() - waiting;
  if (const auto why = patience.cancel().why()) {
    co_await RefuseUnlisted(work, *why);
    co_return;
  }
  const routing::Listed listed = ListedIn(*work.in_force.directory);
  Allowed allowed(work.caller.key, *work.in_force.settings, listed);
  const bool may = allowed.Has(name);
  if (found.model && may) {
    const wire::ModelEntry model{.id = found.model->id, .owned_by = found.model->owner};
    const std::string body = wire::WriteModel(work.asked.dialect, model);
    const std::string_view no_reason;
    co_await ReplyJson(work, body, no_reason);
    co_return;
  }
  RefusalText refusal{
      .refusal = Refusal::kModelNotFound,
      .message = WhyNoModel(name, *work.in_force.settings, *work.in_force.directory, allowed)};
  if (may && !found.missing.empty()) {
    refusal = {.refusal = Refusal::kUpstreamError,
               .message = "the models cannot be listed: " + found.missing};
  }
  co_await Refuse(work, refusal);
}

net::Task<void> Pipeline::RefuseUnlisted(Work& work, Code why) {
  if (why == Code::kCancelled) co_return;
  const RefusalText refusal = RefuseStopped(why, "the providers' models could not be listed");
  co_await Refuse(work, refusal);
}

// A row of the ledger, as long as it is of the asker's own team.
net::Task<void> Pipeline::ShowRow(Work& work) {
  RefusalText refusal{.refusal = Refusal::kUnknownPath,
                      .message = "no request with this id is in the ledger, or it is another team's"};
  if (shared_.desk != nullptr) {
    const base::MonoTime waiting = loop_.Now();
    auto found = co_await shared_.desk->Find(loop_, std::string(work.asked.row));
    work.record.waited += loop_.Now() - waiting;
    if (!found) {
      refusal = {.refusal = Refusal::kUnavailable, .message = std::move(found).error().detail};
      refusal.retry_after = std::chrono::seconds(1);
    } else if (*found && (work.caller.key == nullptr || work.caller.key->team == (*found)->team)) {
      const std::string_view no_reason;
      co_await ReplyJson(work, (*found)->json, no_reason);
      co_return;
    }
  }
  co_await Refuse(work, refusal);
}

net::Task<void> Pipeline::ReplyJson(Work& work, const std::string& body, std::string_view reason) {
  net::HeaderText fields;
  fields.Add("content-type", "application/json").Add("x-sluice-request-id", work.record.id);
  if (!reason.empty()) fields.Add("x-sluice-reason", reason);
  work.record.status = 200;
  const auto sent = co_await work.exchange.Reply(200, fields.view(), body);
  if (!sent) work.record.aborted = true;
}

net::Task<void> Pipeline::Refuse(Work& work, const RefusalText& refusal) {
  std::string fields = refusal.Fields();
  net::AppendField(fields, "x-sluice-request-id", work.record.id);
  net::AppendField(fields, RequestIdName(work.asked.dialect), work.record.id);
  work.record.status = refusal.Status();
  work.record.error_code = FactsOf(refusal.refusal).code;
  if (work.record.dispatched) co_await work.settlement.Close();
  const std::string body = refusal.Body(work.asked.dialect, work.record.id);
  const auto sent = co_await work.exchange.Reply(refusal.Status(), fields, body);
  if (!sent) work.record.aborted = true;
}

}  // namespace gateway
