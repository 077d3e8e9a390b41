#include <algorithm>
#include <iostream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/admin_client.h"
#include "apps/commands.h"
#include "apps/table.h"
#include "base/clock.h"
#include "base/json_text.h"
#include "wire/json_scanner.h"

namespace apps {
namespace {

constexpr std::string_view kHelp =
    R"(usage: sluice budgets list [SCOPE]
       sluice budgets raise SCOPE --by|--to AMOUNT --until WHEN [--window WINDOW]
       sluice budgets settle [REQUEST_ID COST [--above-worst-case]]

How the budgets of a running gateway stand, more for one of them for a while, and the calls that a crash left
without an end.

  list      each account of each budget: its limit, a raise and its end, what is settled, reserved and left, when
            its window turns, the steps that it has taken, what is foreseen. SCOPE: one account (team/support) or
            one budget (team/*)
  raise     gives the account SCOPE more than its limit from the next request on, on each of its budgets, in place
            of the raise it has; `--by "0 USD"` ends that one. It holds over a restart
  settle    a call that was under way when the gateway was killed counts as spent with the most that it may have
            cost, until its window ends. Without arguments these calls are listed; with them it is said what the
            provider charged for one: 0, or an amount such as "0.0012 USD". The rest is free at once. More than was
            reserved for it is taken for a slip and refused, unless --above-worst-case says that it is none

  --by "50 USD"          how much more it may spend
  --to "250 USD"         how much it may spend in all, where it has one budget or --window names one
  --until WHEN           when that ends: 2027-01-31T00:00:00Z, or how long from now: 2h, 7d
  --window WINDOW        only the budget with this window: month, day, rolling
  --admin HOST:PORT      the admin listener of the gateway; else the one that serves the data directory
  -c FILE, --data DIR    the data directory (the config's, ./sluice-data); the config also has the token of the
                         admin listener, which is otherwise taken from SLUICE_ADMIN_TOKEN
  --format table|json|csv, --json

A limit itself is changed in the config, and comes into force with HUP. Each raise and each settlement is noted in
the audit trail (GET /admin/v1/audit). Exit codes: 1 there is no such account or call, 2 wrong usage, 3 no gateway
could be asked.
)";

// What the commands share.
struct Call {
  const AdminClient& client;
  const Arguments& arguments;
  Format format;
};

// One element of a list of the API: the text as it came, and its members in words.
struct Row {
  std::string raw;
  std::vector<std::pair<std::string, std::string>> members;

  std::string Get(std::string_view name) const {
    const auto found =
        std::find_if(members.begin(), members.end(), [name](const auto& one) { return one.first == name; });
    return found == members.end() ? std::string() : found->second;
  }
};

constexpr std::string_view kAccount = "account";  // a member that is made here: whose it is, "team/support"

// "90%: block; foreseen 120%: alert" of a list of steps.
std::string StepWords(std::string_view list) {
  std::string words;
  wire::JsonCursor cursor(list);
  if (!cursor.EnterArray()) return words;
  while (cursor.NextElement()) {
    std::string at, does;
    bool foreseen = false;
    if (!cursor.EnterObject()) continue;
    while (cursor.NextMember()) {
      if (cursor.KeyIs("at"))
        at = cursor.Take().Text();
      else if (cursor.KeyIs("does"))
        does = cursor.Take().Text();
      else if (cursor.KeyIs("forecast"))
        foreseen = cursor.Take().Bool().value_or(false);
    }
    words += (words.empty() ? "" : "; ") + std::string(foreseen ? "foreseen " : "") + at + ": " + does;
  }
  return words;
}

// In words; times to the second.
std::string Words(std::string_view name, const wire::JsonValue& value) {
  if (value.IsNull()) return {};
  if (name == "steps") return StepWords(value.raw);
  if (!value.IsString()) return std::string(value.raw);
  std::string text = value.Text();
  constexpr std::size_t kSeconds = std::string_view("2027-01-31T00:00:00").size();
  const bool is_time = text.size() > kSeconds && text[kSeconds] == '.' && text.ends_with('Z');
  if (is_time) text.replace(kSeconds, std::string::npos, "Z");
  return text;
}

Row ReadRow(const wire::JsonValue& element) {
  Row row{.raw = std::string(element.raw), .members = {}};
  wire::JsonCursor cursor(element.raw);
  if (!cursor.EnterObject()) return row;
  while (cursor.NextMember()) {
    std::string name(cursor.Key());
    std::string words = Words(name, cursor.Take());
    row.members.emplace_back(std::move(name), std::move(words));
  }
  const std::string scope = row.Get("scope"), value = row.Get("value");
  row.members.emplace_back(kAccount, value.empty() ? scope : scope.substr(0, scope.find('/') + 1) + value);
  return row;
}

// Appends the elements of the list `name` in an answer; gives back where the next page begins, empty: there
// is none.
base::Result<std::string> ReadPage(const std::string& answer, std::string_view name, std::vector<Row>& rows) {
  std::string next;
  wire::JsonCursor cursor(answer);
  if (cursor.EnterObject()) {
    while (cursor.NextMember()) {
      if (cursor.KeyIs("next") && cursor.AtString()) {
        next = cursor.Take().Text();
      } else if (cursor.KeyIs(name) && cursor.EnterArray()) {
        while (cursor.NextElement()) rows.push_back(ReadRow(cursor.Take()));
      }
    }
  }
  if (auto end = cursor.End(); !end) return base::Fail(std::move(end).error());
  return next;
}

// All pages of a list. `target` may have a query.
base::Result<std::vector<Row>> ReadAll(const AdminClient& client, const std::string& target,
                                       std::string_view name) {
  std::vector<Row> rows;
  std::string after;
  do {
    const std::string more = after.empty() ? "" : "&after=" + QueryValue(after);
    const auto answer = client.Ask("GET", target + more);
    if (!answer) return base::Fail(answer.error());
    auto next = ReadPage(*answer, name, rows);
    if (!next) return base::Fail(std::move(next).error());
    after = std::move(*next);
  } while (!after.empty());
  return rows;
}

// A column of a table, and which member of a row stands in it.
struct Column {
  std::string_view header;
  std::string_view member;
};

int Print(const std::vector<Row>& rows, std::span<const Column> columns, Format format) {
  if (format == Format::kJson) {
    std::string_view before = "[";
    for (const Row& row : rows) std::cout << std::exchange(before, ",\n ") << row.raw;
    std::cout << (rows.empty() ? "[]\n" : "]\n");
    return kDone;
  }
  std::vector<std::string> header;
  for (const Column& column : columns) header.emplace_back(column.header);
  Table table(std::move(header));
  for (const Row& row : rows) {
    std::vector<std::string> cells;
    for (const Column& column : columns) cells.push_back(row.Get(column.member));
    table.Add(std::move(cells));
  }
  table.Print(std::cout, format);
  return kDone;
}

constexpr Column kBudgetColumns[] = {
    {"budget", kAccount},           {"window", "window"}, {"limit", "limit"},       {"raise", "raise"},
    {"raise_until", "raise_until"}, {"settled", "used"},  {"reserved", "reserved"}, {"left", "left"},
    {"turns", "window_end"},        {"steps", "steps"},   {"forecast", "forecast"}};
constexpr Column kLeaseColumns[] = {{"request_id", "request_id"}, {"started", "started"}, {"team", "team"},
                                    {"key_id", "key_id"},         {"model", "model"},     {"worst", "worst"}};

int List(const Call& call) {
  const std::vector<std::string>& words = call.arguments.words();
  if (words.size() > 1) return Complain(kWrongUsage, "usage: sluice budgets list [SCOPE]");
  const std::string only = words.empty() ? "" : "&scope=" + QueryValue(words[0]);
  const auto rows = ReadAll(call.client, "/admin/v1/budgets?limit=1000" + only, "budgets");
  if (!rows) return Complain(rows.error());
  if (rows->empty() && !words.empty()) {
    return Complain(kNo, "no budget has this account: sluice budgets list shows them all");
  }
  return Print(*rows, kBudgetColumns, call.format);
}

int Raise(const Call& call) {
  const Arguments& given = call.arguments;
  if (given.words().size() != 1)
    return Complain(kWrongUsage, "usage: sluice budgets raise SCOPE --by AMOUNT --until WHEN");
  base::JsonObject body;
  body.Add("scope", given.words()[0]);
  for (const std::string_view name : {"by", "to", "until", "window"}) {
    if (const auto value = given.Find("--" + std::string(name))) body.Add(name, *value);
  }
  const auto answer = call.client.Ask("POST", "/admin/v1/budgets/raise", body.Finish());
  if (!answer) return Complain(answer.error());
  std::vector<Row> rows;
  if (const auto read = ReadPage(*answer, "budgets", rows); !read) return Complain(read.error());
  return Print(rows, kBudgetColumns, call.format);
}

int ListLost(const Call& call) {
  const auto rows = ReadAll(call.client, "/admin/v1/leases?limit=1000", "leases");
  if (!rows) return Complain(rows.error());
  if (rows->empty() && call.format == Format::kTable) {
    std::cout << "no call is without an end\n";
    return kDone;
  }
  return Print(*rows, kLeaseColumns, call.format);
}

// COST may be one word or two: 0.0012 USD.
int Settle(const Call& call) {
  const std::vector<std::string>& words = call.arguments.words();
  if (words.empty()) return ListLost(call);
  if (words.size() == 1 || words.size() > 3) {
    return Complain(kWrongUsage,
                    "usage: sluice budgets settle REQUEST_ID COST, COST being 0 or \"0.0012 USD\"");
  }
  base::JsonObject body;
  body.Add("cost", words.size() == 3 ? words[1] + " " + words[2] : words[1]);
  if (call.arguments.Has("--above-worst-case")) body.Add("above_worst_case", true);
  const auto answer =
      call.client.Ask("POST", "/admin/v1/leases/" + QueryValue(words[0]) + "/settle", body.Finish());
  if (!answer) return Complain(answer.error());
  if (call.format == Format::kJson) {
    std::cout << *answer << '\n';
    return kDone;
  }
  std::vector<Row> rows;
  if (const auto read = ReadPage(*answer, "leases", rows); !read) return Complain(read.error());
  const Row settled = ReadRow({.raw = *answer, .kind = wire::JsonKind::kObject});
  Table table({"request_id", "cost", "calls"});
  table.Add({settled.Get("request_id"), settled.Get("cost"), std::to_string(rows.size())});
  table.Print(std::cout, call.format);
  return kDone;
}

struct Action {
  std::string_view name;
  std::vector<std::string> options;
  std::vector<std::string> flags;
  int (*run)(const Call&);
};

const Action* FindAction(std::string_view name) {
  static const Action kActions[] = {{"list", {}, {}, List},
                                    {"raise", {"--by", "--to", "--until", "--window"}, {}, Raise},
                                    {"settle", {}, {"--above-worst-case"}, Settle}};
  const auto* const found = std::find_if(std::begin(kActions), std::end(kActions),
                                         [name](const Action& action) { return action.name == name; });
  return found == std::end(kActions) ? nullptr : found;
}

}  // namespace

int Budgets(const std::vector<std::string>& given, const config::Environment& environment) {
  if (given.empty() || AsksForHelp(given)) {
    std::cout << kHelp;
    return given.empty() ? kWrongUsage : kDone;
  }
  const Action* const action = FindAction(given[0]);
  if (action == nullptr) {
    return Complain(kWrongUsage, "budgets knows list, raise and settle; see sluice budgets --help");
  }
  std::vector<std::string> options = {"-c", "--data", "--admin", "--format"};
  options.insert(options.end(), action->options.begin(), action->options.end());
  std::vector<std::string> flags = {"--json"};
  flags.insert(flags.end(), action->flags.begin(), action->flags.end());
  const auto arguments =
      Arguments::Parse({given.begin() + 1, given.end()}, options, {.flags = flags, .repeatable = {}});
  if (!arguments) return Complain(kWrongUsage, arguments.error().detail);
  const auto format = ParseFormat(arguments->Get("--format", arguments->Has("--json") ? "json" : "table"));
  if (!format) return Complain(kWrongUsage, "--format is table, json or csv");
  const LoadedConfig loaded = LoadConfig(*arguments, environment);
  if (loaded.code != kDone) return loaded.code;
  const base::SystemClock clock;
  const auto client = AdminClient::Find(*arguments, loaded, environment, clock);
  if (!client) return Complain(client.error());
  return action->run({.client = *client, .arguments = *arguments, .format = *format});
}

}  // namespace apps
