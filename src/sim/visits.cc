#include "sim/visits.h"

#include <openssl/sha.h>

#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/json_text.h"

namespace sim {
namespace {

std::string Sha256(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return base::Hex(digest);
}

std::string WriteVisit(const Visit& visit) {
  base::JsonObject json;
  json.Add("number", visit.number).Add("method", visit.method).Add("target", visit.target);
  json.AddRaw("headers", visit.headers);
  if (visit.body) {
    json.Add("body_bytes", std::uint64_t{visit.body->size()}).Add("body_sha256", Sha256(visit.body->view()));
  }
  json.Add("status", visit.status).Add("bytes_sent", visit.bytes_sent).Add("chunks_sent", visit.chunks_sent);
  json.Add("finished", visit.finished).Add("hung_up", visit.hung_up);
  if (!visit.charged.empty()) json.Add("charged", visit.charged).Add("charged_as", visit.charged_as);
  return json.Take();
}

}  // namespace

std::uint64_t VisitLog::Add(Visit visit) {
  return state_.With([&](State& state) {
    visit.number = ++state.last_number;
    if (visit.body) state.body_bytes += visit.body->size();
    state.visits.push_back(std::move(visit));
    while (state.visits.size() > limits_.visits_max || state.body_bytes > limits_.body_bytes_max) {
      if (const auto& body = state.visits.front().body) state.body_bytes -= body->size();
      state.visits.pop_front();
    }
    return state.last_number;
  });
}

void VisitLog::End(std::uint64_t number, Outcome outcome) {
  state_.With([&](State& state) {
    if (state.visits.empty() || number < state.visits.front().number) return;
    Visit& visit = state.visits[number - state.visits.front().number];
    visit.status = outcome.status;
    visit.bytes_sent = outcome.bytes_sent;
    visit.chunks_sent = outcome.chunks_sent;
    visit.finished = outcome.finished;
    visit.hung_up = outcome.hung_up;
    visit.charged = std::move(outcome.charged);
    visit.charged_as = outcome.charged_as;
  });
}

std::string VisitLog::WriteJson() const {
  const std::deque<Visit> visits = state_.With([](const State& state) { return state.visits; });
  std::string out = "{\"requests\":[";
  for (const Visit& visit : visits) {
    if (&visit != &visits.front()) out += ',';
    out += WriteVisit(visit);
  }
  return out + "]}";
}

std::shared_ptr<const base::Buffer> VisitLog::Body(std::uint64_t number) const {
  return state_.With([&](const State& state) -> std::shared_ptr<const base::Buffer> {
    for (const Visit& visit : state.visits) {
      if (visit.number == number) return visit.body;
    }
    return nullptr;
  });
}

void VisitLog::Clear() {
  state_.With([](State& state) {
    state.visits.clear();
    state.body_bytes = 0;
  });
}

}  // namespace sim
