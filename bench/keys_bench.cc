#include <benchmark/benchmark.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/random.h"
#include "store/key_hash.h"
#include "store/key_table.h"

// What one look-up of a gateway key costs. The promise is below a microsecond
// with a million keys, also when no request asks for a key whose record is
// still in a processor cache.

namespace {

constexpr std::size_t kSecretsKept = 65'536;

struct Keys {
  store::KeyTable table;
  std::string secrets;  // of randomly chosen keys, end to end, as a request
                        // brings its own: already in the cache
};

Keys MakeKeys(std::size_t count) {
  const store::SecretHasher hasher;
  std::vector<store::KeyRecord> records(count);
  std::vector<std::string> secrets(kSecretsKept);
  base::Random random(1);
  for (std::size_t i = 0; i < count; ++i) {
    std::string bytes;
    for (int word = 0; word < 4; ++word) {
      const std::uint64_t drawn = random.Next();
      bytes.append(reinterpret_cast<const char*>(&drawn), sizeof drawn);
    }
    const std::string secret = std::string(store::kSecretPrefix) + base::Base64Url(bytes);
    records[i].id = "key_" + std::to_string(i);
    records[i].team = "team";
    records[i].hash = hasher.Hash(secret);
    if (i < kSecretsKept) {
      secrets[i] = secret;
    } else if (const std::uint64_t place = random.Below(i + 1); place < kSecretsKept) {
      secrets[place] = secret;  // reservoir sampling
    }
  }
  Keys keys{store::KeyTable(std::move(records)), ""};
  for (const std::string& secret : secrets) keys.secrets += secret;
  return keys;
}

void BM_FindKey(benchmark::State& state) {
  const Keys keys = MakeKeys(static_cast<std::size_t>(state.range(0)));
  const base::WallTime now{std::chrono::seconds{1'790'000'000}};
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        keys.table.Find(std::string_view(keys.secrets).substr(next, store::kSecretBytes), now));
    next += store::kSecretBytes;
    if (next == keys.secrets.size()) next = 0;
  }
}
BENCHMARK(BM_FindKey)->Arg(1)->Arg(1000)->Arg(1'000'000);

// A key of a million has changed: what the watch adds to reading it.
void BM_TakeChange(benchmark::State& state) {
  const Keys keys = MakeKeys(static_cast<std::size_t>(state.range(0)));
  store::KeyRecord changed;
  changed.id = "key_7";
  changed.revoked = true;
  for (auto _ : state) benchmark::DoNotOptimize(store::KeyTable(keys.table, {changed}));
}
BENCHMARK(BM_TakeChange)->Arg(1'000'000);

void BM_HashSecret(benchmark::State& state) {
  const store::SecretHasher hasher;
  const std::string secret = std::string(store::kSecretPrefix) + std::string(43, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(hasher.Hash(secret));
}
BENCHMARK(BM_HashSecret);

}  // namespace
