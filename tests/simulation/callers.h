#pragma once

// Those who ask the gateway: requests of every kind that a seed makes, many at once.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "net/http_client.h"
#include "net/loop_thread_for_test.h"
#include "net/resolver.h"

namespace simulation {

// What a caller does with the answer to one request.
enum class Manner : std::uint8_t {
  kListen,  // to its end
  kHangUp,  // when it has begun
  kLinger,  // begins, and hears the rest out when it is told to
};

struct Question {
  std::string path;
  std::string fields;  // `name: value` lines, CRLF each
  std::string body;
  Manner manner = Manner::kListen;
};

// Questions by a seed: chats, Messages, Responses and embeddings, whole and streamed, short and with long
// beginnings that the caches know, in three families of models and two currencies.
class Curiosity {
 public:
  explicit Curiosity(std::uint64_t seed) : random_(seed) {}

  Question Next();
  Question Whole(std::string_view model);
  // A stream of a slow model that ends `manner`.
  Question Slow(std::string_view model, Manner manner, int tokens);

 private:
  Question Chat();
  Question Messages();
  Question Responses();
  Question Embedding();
  std::string Text();
  bool OneIn(std::uint64_t count) { return random_.Below(count) == 0; }

  base::Random random_;
  std::uint64_t number_ = 0;
};

struct Answered {
  int status = 0;  // 0: none came
  std::string request_id;
};

class Callers {
 public:
  Callers(const base::Clock& clock, const net::Address& gateway);
  ~Callers();

  // Asks all at once. The answers come by themselves; of those who linger only the beginnings.
  void Ask(const std::vector<Question>& questions);
  void AwaitAll();  // has everybody who listens heard the end, and who lingers the beginning
  void Release();   // who lingers hears the rest out; waits for that
  void Until(const std::function<bool()>& condition) { thread_.Until(condition); }
  std::vector<Answered> answers();

 private:
  struct Call;
  net::Task<void> Run(std::shared_ptr<Call> call);

  net::LoopThread thread_;
  net::Resolver resolver_;
  std::optional<net::Pool> pool_;
  std::vector<std::shared_ptr<Call>> calls_;  // of the loop
};

}  // namespace simulation
