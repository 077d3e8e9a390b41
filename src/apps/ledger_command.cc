#include <cstdint>
#include <iostream>
#include <string>

#include "apps/commands.h"
#include "apps/table.h"
#include "base/json_text.h"
#include "store/ledger.h"
#include "store/segment_reader.h"

namespace apps {
namespace {

constexpr std::string_view kHelp =
    R"(usage: sluice ledger verify
       sluice ledger rebuild

The ledger has a row for each request that was answered: DATA/ledger is the journal, index.sqlite what
commands look up in it. Both may be used while the gateway runs.

  verify    reads the whole journal and says what of it is damaged or missing, which request stands in it
            twice and is counted twice, and whether the index has the same sums; exit code 1 when something is
            wrong
  rebuild   makes the index anew from the journal, and says what of it cannot be read. Rows that are older than
            `ledger.retention` are no longer in the journal; their sums are only in the index, and go with it

  -c FILE, --data DIR    which data directory (the config's, ./sluice-data)
  --format table|json|csv
)";

std::string Text(std::uint64_t number) {
  return std::to_string(number);
}

// What stands at the end of the journal and is no whole record. It is told, and is no damage: a gateway may
// be writing it.
base::Result<std::uint64_t> TellUnread(store::Ledger& ledger, const std::string& data) {
  const auto indexed = ledger.Indexed();
  if (!indexed) return base::Fail(indexed.error());
  const auto files = store::ListSegments(data);
  if (!files) return base::Fail(files.error());
  if (files->empty() || files->back().number != indexed->segment || files->back().bytes <= indexed->offset)
    return 0;
  const std::uint64_t bytes = files->back().bytes - indexed->offset;
  std::cerr << "segment " << indexed->segment << ", byte " << indexed->offset << ": the last " << bytes
            << " bytes of the journal are no whole record. A gateway that runs may be writing it; else it is "
               "damaged, or broke off, and is not counted\n";
  return bytes;
}

int Verify(store::Ledger& ledger, const std::string& data, Format format) {
  const auto check = ledger.Verify();
  if (!check) return Complain(kEnvironment, check.error().detail);
  const auto unread = TellUnread(ledger, data);
  if (!unread) return Complain(kEnvironment, unread.error().detail);
  if (format == Format::kJson) {
    base::JsonObject object;
    object.Add("segments", check->segments).Add("bytes", check->bytes).Add("rows", check->rows);
    object.Add("index_agrees", check->index_agrees).Add("twins", check->twins_counted);
    object.Add("unread_bytes", *unread).OpenArray("damage");
    for (const store::JournalDamage& damage : check->damage) {
      object.OpenElement()
          .Add("segment", damage.at.segment)
          .Add("offset", damage.at.offset)
          .Add("bytes", damage.bytes)
          .Add("records", damage.records)
          .Add("why", damage.why)
          .Close();
    }
    std::cout << object.Close().Finish() << '\n';
  } else {
    Table table({"segments", "bytes", "rows", "damaged places", "twins", "index"});
    table.Add({Text(check->segments), Text(check->bytes), Text(check->rows), Text(check->damage.size()),
               Text(check->twins_counted), check->index_agrees ? "agrees" : "differs"});
    table.Print(std::cout, format);
  }
  for (const store::JournalDamage& damage : check->damage) std::cerr << Print(damage) << '\n';
  for (const store::LedgerCheck::Twin& twin : check->twins) {
    std::cerr << "segment " << twin.at.segment << ", byte " << twin.at.offset << ": request "
              << twin.request_id << " stands in an earlier segment already and is counted twice\n";
  }
  if (check->twins_counted > 0) {
    std::cerr
        << "no gateway writes a request twice so far apart: a segment was copied here by hand. Take the copy "
           "out of the folder `ledger` and run sluice ledger rebuild\n";
  }
  if (!check->index_agrees) std::cerr << "the index says something else: run sluice ledger rebuild\n";
  return check->damage.empty() && check->index_agrees && check->twins_counted == 0 ? kDone : kNo;
}

int Rebuild(store::Ledger& ledger, const std::string& data, Format format) {
  std::uint64_t damaged = 0;
  const auto rows = ledger.Rebuild([&](const store::JournalDamage& damage) {
    ++damaged;
    std::cerr << Print(damage) << '\n';
  });
  if (!rows) return Complain(kEnvironment, rows.error().detail);
  const auto unread = TellUnread(ledger, data);
  if (!unread) return Complain(kEnvironment, unread.error().detail);
  if (format == Format::kJson) {
    base::JsonObject object;
    object.Add("rows", *rows).Add("damaged", damaged).Add("unread_bytes", *unread);
    std::cout << object.Finish() << '\n';
  } else {
    Table table({"rows", "damaged places"});
    table.Add({Text(*rows), Text(damaged)});
    table.Print(std::cout, format);
  }
  return kDone;
}

}  // namespace

int Ledger(const std::vector<std::string>& given, const config::Environment& environment) {
  if (given.empty() || AsksForHelp(given)) {
    std::cout << kHelp;
    return given.empty() ? kWrongUsage : kDone;
  }
  const auto arguments = Arguments::Parse({given.begin() + 1, given.end()}, {"-c", "--data", "--format"});
  if (!arguments) return Complain(kWrongUsage, arguments.error().detail);
  const auto format = ParseFormat(arguments->Get("--format", "table"));
  if (!format) return Complain(kWrongUsage, "--format is table, json or csv");
  const bool verify = given[0] == "verify";
  if (!verify && given[0] != "rebuild") {
    return Complain(kWrongUsage, "ledger knows verify and rebuild; see sluice ledger --help");
  }
  if (!arguments->words().empty()) {
    return Complain(kWrongUsage, "ledger " + given[0] + " takes options only");
  }
  const LoadedConfig loaded = LoadConfig(*arguments, environment);
  if (loaded.code != kDone) return loaded.code;
  const std::string data = DataDirectory(*arguments, loaded);
  if (const int code = RequireData(data); code != kDone) return code;
  const auto ledger = store::Ledger::Open(data, {.note = TellOfIndex});
  if (!ledger) return Complain(kEnvironment, ledger.error().detail);
  return verify ? Verify(**ledger, data, *format) : Rebuild(**ledger, data, *format);
}

}  // namespace apps
