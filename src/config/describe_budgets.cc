#include "base/ascii.h"
#include "config/describe_internal.h"

namespace config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kBudgetsMax = 1'000;
constexpr std::uint64_t kLimitsMax = 1'000;
constexpr std::uint64_t kStepsMax = 20;  // of one budget
constexpr std::uint64_t kRatesMax = 100;
constexpr Percent kForecastMax{100'000};

std::optional<Complaint> CheckCurrency(std::string_view code) {
  if (base::Currency::Parse(code)) return std::nullopt;
  return Complaint{"a currency is its three capital letters", "write for example CNY: 0.14 USD"};
}

void DescribeThroughput(Visitor& v, Throughput& s) {
  v.Value(Pace("requests", s.requests, "Requests in any time of that length."));
  v.Value(Pace(
      "tokens", s.tokens,
      "Tokens read and written in any time of that length: a request counts with its input and its output "
      "limit when it comes, and with what it used when it is done."));
  Field in_flight =
      Count("in_flight", s.in_flight, {1, 1'000'000}, "Requests that are being answered at once.");
  in_flight.fallback.clear();
  in_flight.example = "50";
  v.Value(in_flight);
}

void DescribeStep(Visitor& v, StepSettings& s) {
  v.Value(Level(
      "at", s.at, kWhole,
      "Taken when that share of the budget is spent or reserved (of an alert: spent), taken back when it "
      "is less again."));
  v.Value(Level(
      "forecast", s.forecast, kForecastMax,
      "Instead of `at`: taken when at the pace of the last days that share will be spent when the window "
      "ends."));
  v.Value(
      AlertTarget("alert", s.alert,
                  "Where a signed message is posted, or who gets one by e-mail (`mailto:`, commas between "
                  "several; see `smtp`), once for each time the step is taken."));
  v.Value(Rung("ladder_max", s.ladder_max, "No rung of a ladder above this one answers any more."));
  v.List(Choices("allow", s.allow,
                 {{"rules", AllowedRungs::kRules},
                  {"exact", AllowedRungs::kExact},
                  {"semantic", AllowedRungs::kSemantic},
                  {"cache", AllowedRungs::kCache},
                  {"student", AllowedRungs::kStudent},
                  {"local", AllowedRungs::kLocal},
                  {"cheap", AllowedRungs::kCheap},
                  {"strong", AllowedRungs::kStrong}},
                 "Only these rungs answer; `cache` is exact and semantic."));
  v.Group(Section("limits", "Tighter limits for each account of the budget."),
          [&] { DescribeThroughput(v, s.limits); });
  v.Value(Flag("block", s.block, "Nothing answers: requests are refused with budget_exceeded."));
}

void DescribeBudget(Visitor& v, BudgetSettings& s) {
  v.Value(Scope("scope", s.scope,
                "Whose spending counts: org, or org, team, project, key, user, tag, provider, model or "
                "session with "
                "a name behind a slash; * instead of a name gives each its own account.")
              .Required());
  v.Value(Cash("limit", s.limit, "What may be spent in one window.").Required());
  Field window = Choice("window", s.window,
                        {{"hour", CalendarWindow::kHour},
                         {"day", CalendarWindow::kDay},
                         {"week", CalendarWindow::kWeek},
                         {"month", CalendarWindow::kMonth},
                         {"quarter", CalendarWindow::kQuarter}},
                        "When it begins anew, on the calendar of `timezone`; a week begins on Monday.");
  window.fallback.clear();
  window.example = "month";
  v.Value(window);
  Field rolling = Time("rolling", s.rolling, {seconds(1), hours(24 * 366)},
                       "Instead of `window`: what was spent in any time of that length counts.");
  rolling.fallback.clear();
  rolling.example = "24h";
  v.Value(rolling);
  v.Value(Zone("timezone", s.timezone, "Whose calendar `window` follows, daylight saving included."));
  v.Value(
      Time("idle", s.idle, {seconds(1), hours(24 * 366)},
           "Of a budget of sessions without `window` and `rolling`: a session that is silent for that long "
           "begins anew."));
  v.Value(Choice(
      "mode", s.mode, {{"strict", BudgetMode::kStrict}, {"typical", BudgetMode::kTypical}},
      "What is reserved before a provider is called: strict the most that a call can cost, so that the "
      "limit is never exceeded; typical what 99 of 100 calls stay below, which uses more of it and can "
      "exceed it."));
  v.Value(Share(
      "carry_over", s.carry_over,
      "How much of an unspent rest the next window has on top, as a share of the limit; of `window` only."));
  v.Value(Time("reserve_wait", s.reserve_wait, {milliseconds(0), minutes(1)},
               "How long a request waits for money that others have reserved and do not need: until nothing "
               "of it has come back for that long, and ten times as long at most."));
  v.Value(Count(
      "output_floor", s.output_floor, {1, 10'000'000},
      "Tokens: where the rest is too small for the output that is asked for, the output limit is lowered, "
      "but not below this; of the budgets that a call falls in the highest counts."));
  v.Items(
      Entries("steps", kStepsMax,
              "What happens at a share of it; each has one of `at` and `forecast`, and one of the others."),
      [&](std::size_t) { DescribeStep(v, s.steps.emplace_back()); });
}

void DescribeSmtp(Visitor& v, SmtpSettings& s) {
  Field server = Address("server", s.server, "Where it takes mail from its users.");
  server.fallback.clear();
  server.example = "smtp.example.com:587";
  v.Value(server);
  v.Value(Choice("tls", s.tls,
                 {{"starttls", MailSecurity::kStartTls},
                  {"implicit", MailSecurity::kImplicit},
                  {"none", MailSecurity::kNone}},
                 "How the connection is kept secret, the server's certificate verified: starttls (port 587) "
                 "or implicit (port 465); none for a server of this machine."));
  v.Value(MailAddress("from", s.from, "Whom alerts are from."));
  v.Value(Credential("user", s.user, "The name to log in with; without it nobody logs in."));
  v.Value(Credential("password", s.password, "The password of `user`, most often from the environment."));
  v.Value(Path("ca_file", s.ca_file, "PEM file with the authorities to trust instead of the system's."));
}

}  // namespace

void DescribeBudgets(Visitor& v, Settings& s) {
  v.Items(Entries("budgets", kBudgetsMax, "What may be spent."),
          [&](std::size_t) { DescribeBudget(v, s.budgets.emplace_back()); });
  v.Items(Entries("limits", kLimitsMax, "How often may be asked, and how much at once."), [&](std::size_t) {
    LimitSettings& limit = s.limits.emplace_back();
    v.Value(Scope("scope", limit.scope, "Whose requests count, as in a budget.").Required());
    DescribeThroughput(v, limit.most);
  });
  v.Pairs(
      Table("exchange", kRatesMax,
            "What one unit of a currency is worth in another, for budgets in other currencies than prices.",
            CheckCurrency, "^[A-Z]{3}$"),
      [&](std::string_view code) {
        return Cash("", s.exchange[std::string(code)], "What one unit of it is worth.");
      });
  v.Value(Key("alert_secret", s.alert_secret,
              "What alerts are signed with: x-sluice-signature has the HMAC-SHA-256 of the body."));
  v.Group(Section("smtp", "The mail server that takes alerts by e-mail."), [&] { DescribeSmtp(v, s.smtp); });
}

}  // namespace config
