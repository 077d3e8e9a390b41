#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/buffer.h"
#include "base/guarded.h"

namespace sim {

// One request as it came and what became of its answer.
struct Visit {
  std::uint64_t number = 0;  // from 1
  std::string method;
  std::string target;
  std::string headers;  // JSON object; a name that comes twice has its values joined by ", "
  std::shared_ptr<const base::Buffer> body;
  int status = 0;  // 0 while nothing is answered
  std::uint64_t bytes_sent = 0;
  std::uint64_t chunks_sent = 0;
  bool finished = false;
  bool hung_up = false;         // the client went before the answer's end
  std::string charged;          // "0.0012 USD", "unpriced"; empty: it cost nothing
  std::string_view charged_as;  // a literal: the part of the bill where it stands
};

// The last requests, for tests that prove what was sent. Bounded by count and by bytes of bodies.
// Thread-safe.
class VisitLog {
 public:
  struct Limits {
    std::size_t visits_max = 1000;
    std::size_t body_bytes_max = 64 * 1024 * 1024;
  };
  VisitLog() : VisitLog(Limits{}) {}
  explicit VisitLog(const Limits& limits) : limits_(limits) {}

  std::uint64_t Add(Visit visit);  // its number

  struct Outcome {
    int status = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t chunks_sent = 0;
    bool finished = false;
    bool hung_up = false;
    std::string charged{};
    std::string_view charged_as{};
  };
  void End(std::uint64_t number, Outcome outcome);

  std::string WriteJson() const;  // {"requests":[...]}, oldest first, with SHA-256 of each body
  std::shared_ptr<const base::Buffer> Body(std::uint64_t number) const;  // null when it is gone
  void Clear();

 private:
  struct State {
    std::deque<Visit> visits;
    std::size_t body_bytes = 0;
    std::uint64_t last_number = 0;
  };

  const Limits limits_;
  base::Guarded<State> state_;
};

}  // namespace sim
