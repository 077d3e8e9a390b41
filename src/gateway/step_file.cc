#include "gateway/step_file.h"

#include <charconv>
#include <optional>
#include <utility>

#include "base/json_text.h"
#include "base/money.h"
#include "store/replaced_file.h"
#include "wire/json_scanner.h"

namespace gateway {
namespace {

namespace fs = std::filesystem;
using base::Code;
using base::Fail;

fs::path PathIn(const fs::path& data_directory) {
  return data_directory / "steps.json";
}

void AppendMember(std::string& out, std::string_view name, std::string_view value) {
  if (!out.ends_with('{')) out += ',';
  base::AppendJsonString(out, name);
  out += ':';
  base::AppendJsonString(out, value);
}

std::int64_t Nanoseconds(base::WallTime at) {
  return at.time_since_epoch().count();
}

// A member's text as a number of that kind; `bad` where it is none.
template <class Number>
Number Read(const wire::JsonValue& value, bool& bad) {
  Number number = 0;
  if (!value.IsString()) {
    bad = true;
    return number;
  }
  const std::string_view text = value.Inside();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) bad = true;
  return number;
}

std::string Text(const wire::JsonValue& value, bool& bad) {
  if (value.IsString()) return value.Text();
  bad = true;
  return {};
}

base::Int128 Pico(const wire::JsonValue& value, bool& bad) {
  const auto pico = base::ParsePico(Text(value, bad));
  if (!pico) bad = true;
  return pico.value_or(0);
}

budget::SavedStep ReadStep(wire::JsonCursor& cursor, bool& bad) {
  budget::SavedStep step;
  if (!cursor.EnterObject()) bad = true;
  while (!bad && cursor.NextMember()) {
    const std::string name(cursor.Key());
    const wire::JsonValue value = cursor.Take();
    if (name == "rule") step.rule = Read<std::uint64_t>(value, bad);
    if (name == "step") step.step = Read<std::uint64_t>(value, bad);
    if (name == "value") step.value = Text(value, bad);
    if (name == "limit") step.limit = Pico(value, bad);
    if (name == "start")
      step.window_start = base::WallTime(std::chrono::nanoseconds(Read<std::int64_t>(value, bad)));
    if (name == "end")
      step.window_end = base::WallTime(std::chrono::nanoseconds(Read<std::int64_t>(value, bad)));
  }
  return step;
}

Alert ReadAlert(wire::JsonCursor& cursor, bool& bad) {
  Alert alert;
  if (!cursor.EnterObject()) bad = true;
  while (!bad && cursor.NextMember()) {
    const std::string name(cursor.Key());
    const wire::JsonValue value = cursor.Take();
    if (name == "id") alert.id = Text(value, bad);
    if (name == "url") alert.url = Text(value, bad);
    if (name == "body") alert.body = Text(value, bad);
    if (name == "signature") alert.signature = Text(value, bad);
  }
  return alert;
}

}  // namespace

std::string PrintStepState(const StepState& state) {
  std::string out = R"({"steps":[)";
  for (const budget::SavedStep& step : state.steps) {
    out += out.ends_with('[') ? "\n{" : ",\n{";
    AppendMember(out, "rule", std::to_string(step.rule));
    AppendMember(out, "step", std::to_string(step.step));
    AppendMember(out, "value", step.value);
    AppendMember(out, "limit", base::PrintPico(step.limit));
    AppendMember(out, "start", std::to_string(Nanoseconds(step.window_start)));
    AppendMember(out, "end", std::to_string(Nanoseconds(step.window_end)));
    out += '}';
  }
  out += R"(],"alerts":[)";
  for (const Alert& alert : state.alerts) {
    out += out.ends_with('[') ? "\n{" : ",\n{";
    AppendMember(out, "id", alert.id);
    AppendMember(out, "url", alert.url);
    AppendMember(out, "body", alert.body);
    AppendMember(out, "signature", alert.signature);
    out += '}';
  }
  return out + "]}\n";
}

base::Result<StepState> ParseStepState(std::string_view text) {
  StepState state;
  bool bad = false;
  wire::JsonCursor cursor(text);
  if (!cursor.EnterObject()) bad = true;
  while (!bad && cursor.NextMember()) {
    const bool is_steps = cursor.KeyIs("steps");
    if ((!is_steps && !cursor.KeyIs("alerts")) || !cursor.EnterArray()) continue;
    while (!bad && cursor.NextElement()) {
      if (is_steps) {
        state.steps.push_back(ReadStep(cursor, bad));
      } else {
        state.alerts.push_back(ReadAlert(cursor, bad));
      }
    }
  }
  if (bad) return Fail(Code::kInvalid, "a step or an alert in it is not what it should be");
  if (const auto end = cursor.End(); !end) return Fail(end.error());
  return state;
}

base::Result<StepState> ReadStepFile(const fs::path& data_directory) {
  const fs::path path = PathIn(data_directory);
  const auto bytes = store::ReadFileIfThere(path);
  if (!bytes) return Fail(bytes.error());
  if (!*bytes) return StepState();
  auto state = ParseStepState(**bytes);
  if (state) return state;
  return Fail(Code::kInvalid, path.string() + " is damaged (" + state.error().detail +
                                  "); remove it: at worst an alert is told a second time");
}

base::Result<> WriteStepFile(const fs::path& data_directory, const StepState& state, store::Disk& disk) {
  auto file = store::ReplacedFile::Begin(PathIn(data_directory), disk);
  if (!file) return Fail(std::move(file).error());
  if (auto done = file->Append(PrintStepState(state)); !done) return done;
  return file->Commit();
}

}  // namespace gateway
