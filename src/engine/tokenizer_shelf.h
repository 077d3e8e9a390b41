#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/guarded.h"
#include "base/result.h"
#include "engine/model_family.h"
#include "engine/tokenizer.h"

namespace engine {

// The tokenizers of a folder, FAMILY.tokens each, loaded when they are first asked for and kept. Loading
// takes about a second's tenth and 10 to 25 MB a family; a thread of the shelf's own does it, so that who
// asks never waits. Thread-safe.
class TokenizerShelf {
 public:
  // Called on the shelf's thread with each family that was looked for: nothing, or why it is not to be had
  // (kNotFound: there is no file).
  using Report = std::function<void(Family family, const base::Result<void>& result)>;

  TokenizerShelf(std::string folder, Report report);
  ~TokenizerShelf();  // waits for a file that is being loaded
  TokenizerShelf(const TokenizerShelf&) = delete;
  TokenizerShelf& operator=(const TokenizerShelf&) = delete;

  // Null until it is loaded, which the first call causes, and where there is no file.
  std::shared_ptr<const Tokenizer> Get(Family family);

  // Files that were not there, or not good, are looked for again when they are next asked for.
  void LookAgain();

  std::size_t loaded() const { return loaded_.load(std::memory_order_relaxed); }

 private:
  void Wake();
  void Run();
  void Load(Family family);

  const std::string folder_;
  const Report report_;
  std::array<base::Snapshot<Tokenizer>, kFamilies.size()> tokenizers_;
  std::atomic<std::uint32_t> asked_{0};  // by family, one bit
  std::atomic<std::uint32_t> looked_{0};
  std::atomic<std::uint32_t> turn_{0};  // goes up when there is something new to do
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> loaded_{0};
  std::jthread thread_;  // last: it uses the rest
};

}  // namespace engine
