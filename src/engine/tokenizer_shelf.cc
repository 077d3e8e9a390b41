#include "engine/tokenizer_shelf.h"

#include <utility>

namespace engine {
namespace {

std::size_t Place(Family family) {
  return static_cast<std::size_t>(family);
}

std::uint32_t Bit(Family family) {
  return 1u << Place(family);
}

}  // namespace

TokenizerShelf::TokenizerShelf(std::string folder, Report report)
    : folder_(std::move(folder)),
      report_(std::move(report)),
      tokenizers_{base::Snapshot<Tokenizer>(nullptr), base::Snapshot<Tokenizer>(nullptr),
                  base::Snapshot<Tokenizer>(nullptr), base::Snapshot<Tokenizer>(nullptr),
                  base::Snapshot<Tokenizer>(nullptr)},
      thread_([this] { Run(); }) {}

TokenizerShelf::~TokenizerShelf() {
  stop_.store(true);
  Wake();
}

void TokenizerShelf::Wake() {
  turn_.fetch_add(1);
  turn_.notify_one();
}

std::shared_ptr<const Tokenizer> TokenizerShelf::Get(Family family) {
  if ((asked_.load(std::memory_order_relaxed) & Bit(family)) == 0) {
    asked_.fetch_or(Bit(family));
    Wake();
  }
  return tokenizers_[Place(family)].Load();
}

void TokenizerShelf::LookAgain() {
  for (const Family family : kFamilies) {
    const bool looked = (looked_.load() & Bit(family)) != 0;
    if (!looked || tokenizers_[Place(family)].Load() != nullptr) continue;
    looked_.fetch_and(~Bit(family));
    asked_.fetch_and(~Bit(family));
  }
}

void TokenizerShelf::Run() {
  while (!stop_.load()) {
    const std::uint32_t turn = turn_.load();  // before asked_: what is asked for meanwhile ends the wait
    for (const Family family : kFamilies) {
      if ((asked_.load() & ~looked_.load() & Bit(family)) == 0) continue;
      Load(family);
      looked_.fetch_or(Bit(family));
    }
    if (!stop_.load()) turn_.wait(turn);
  }
}

void TokenizerShelf::Load(Family family) {
  auto tokenizer = Tokenizer::FromFile(folder_ + "/" + std::string(Name(family)) + ".tokens");
  if (!tokenizer) {
    report_(family, base::Fail(tokenizer.error()));
    return;
  }
  tokenizers_[Place(family)].Store(std::move(*tokenizer));
  loaded_.fetch_add(1, std::memory_order_relaxed);
  report_(family, {});
}

}  // namespace engine
