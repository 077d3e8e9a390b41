#include "apps/admin_client.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>

#include "admin/listener.h"
#include "apps/operator.h"
#include "base/ascii.h"
#include "base/bytes.h"
#include "base/encoding.h"
#include "net/http_fetch.h"
#include "store/disk.h"
#include "store/replaced_file.h"
#include "wire/json_scanner.h"

namespace apps {
namespace {

using base::Code;
using base::Result;
using namespace std::chrono_literals;

constexpr std::string_view kAddressFile = "admin.address";
constexpr std::string_view kTokenName = "SLUICE_ADMIN_TOKEN";
constexpr std::uint64_t kAnswerBytesMax = 16 * base::MiB;
constexpr net::CallTimeouts kTimeouts = {.connect = 3s, .first_byte = 10s, .idle = 10s, .total = 10s};

std::filesystem::path AddressFile(const std::string& data_directory) {
  return std::filesystem::path(data_directory) / kAddressFile;
}

// What the API says in an error, which is a code and a message and nothing else; none: it is not the API that
// has answered.
std::optional<std::string> ErrorOf(std::string_view answer) {
  std::string code;
  std::string sentence;
  bool is_ours = true;
  wire::JsonCursor cursor(answer);
  if (cursor.EnterObject()) {
    while (cursor.NextMember()) {
      if (!cursor.KeyIs("error") || !cursor.EnterObject()) continue;
      while (cursor.NextMember()) {
        std::string* const text = cursor.KeyIs("code")      ? &code
                                  : cursor.KeyIs("message") ? &sentence
                                                            : nullptr;
        is_ours = is_ours && text != nullptr && cursor.AtString();
        if (is_ours) *text = cursor.Take().Text();
      }
    }
  }
  if (!cursor.End() || !is_ours || code.empty() || sentence.empty()) return std::nullopt;
  return sentence;
}

Code CodeOf(int status) {
  switch (status) {
    case 400:
      return Code::kInvalid;
    case 401:
    case 403:
      return Code::kDenied;
    case 404:
      return Code::kNotFound;
    default:
      return Code::kUnavailable;
  }
}

// The loopback address where it listens on all of them.
config::HostPort Reachable(config::HostPort at) {
  if (at.host == "0.0.0.0") at.host = "127.0.0.1";
  if (at.host == "::") at.host = "::1";
  return at;
}

// Where the gateway that serves a data directory has said that it is.
Result<std::optional<config::HostPort>> ReadAddress(const std::string& data_directory) {
  const auto text = store::ReadFileIfThere(AddressFile(data_directory));
  if (!text) return base::Fail(text.error());
  if (!*text) return std::optional<config::HostPort>();
  auto at = config::HostPort::Parse(base::TrimBlanks(**text));
  if (at) return std::optional(std::move(*at));
  return base::Fail(Code::kIo, AddressFile(data_directory).string() +
                                   " is damaged: name the gateway with "
                                   "--admin HOST:PORT");
}

// What is sent as the operator's name: what the API refuses in one becomes '_'.
std::string PlainOperator() {
  std::string name = OperatorName().substr(0, admin::kOperatorBytesMax);
  for (char& c : name) {
    if (!admin::IsOperatorCharacter(c)) c = '_';
  }
  return name;
}

}  // namespace

Result<> NoteAdminAddress(const std::string& data_directory, const std::string& address) {
  store::SystemDisk disk;
  auto file = store::ReplacedFile::Begin(AddressFile(data_directory), disk);
  if (!file) return base::Fail(std::move(file).error());
  if (auto written = file->Append(address); !written) return written;
  return file->Commit();
}

void ForgetAdminAddress(const std::string& data_directory) {
  std::error_code ignored;  // whoever finds it is told that nobody answers there
  std::filesystem::remove(AddressFile(data_directory), ignored);
}

Result<AdminClient> AdminClient::Find(const Arguments& arguments, const LoadedConfig& loaded,
                                      const config::Environment& environment, const base::Clock& clock) {
  std::optional<config::HostPort> at;
  if (const auto given = arguments.Find("--admin")) {
    const auto parsed = config::HostPort::Parse(*given);
    if (!parsed) {
      return base::Fail(Code::kInvalid,
                        "--admin " + *given + ": " + parsed.error().why + ", " + parsed.error().instead);
    }
    at = *parsed;
  } else {
    auto noted = ReadAddress(DataDirectory(arguments, loaded));
    if (!noted) return base::Fail(std::move(noted).error());
    at = std::move(*noted);
  }
  if (!at && loaded.settings && loaded.settings->admin.listen.port != 0) at = loaded.settings->admin.listen;
  if (!at) {
    return base::Fail(Code::kUnreachable, "no gateway serves " + DataDirectory(arguments, loaded) +
                                              ": start sluice serve, name its data directory with --data or "
                                              "-c, or its admin listener with --admin HOST:PORT");
  }
  config::Secret token;
  if (loaded.settings) token = loaded.settings->admin.token;
  if (token.empty()) token = config::Secret(environment(kTokenName).value_or(""));
  return AdminClient(Reachable(std::move(*at)), std::move(token), clock);
}

Result<std::string> AdminClient::Ask(std::string_view method, std::string_view target,
                                     std::string_view body) const {
  net::Fetch fetch{.method = std::string(method),
                   .target = std::string(target),
                   .body = std::string(body),
                   .answer_max = kAnswerBytesMax,
                   .timeouts = kTimeouts};
  fetch.fields.Add("accept", "application/json").Add(admin::kOperatorField, PlainOperator());
  if (!token_.empty()) fetch.fields.Add("authorization", "Bearer " + token_.Reveal());
  if (!body.empty()) fetch.fields.Add("content-type", "application/json");
  net::PoolOptions options;
  options.origin = {.host = at_.host, .port = at_.port, .tls = false};
  const auto answer = net::FetchAndWait(options, std::move(fetch), clock_);
  if (!answer) {
    return base::Fail(Code::kUnreachable, "no gateway answers at " + at_.Print() + " (" +
                                              answer.error().detail +
                                              "): start sluice serve, or name its admin listener with "
                                              "--admin HOST:PORT");
  }
  if (answer->status < 300) return std::string(answer->body.view());
  auto sentence = ErrorOf(answer->body.view());
  if (!sentence) {
    return base::Fail(Code::kUnreachable, "what answers at " + at_.Print() +
                                              " is no admin API of Sluice: name that with --admin HOST:PORT");
  }
  if (answer->status == 401) {
    sentence =
        at_.Print() + " asks for its token: name the config with -c, or set " + std::string(kTokenName);
  }
  return base::Fail(CodeOf(answer->status), std::move(*sentence));
}

std::string QueryValue(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (base::IsAlnum(c) || c == '.' || c == '_' || c == '-' || c == '/') {
      out += c;
    } else {
      out += '%' + base::Hex({&c, 1});
    }
  }
  return out;
}

}  // namespace apps
