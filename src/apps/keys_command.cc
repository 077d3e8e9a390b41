#include <filesystem>
#include <iostream>
#include <utility>

#include "apps/commands.h"
#include "apps/nearby.h"
#include "apps/table.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "base/json_text.h"
#include "config/units.h"
#include "net/http_head.h"
#include "store/key_store.h"

namespace apps {
namespace {

using store::KeyRecord;

constexpr std::string_view kHelp =
    R"(usage: sluice keys create --team T [--project P] [--name N] [--expires 90d] [--models a,b]
       sluice keys list
       sluice keys revoke ID

Keys that applications present to the gateway (`auth: keys`). The secret is printed once, by create, and
only its hash is stored. A running gateway on the same data directory sees changes within a second.

  -c FILE, --data DIR    which data directory (the config's, ./sluice-data; where neither is named nor a
                         ./sluice.yaml is there, create and revoke say which one they change)
  --format table|json|csv
)";

std::string Time(base::WallTime time) {
  return std::string(base::Rfc3339(time.time_since_epoch().count()).view());
}

std::string Models(const KeyRecord& key) {
  std::string list = "[";
  for (const std::string& model : key.models) {
    if (list.size() > 1) list += ',';
    base::AppendJsonString(list, model);
  }
  return list + "]";
}

std::string KeyJson(const KeyRecord& key, base::WallTime now, const std::string& secret) {
  base::JsonObject object;
  object.Add("id", key.id).Add("team", key.team);
  const auto add = [&object](const char* name, const std::string& value) {
    value.empty() ? object.AddNull(name) : object.Add(name, value);
  };
  add("project", key.project);
  add("name", key.name);
  object.Add("created", Time(key.created));
  add("expires", key.expires ? Time(*key.expires) : "");
  object.AddRaw("models", Models(key)).Add("status", Name(key.Status(now)));
  if (!secret.empty()) object.Add("secret", secret);
  return object.Take();
}

int ExitCode(const base::Error& error) {
  switch (error.code) {
    case base::Code::kInvalid:
      return kWrongUsage;
    case base::Code::kNotFound:
      return kNo;
    default:
      return kEnvironment;
  }
}

int Create(store::KeyStore& keys, const Arguments& arguments, const base::Clock& clock, Format format) {
  store::NewKey key;
  key.team = arguments.Get("--team", "");
  if (key.team.empty()) return Complain(kWrongUsage, "keys create needs --team");
  key.project = arguments.Get("--project", "");
  key.name = arguments.Get("--name", "");
  net::ForEachListMember(arguments.Get("--models", ""),
                         [&](std::string_view model) { key.models.emplace_back(model); });
  if (const auto expires = arguments.Find("--expires")) {
    const auto after = config::ParseDuration(*expires);
    if (!after || after->count() <= 0)
      return Complain(kWrongUsage, "--expires must be a time such as 90d or 12h");
    key.expires = clock.WallNow() + *after;
  }
  const auto created = keys.Create(key);
  if (!created) return Complain(ExitCode(created.error()), created.error().detail);
  if (format == Format::kJson) {
    std::cout << KeyJson(created->record, clock.WallNow(), created->secret) << '\n';
  } else if (format == Format::kCsv) {
    std::cout << "id,team,secret\n"
              << created->record.id << ',' << created->record.team << ',' << created->secret << '\n';
  } else {
    std::cout << created->secret << '\n';
    std::cerr << "key " << created->record.id << " of team " << created->record.team
              << "; the secret above is shown this once\n";
  }
  return kDone;
}

int List(store::KeyStore& keys, const base::Clock& clock, Format format) {
  const auto all = keys.LoadAll();
  if (!all) return Complain(ExitCode(all.error()), all.error().detail);
  const base::WallTime now = clock.WallNow();
  if (format == Format::kJson) {
    std::cout << '[';
    for (std::size_t i = 0; i < all->size(); ++i)
      std::cout << (i > 0 ? ",\n " : "") << KeyJson((*all)[i], now, "");
    std::cout << "]\n";
    return kDone;
  }
  Table table({"id", "team", "project", "name", "created", "expires", "models", "status"});
  for (const KeyRecord& key : *all) {
    std::string models;
    for (const std::string& model : key.models) models += (models.empty() ? "" : " ") + model;
    table.Add({key.id, key.team, key.project, key.name, Time(key.created),
               key.expires ? Time(*key.expires) : "", models, std::string(Name(key.Status(now)))});
  }
  table.Print(std::cout, format);
  return kDone;
}

int Revoke(store::KeyStore& keys, const std::string& id) {
  const auto revoked = keys.Revoke(id);
  if (!revoked) return Complain(ExitCode(revoked.error()), revoked.error().detail);
  std::cerr << "key " << id << " is revoked; running gateways refuse it within a second\n";
  return kDone;
}

}  // namespace

int Keys(const std::vector<std::string>& given, const config::Environment& environment) {
  if (given.empty() || given[0] == "--help") {
    std::cout << kHelp;
    return given.empty() ? kWrongUsage : kDone;
  }
  const std::string action = given[0];
  std::vector<std::string> options = {"-c", "--data", "--format"};
  if (action == "create")
    options.insert(options.end(), {"--team", "--project", "--name", "--expires", "--models"});
  const auto arguments = Arguments::Parse({given.begin() + 1, given.end()}, options);
  if (!arguments) return Complain(kWrongUsage, arguments.error().detail);
  const auto format = ParseFormat(arguments->Get("--format", "table"));
  if (!format) return Complain(kWrongUsage, "--format is table, json or csv");
  const bool revoke = action == "revoke";
  if (action != "create" && action != "list" && !revoke) {
    return Complain(kWrongUsage, "keys knows create, list and revoke; see sluice keys --help");
  }
  if (arguments->words().size() != (revoke ? 1u : 0u)) {
    return Complain(kWrongUsage,
                    revoke ? "usage: sluice keys revoke ID" : "keys " + action + " takes options only");
  }
  const LoadedConfig loaded = LoadConfig(*arguments, environment);
  if (loaded.code != kDone) return loaded.code;
  const bool lists = action == "list";
  if (!lists && !loaded.settings && !arguments->Find("--data")) {
    std::cerr << WarnOfDefaultData(std::filesystem::current_path(), "/etc/sluice", environment);
  }
  const std::string data = DataDirectory(*arguments, loaded);
  if (action != "create") {
    if (const int code = RequireData(data, "keys", "make one with sluice keys create"); code != kDone)
      return code;
  }
  const base::SystemClock clock;
  const auto keys = store::KeyStore::Open(data, clock);
  if (!keys) return Complain(ExitCode(keys.error()), keys.error().detail);
  if (action == "create") return Create(**keys, *arguments, clock, *format);
  return lists ? List(**keys, clock, *format) : Revoke(**keys, arguments->words()[0]);
}

}  // namespace apps
