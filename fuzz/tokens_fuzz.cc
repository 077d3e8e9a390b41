// Any bytes through a tokenizer of each kind: no crash, the same tokens as merging pair by pair, and the
// tokens give back the text as it was read. The vocabulary is learnt from a few lines when the fuzzer starts.
// The same bytes as a vocabulary's file are refused or make one that works.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "engine/merge.h"
#include "engine/text_classes.h"
#include "engine/text_form.h"
#include "engine/tiny_vocabulary_for_test.h"
#include "engine/token_counter.h"
#include "engine/tokenizer.h"

namespace {

using engine::Cutting;
using engine::TinyVocabulary;
using engine::Tokenizer;
using engine::Vocabulary;

const std::vector<engine::AddedToken> kAdded = {
    {"<|end|>", 5'000, false}, {"<|", 5'001, true}, {"\xEF\xBD\x9CX", 5'002, true}};

const TinyVocabulary& Tiny() {
  static const TinyVocabulary tiny(engine::kTinyText, 150);
  return tiny;
}

Tokenizer Make(Cutting cutting) {
  const bool composes = cutting == Cutting::kQwen3 || cutting == Cutting::kQwen35;
  auto vocabulary = Vocabulary::Parse(Tiny().File(cutting, composes ? engine::kComposesFlag : 0, kAdded));
  CHECK(vocabulary.has_value());
  return Tokenizer(std::move(*vocabulary));
}

void Check(const Tokenizer& tokenizer, std::string_view text) {
  const auto numbers = tokenizer.Encode(text);
  CHECK(tokenizer.Count(text) == static_cast<std::int64_t>(numbers.size()));
  CHECK(tokenizer.Count(text) <= engine::TokenCounter::Upper(text));
  const std::string read = engine::RepairUtf8(text);
  const std::string decoded = tokenizer.Decode(numbers);
  // Between added tokens each stretch is composed for itself, so that composing once more changes nothing
  // else.
  if (tokenizer.composes()) {
    CHECK(engine::ComposeNfc(decoded) == engine::ComposeNfc(read));
  } else {
    CHECK(decoded == read);
  }
}

void CheckMerging(std::string_view piece) {
  static const Vocabulary vocabulary = *Vocabulary::Parse(Tiny().File(Cutting::kCl100k));
  if (piece.empty() || piece.size() > 300) return;  // merging pair by pair is slow
  engine::Merger merger(vocabulary);
  const auto tokens = merger.Tokens(piece);
  CHECK((std::vector<std::uint32_t>(tokens.begin(), tokens.end()) == Tiny().Merge(piece)));
}

// Each three bytes change one of a good file: where, and to what. The check sum is put right.
void CheckFile(std::string_view changes) {
  const std::string file = Tiny().File(Cutting::kO200k, 0, kAdded);
  std::string body = file.substr(engine::kVocabularyHeaderBytes);
  for (; changes.size() >= 3; changes.remove_prefix(3)) {
    const auto at =
        std::size_t{static_cast<unsigned char>(changes[0])} << 8 | static_cast<unsigned char>(changes[1]);
    body[at % body.size()] = changes[2];
  }
  const std::size_t tokens = Tiny().tokens().size();
  std::size_t bytes = 0;
  for (const std::string& token : Tiny().tokens()) bytes += token.size();
  CHECK(body.size() > 4 * tokens + bytes);
  auto vocabulary = Vocabulary::Parse(Tiny().Head(2, 0, bytes, kAdded.size(), body) + body);
  if (vocabulary) Check(Tokenizer(std::move(*vocabulary)), engine::kTinyText);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Tokenizer> tokenizers = [] {
    std::vector<Tokenizer> made;
    for (std::uint32_t cutting = 1; cutting <= engine::kCuttings; ++cutting) {
      made.push_back(Make(static_cast<Cutting>(cutting)));
    }
    return made;
  }();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Tokenizer& tokenizer : tokenizers) Check(tokenizer, text);
  CheckMerging(text);
  CheckFile(text);
  engine::TextClasses classes;
  classes.Add(text);
  CHECK(classes.bytes() == static_cast<std::int64_t>(size));
  return 0;
}
