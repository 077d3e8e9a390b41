#include "simulation/callers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/bytes.h"
#include "net/loopback_for_test.h"

namespace simulation {
namespace {

constexpr std::uint64_t kAnswerBytesMax = 16 * base::MiB;

std::string Quoted(std::string_view text) {
  return '"' + std::string(text) + '"';
}

// Enough tokens for every provider's cache.
std::string LongText(std::uint64_t which) {
  std::string text;
  for (int i = 0; i < 260; ++i) {
    text += "Paragraph " + std::to_string(which) + "." + std::to_string(i) + " of the handbook says little. ";
  }
  return text;
}

template <std::size_t kCount>
std::string_view OneOf(const std::array<std::string_view, kCount>& names, base::Random& random) {
  return names[random.Below(kCount)];
}

}  // namespace

// ---- questions

std::string Curiosity::Text() {
  const std::string own = "Question " + std::to_string(++number_) + ": what is " +
                          std::to_string(random_.Below(100)) + "*" + std::to_string(random_.Below(100)) + "?";
  return OneIn(2) ? LongText(random_.Below(3)) + own : own;
}

Question Curiosity::Next() {
  switch (random_.Below(10)) {
    case 0:
      return Embedding();
    case 1:
    case 2:
    case 3:
      return Messages();
    case 4:
    case 5:
      return Responses();
    default:
      return Chat();
  }
}

Question Curiosity::Chat() {
  constexpr std::array<std::string_view, 8> kModels = {"assistant", "assistant", "zhushou", "zhushou",
                                                       "writer",    "coder",     "thinker", "retired"};
  Question question{.path = "/v1/chat/completions", .fields = {}, .body = {}};
  question.body = R"({"model":)" + Quoted(OneOf(kModels, random_));
  question.body += R"(,"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":)" +
                   Quoted(Text()) + "}]";
  if (OneIn(2)) {
    question.body += R"(,"stream":true)";
    if (OneIn(2)) question.body += R"(,"stream_options":{"include_usage":true})";
  }
  if (OneIn(4)) question.body += R"(,"max_tokens":)" + std::to_string(5 + random_.Below(40));
  if (OneIn(6)) question.body += R"(,"user":"user-)" + std::to_string(random_.Below(5)) + '"';
  question.body += '}';
  if (OneIn(15)) question.fields = "x-sim-fault: no_usage\r\n";
  return question;
}

Question Curiosity::Messages() {
  constexpr std::array<std::string_view, 6> kModels = {"writer",    "writer",  "strong",
                                                       "assistant", "zhushou", "coder"};
  Question question{.path = "/v1/messages", .fields = "anthropic-version: 2023-06-01\r\n", .body = {}};
  constexpr std::array<std::string_view, 3> kMarks = {
      R"(,"cache_control":{"type":"ephemeral"})", R"(,"cache_control":{"type":"ephemeral","ttl":"1h"})", ""};
  question.body = R"({"model":)" + Quoted(OneOf(kModels, random_)) + R"(,"max_tokens":300)";
  question.body += R"(,"system":[{"type":"text","text":)" + Quoted(LongText(random_.Below(3)));
  question.body.append(OneOf(kMarks, random_)).append("}]");
  question.body += R"(,"messages":[{"role":"user","content":)" + Quoted(Text()) + "}]";
  if (OneIn(2)) question.body += R"(,"stream":true)";
  question.body += '}';
  return question;
}

Question Curiosity::Responses() {
  constexpr std::array<std::string_view, 4> kModels = {"coder", "thinker", "assistant", "writer"};
  Question question{.path = "/v1/responses", .fields = {}, .body = {}};
  question.body =
      R"({"model":)" + Quoted(OneOf(kModels, random_)) + R"(,"store":false,"input":)" + Quoted(Text());
  if (OneIn(2)) question.body += R"(,"stream":true)";
  question.body += '}';
  return question;
}

Question Curiosity::Embedding() {
  return {.path = "/v1/embeddings",
          .fields = {},
          .body = R"({"model":"vectors","input":)" + Quoted(Text()) + "}"};
}

Question Curiosity::Whole(std::string_view model) {
  return {.path = "/v1/chat/completions",
          .fields = {},
          .body = R"({"model":)" + Quoted(model) + R"(,"messages":[{"role":"user","content":)" +
                  Quoted(Text()) + "}]}"};
}

Question Curiosity::Slow(std::string_view model, Manner manner, int tokens) {
  Question question{.path = "/v1/chat/completions", .fields = {}, .body = {}, .manner = manner};
  question.fields = "x-sim-fault: tokens=" + std::to_string(tokens) + "\r\n";
  question.body = R"({"model":)" + Quoted(model) + R"(,"stream":true,"messages":[{"role":"user","content":)" +
                  Quoted(Text()) + "}]}";
  return question;
}

// ---- callers

struct Callers::Call {
  Question question;
  Answered answered;
  bool begun = false;
  bool over = false;
  net::Event released;
};

Callers::Callers(const base::Clock& clock, const net::Address& gateway) : thread_(clock), resolver_(clock) {
  pool_.emplace(thread_.loop(), resolver_, net::PoolTo(gateway));
  thread_.Start();
}

Callers::~Callers() {
  thread_.Do([this] { pool_.reset(); });
  thread_.Join();
}

net::Task<void> Callers::Run(std::shared_ptr<Call> call) {
  const Question& question = call->question;
  std::string message =
      "POST " + question.path + " HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n";
  message += question.fields + "content-length: " + std::to_string(question.body.size()) + "\r\n\r\n";
  message += question.body;
  const std::string_view pieces[] = {message};
  net::Cancel cancel;
  {
    net::Call asking(*pool_, net::CallTimeouts(), cancel);
    const auto sent = co_await asking.Send("POST", pieces);
    if (sent) {
      call->answered.status = asking.head().status;
      call->answered.request_id = asking.head().fields.Find("x-sluice-request-id").value_or("");
      if (question.manner != Manner::kListen) {
        [[maybe_unused]] const auto beginning = co_await asking.Read();
        call->begun = true;
        if (question.manner == Manner::kLinger) co_await call->released;
      }
      if (question.manner != Manner::kHangUp) {
        base::Buffer rest;
        const auto read = co_await asking.ReadAll(rest, kAnswerBytesMax);
        if (!read) call->answered.status = 0;
      }
    }
  }
  call->over = true;
}

void Callers::Ask(const std::vector<Question>& questions) {
  thread_.Do([&] {
    for (const Question& question : questions) {
      auto call = std::make_shared<Call>();
      call->question = question;
      calls_.push_back(call);
      net::Spawn(Run(std::move(call)));
    }
  });
}

void Callers::AwaitAll() {
  thread_.Until([this] {
    return std::all_of(calls_.begin(), calls_.end(), [](const auto& call) {
      return call->over || (call->question.manner == Manner::kLinger && call->begun);
    });
  });
}

void Callers::Release() {
  thread_.Do([this] {
    for (const auto& call : calls_) {
      if (call->begun && !call->over) call->released.Notify();
    }
  });
  thread_.Until([this] {
    return std::all_of(calls_.begin(), calls_.end(), [](const auto& call) { return call->over; });
  });
}

std::vector<Answered> Callers::answers() {
  std::vector<Answered> all;
  thread_.Do([&] {
    for (const auto& call : calls_) all.push_back(call->answered);
  });
  return all;
}

}  // namespace simulation
