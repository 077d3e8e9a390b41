#pragma once

// The gateway and the providers that it asks, in one process and over real sockets, on a calendar that the
// test sets: monotonic time is real, so that nothing that waits has to be moved by hand.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "config/settings.h"
#include "engine/token_counter.h"
#include "gateway/gateway.h"
#include "gateway/record.h"
#include "net/http_server.h"
#include "net/loop_thread_for_test.h"
#include "pricing/price.h"
#include "sim/provider.h"
#include "sim/told_clock.h"
#include "store/disk.h"
#include "store/journal.h"
#include "store/ledger_row.h"
#include "store/segment_reader.h"

namespace simulation {

// Amounts by "provider phase currency".
using Amounts = std::map<std::string, base::Int128>;

// DeepSeek, OpenAI and Anthropic, each a simulated provider of its own that bills.
class PlayedProviders {
 public:
  explicit PlayedProviders(const base::Clock& clock);
  ~PlayedProviders();

  std::uint16_t PortOf(std::string_view provider) const;  // deepseek, openai or anthropic
  bool idle();

  // What is owed in one part of their bills, "billed", "untold" or "aborted".
  Amounts Owed(std::string_view part) const;
  std::uint64_t RequestsOf(std::string_view part) const;  // "unpriced", too
  // What is billed by the number of the question that is in the request, and by currency.
  std::map<std::size_t, Amounts> BilledByQuestion() const;

 private:
  struct One {
    std::unique_ptr<sim::Provider> provider;
    std::unique_ptr<net::Server> server;
  };

  net::LoopThread thread_;
  std::map<std::string, One, std::less<>> providers_;
};

// A whole gateway with its ledger, without keys and without an admin listener.
class PlayedGateway {
 public:
  // `disk` outlives it.
  PlayedGateway(const base::Clock& clock, const PlayedProviders& providers,
                const std::filesystem::path& data_directory, store::Disk& disk,
                const store::JournalOptions& journal);
  ~PlayedGateway() { Shut(); }

  const net::Address& address() const { return gateway_->address(); }
  bool idle() const { return gateway_->in_flight() == 0; }
  const store::Journal& journal() const { return *journal_; }

  // Ends everything; afterwards the ledger is as it will stay.
  void Shut();

 private:
  const base::Clock& clock_;
  std::shared_ptr<const config::Settings> settings_;
  telemetry::Registry registry_;
  std::unique_ptr<telemetry::LineLog> log_;
  gateway::Recorder recorder_;
  upstream::ProxyRules proxies_;
  engine::TokenCounter counter_;
  net::Resolver resolver_;
  std::unique_ptr<store::Journal> journal_;
  net::LoopThread thread_;
  std::unique_ptr<gateway::Gateway> gateway_;
};

// What a journal says was spent.
struct Spent {
  Amounts told;  // where the provider said the usage
  Amounts
      counted;  // where the gateway had to count, but for what a stream of Messages had told at its beginning
  std::uint64_t rows = 0;
  std::uint64_t failed_attempts_paid = 0;
  std::uint64_t unknown = 0;    // prices of answers
  std::uint64_t lost = 0;       // answers of which nobody told what they used
  std::uint64_t timed_out = 0;  // calls of an unknown price
  std::uint64_t aborted = 0;
  std::uint64_t drained = 0;
  std::uint64_t inconsistent = 0;
  std::uint64_t counted_twice = 0;  // counted, though a failed attempt had told all that there was
  std::uint64_t not_heard_out = 0;  // counted, of a provider that is heard out
  std::uint64_t broken_off = 0;     // streams of Messages that told their beginning only
  std::uint64_t damaged = 0;        // places of the journal that cannot be read
  struct Request {
    std::uint64_t rows = 0;
    Amounts told;  // by currency
  };
  std::map<std::string, Request> requests;  // by their ids

  void Take(const store::JournalRecord& record);
  void Take(const store::LedgerRow& row);
  std::map<std::string, pricing::PriceVersion, std::less<>> versions;  // that the journal has defined so far
};
Spent ReadJournal(const std::filesystem::path& data_directory);

}  // namespace simulation
