#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <utility>

#include "apps/commands.h"
#include "apps/key_models.h"
#include "apps/nearby.h"
#include "apps/operator.h"
#include "apps/table.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "config/units.h"
#include "net/http_head.h"
#include "store/key_json.h"
#include "store/key_store.h"

namespace apps {
namespace {

using store::KeyRecord;

constexpr std::string_view kHelp =
    R"(usage: sluice keys create --team T [--org O] [--project P] [--user U] [--name N] [--expires 90d]
                          [--models a,b] [--networks 10.0.0.0/8,2001:db8::/32]
       sluice keys list
       sluice keys rotate ID [--overlap 24h]
       sluice keys revoke ID

Keys that applications present to the gateway (`auth: keys`). The secret is printed once, by create and
rotate, and only its hash is stored. A running gateway on the same data directory sees changes within a
second; each is noted in the audit trail with the name of who made it.

  --user U               the end user that all requests of the key are for
  --models a,b           the only models it may use
  --networks N,N         the only networks it may be used from (the address of whoever connects)
  --overlap 24h          how long the secret that rotate replaces works on; 0s: not at all
  -c FILE, --data DIR    which data directory (the config's, ./sluice-data; where neither is named nor a
                         ./sluice.yaml is there, what changes keys says which ones)
  --format table|json|csv
)";

// What the commands share.
struct Call {
  store::KeyStore& keys;
  const Arguments& arguments;
  const base::Clock& clock;
  Format format;
};

std::string Time(base::WallTime time) {
  return std::string(base::Rfc3339(time).view());
}

int PrintSecret(const Call& call, const store::CreatedKey& key) {
  if (call.format == Format::kJson) {
    std::cout << store::KeyJson(key.record, call.clock.WallNow(), key.secret) << '\n';
  } else if (call.format == Format::kCsv) {
    std::cout << "id,team,secret\n" << key.record.id << ',' << key.record.team << ',' << key.secret << '\n';
  } else {
    std::cout << key.secret << '\n';
    std::cerr << "key " << key.record.id << " of team " << key.record.team
              << "; the secret above is shown this once\n";
    if (key.record.former) {
      std::cerr << "the secret before it works until " << Time(key.record.former->until) << '\n';
    }
  }
  return kDone;
}

std::vector<std::string> NamesOfModels(const Arguments& arguments) {
  std::vector<std::string> models;
  net::ForEachListMember(arguments.Get("--models", ""),
                         [&](std::string_view model) { models.emplace_back(model); });
  return models;
}

base::Result<store::NewKey> ReadNewKey(const Arguments& arguments, base::WallTime now) {
  store::NewKey key;
  key.team = arguments.Get("--team", "");
  if (key.team.empty()) return base::Fail(base::Code::kInvalid, "keys create needs --team");
  key.org = arguments.Get("--org", "");
  key.project = arguments.Get("--project", "");
  key.user = arguments.Get("--user", "");
  key.name = arguments.Get("--name", "");
  key.models = NamesOfModels(arguments);
  base::Result<> networks;
  net::ForEachListMember(arguments.Get("--networks", ""), [&](std::string_view text) {
    auto network = store::Network::Parse(text);
    if (network) key.networks.push_back(*network);
    if (!network && networks) networks = base::Fail(std::move(network).error());
  });
  if (!networks) return base::Fail(networks.error());
  if (const auto expires = arguments.Find("--expires")) {
    const auto after = config::ParseDuration(*expires);
    if (!after || after->count() <= 0) {
      return base::Fail(base::Code::kInvalid, "--expires must be a time such as 90d or 12h");
    }
    key.expires = now + *after;
  }
  return key;
}

int Create(const Call& call) {
  const auto key = ReadNewKey(call.arguments, call.clock.WallNow());
  if (!key) return Complain(key.error());
  const auto created = call.keys.Create(*key, OperatorName());
  return created ? PrintSecret(call, *created) : Complain(created.error());
}

std::vector<std::string> Cells(const KeyRecord& key, base::WallTime now) {
  const auto joined = [](const auto& list, auto print) {
    std::string text;
    for (const auto& one : list) text += (text.empty() ? "" : " ") + print(one);
    return text;
  };
  return {key.id,
          key.team,
          key.project,
          key.name,
          Time(key.created),
          key.expires ? Time(*key.expires) : "",
          joined(key.models, [](const std::string& model) { return model; }),
          std::string(Name(key.Status(now))),
          key.org,
          key.user,
          joined(key.networks, [](const store::Network& network) { return network.Print(); }),
          key.former && now < key.former->until ? Time(key.former->until) : ""};
}

int List(const Call& call) {
  const base::WallTime now = call.clock.WallNow();
  Table table({"id", "team", "project", "name", "created", "expires", "models", "status", "org", "user",
               "networks", "old_secret_until"});
  store::KeyQuery query;
  std::string_view before = "[";
  do {
    const auto page = call.keys.List(query);
    if (!page) return Complain(page.error());
    for (const KeyRecord& key : *page) {
      if (call.format == Format::kJson) {
        std::cout << std::exchange(before, ",\n ") << store::KeyJson(key, now);
      } else {
        table.Add(Cells(key, now));
      }
    }
    query.after = page->size() < query.limit ? "" : page->back().id;
  } while (!query.after.empty());
  if (call.format == Format::kJson) {
    std::cout << (before == "[" ? "[]\n" : "]\n");
  } else {
    table.Print(std::cout, call.format);
  }
  return kDone;
}

int Rotate(const Call& call) {
  const auto overlap = config::ParseDuration(call.arguments.Get("--overlap", "24h"));
  if (!overlap) return Complain(kWrongUsage, "--overlap must be a time such as 24h or 0s");
  const auto rotated = call.keys.Rotate(call.arguments.words()[0], *overlap, OperatorName());
  if (rotated) return PrintSecret(call, *rotated);
  // That the key is revoked or has expired is an answer; nothing of the environment is in the way.
  if (rotated.error().code == base::Code::kDenied) return Complain(kNo, rotated.error().detail);
  return Complain(rotated.error());
}

int Revoke(const Call& call) {
  const std::string& id = call.arguments.words()[0];
  const auto revoked = call.keys.Revoke(id, OperatorName());
  if (!revoked) return Complain(revoked.error());
  std::cerr << "key " << id << " is revoked; running gateways refuse it within a second\n";
  return kDone;
}

struct Action {
  std::string_view name;
  std::vector<std::string> options;
  bool of_one;  // takes the id of a key
  bool makes;   // the data directory where there is none
  int (*run)(const Call&);
};

const Action* FindAction(std::string_view name) {
  static const Action kActions[] = {
      {"create",
       {"--team", "--org", "--project", "--user", "--name", "--expires", "--models", "--networks"},
       false,
       true,
       Create},
      {"list", {}, false, false, List},
      {"rotate", {"--overlap"}, true, false, Rotate},
      {"revoke", {}, true, false, Revoke}};
  const auto* const found = std::find_if(std::begin(kActions), std::end(kActions),
                                         [name](const Action& action) { return action.name == name; });
  return found == std::end(kActions) ? nullptr : found;
}

}  // namespace

int Keys(const std::vector<std::string>& given, const config::Environment& environment) {
  if (given.empty() || AsksForHelp(given)) {
    std::cout << kHelp;
    return given.empty() ? kWrongUsage : kDone;
  }
  const Action* const action = FindAction(given[0]);
  if (action == nullptr) {
    return Complain(kWrongUsage, "keys knows create, list, rotate and revoke; see sluice keys --help");
  }
  std::vector<std::string> options = {"-c", "--data", "--format"};
  options.insert(options.end(), action->options.begin(), action->options.end());
  const auto arguments = Arguments::Parse({given.begin() + 1, given.end()}, options);
  if (!arguments) return Complain(kWrongUsage, arguments.error().detail);
  const auto format = ParseFormat(arguments->Get("--format", "table"));
  if (!format) return Complain(kWrongUsage, "--format is table, json or csv");
  if (arguments->words().size() != (action->of_one ? 1u : 0u)) {
    return Complain(kWrongUsage, action->of_one ? "usage: sluice keys " + given[0] + " ID"
                                                : "keys " + given[0] + " takes options only");
  }
  const LoadedConfig loaded = LoadConfig(*arguments, environment);
  if (loaded.code != kDone) return loaded.code;
  if (action->run != List && !loaded.settings && !arguments->Find("--data")) {
    std::cerr << WarnOfDefaultData(std::filesystem::current_path(), "/etc/sluice", environment);
  }
  const std::string data = DataDirectory(*arguments, loaded);
  if (!action->makes) {
    if (const int code = RequireData(data, "keys", "make one with sluice keys create"); code != kDone)
      return code;
  }
  const base::SystemClock clock;
  const auto keys = store::KeyStore::Open(data, clock);
  if (!keys) return Complain(keys.error());
  const int code = action->run({.keys = **keys, .arguments = *arguments, .clock = clock, .format = *format});
  if (code == kDone && loaded.settings) {
    std::cerr << WarnOfUnknownModels(NamesOfModels(*arguments), *loaded.settings);
  }
  return code;
}

}  // namespace apps
