#include "sim/sink.h"

#include <algorithm>
#include <chrono>

#include "net/header_text.h"
#include "sim/wait.h"

namespace sim {
namespace {

constexpr std::uint64_t kWrongBy = 10;  // bytes that a wrong content-length is off

}  // namespace

void Sink::Reset() {
  sabotaged_ = true;
  exchange_.connection_for_faults().Reset();
}

net::Task<bool> Sink::Send(std::string_view bytes, bool raw) {
  if (bytes.empty()) co_return true;
  const std::string_view pieces[] = {bytes};
  bool sent = false;
  if (raw) {
    sent = (co_await exchange_.connection_for_faults().Send(pieces)).has_value();
  } else {
    sent = (co_await exchange_.SendChunk(pieces)).has_value();
  }
  if (sent) body_sent_ += bytes.size();
  lost_ = lost_ || !sent;
  co_return sent;
}

// Body bytes under the fault: cut, slowed down, or ended by a reset.
net::Task<bool> Sink::Meddled(std::string_view bytes, bool raw) {
  const bool resets = fault_.reset == Fault::Reset::kBody;
  const std::uint64_t limit = resets ? fault_.reset_after : fault_.truncate_after.value_or(UINT64_MAX);
  const bool ends = limit - std::min(limit, body_sent_) < bytes.size();
  bytes = bytes.substr(0, static_cast<std::size_t>(limit - std::min(limit, body_sent_)));
  // A slow answer is sent ten times a second, or byte by byte when that is less than one each time.
  const std::uint64_t step =
      fault_.bytes_per_second == 0 ? bytes.size() : std::max<std::uint64_t>(1, fault_.bytes_per_second / 10);
  while (!bytes.empty()) {
    const std::string_view now =
        bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(step, bytes.size())));
    if (!co_await Send(now, raw)) co_return false;
    bytes.remove_prefix(now.size());
    if (fault_.bytes_per_second == 0) continue;
    const std::chrono::nanoseconds pause{1'000'000'000 * now.size() / fault_.bytes_per_second};
    if (!co_await WaitFor(exchange_.loop(), exchange_.cancel(), pause)) co_return false;
  }
  if (!ends) co_return true;
  sabotaged_ = true;
  if (resets) Reset();
  co_return false;
}

net::Task<bool> Sink::Reply(int status, std::string_view fields, std::string_view body) {
  status_ = status;
  ++chunks_;
  if (!fault_.MeddlesWithBytes()) {
    const bool sent = (co_await exchange_.Reply(status, fields, body)).has_value();
    if (sent) body_sent_ += body.size();
    lost_ = !sent;
    co_return sent;
  }
  std::uint64_t length = body.size();
  if (fault_.length == Fault::Length::kShort) length -= std::min(length, kWrongBy);
  if (fault_.length == Fault::Length::kLong) length += kWrongBy;
  std::string head =
      "HTTP/1.1 " + std::to_string(status) + " " + std::string(net::ReasonPhrase(status)) + "\r\n";
  head += fields;
  head += "content-length: " + std::to_string(length) + "\r\nconnection: close\r\n\r\n";
  const std::string_view pieces[] = {head};
  if (!co_await exchange_.connection_for_faults().Send(pieces)) {
    lost_ = true;
    co_return false;
  }
  if (fault_.reset == Fault::Reset::kHead) {
    Reset();
    co_return false;
  }
  raw_finished_ = co_await Meddled(body, true);
  if (raw_finished_) exchange_.connection_for_faults().ShutdownSend();
  co_return raw_finished_;
}

void Sink::Begin(int status, std::string_view fields) {
  status_ = status;
  exchange_.StartStream(status, fields);
}

net::Task<bool> Sink::Chunk(std::string_view bytes) {
  ++chunks_;
  if (!fault_.MeddlesWithBytes()) co_return co_await Send(bytes, false);
  if (fault_.reset == Fault::Reset::kHead) {
    co_await exchange_.FlushHead();
    Reset();
    co_return false;
  }
  co_return co_await Meddled(bytes, false);
}

net::Task<bool> Sink::End() {
  const bool sent = (co_await exchange_.EndStream()).has_value();
  lost_ = !sent;
  co_return sent;
}

VisitLog::Outcome Sink::outcome() const {
  VisitLog::Outcome outcome;
  outcome.status = status_;
  outcome.bytes_sent = body_sent_;
  outcome.chunks_sent = chunks_;
  outcome.finished = exchange_.finished() || raw_finished_;
  outcome.hung_up =
      !outcome.finished && !sabotaged_ && (lost_ || exchange_.cancel().why() == base::Code::kCancelled);
  return outcome;
}

}  // namespace sim
