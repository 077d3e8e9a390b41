#include "engine/tokenizer.h"

#include <cerrno>
#include <fstream>
#include <utility>

#include "base/utf8.h"
#include "engine/merge.h"
#include "engine/text_form.h"

namespace engine {

// One text on its way to tokens, which go to `out` where there is one, and are counted.
class Tokenizer::Walk {
 public:
  Walk(const Tokenizer& tokenizer, std::vector<std::uint32_t>* out)
      : tokenizer_(tokenizer), merger_(tokenizer.vocabulary_), out_(out) {}

  std::int64_t Text(std::string_view text) {
    if (base::IsUtf8(text)) {
      Whole(text);
    } else {
      Whole(RepairUtf8(text));
    }
    return count_;
  }

 private:
  void Whole(std::string_view text) {
    while (const auto place = tokenizer_.first_.Find(text)) {
      Between(text.substr(0, place->begin));
      Put(place->number);
      text.remove_prefix(place->begin + place->bytes);
    }
    Between(text);
  }

  void Between(std::string_view text) {
    if (tokenizer_.composes() && MayNeedNfc(text)) {
      Composed(ComposeNfc(text));
    } else {
      Composed(text);
    }
  }

  void Composed(std::string_view text) {
    while (const auto place = tokenizer_.later_.Find(text)) {
      Pieces(text.substr(0, place->begin));
      Put(place->number);
      text.remove_prefix(place->begin + place->bytes);
    }
    Pieces(text);
  }

  void Pieces(std::string_view text) {
    const char* at = text.data();
    const char* const end = at + text.size();
    const char* stretch = nullptr;
    while (at != end) {
      const char* behind = tokenizer_.next_piece_(at, end, stretch);
      const auto tokens = merger_.Tokens({at, static_cast<std::size_t>(behind - at)});
      count_ += static_cast<std::int64_t>(tokens.size());
      if (out_ != nullptr) {
        for (const TokenId token : tokens) out_->push_back(tokenizer_.vocabulary_.Number(token));
      }
      at = behind;
    }
  }

  void Put(std::uint32_t number) {
    ++count_;
    if (out_ != nullptr) out_->push_back(number);
  }

  const Tokenizer& tokenizer_;
  Merger merger_;
  std::vector<std::uint32_t>* out_;
  std::int64_t count_ = 0;
};

Tokenizer::Tokenizer(Vocabulary vocabulary)
    : vocabulary_(std::move(vocabulary)),
      next_piece_(PiecesOf(vocabulary_.cutting())),
      first_(vocabulary_.added(), false),
      later_(vocabulary_.added(), true) {
  for (const AddedToken& token : vocabulary_.added()) added_texts_.emplace(token.number, token.text);
  for (TokenId id = 0; id < vocabulary_.size(); ++id) {
    if (vocabulary_.Number(id) != id) ids_.emplace(vocabulary_.Number(id), id);
  }
}

base::Result<std::shared_ptr<const Tokenizer>> Tokenizer::FromFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    if (errno == ENOENT) return base::Fail(base::Code::kNotFound, path + " is not there");
    return base::Fail(base::Code::kIo, path + " cannot be opened");
  }
  std::string bytes(Vocabulary::kFileBytesMax + 1, '\0');  // one more than may be, for Parse to refuse
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return base::Fail(base::Code::kIo, path + " cannot be read");
  auto vocabulary = Vocabulary::Parse(bytes);
  if (!vocabulary) {
    return base::Fail(vocabulary.error().code, path + ": " + vocabulary.error().detail);
  }
  return std::make_shared<const Tokenizer>(std::move(*vocabulary));
}

std::int64_t Tokenizer::Count(std::string_view text) const {
  return Walk(*this, nullptr).Text(text);
}

std::vector<std::uint32_t> Tokenizer::Encode(std::string_view text) const {
  std::vector<std::uint32_t> numbers;
  Walk(*this, &numbers).Text(text);
  return numbers;
}

std::string Tokenizer::Decode(std::span<const std::uint32_t> numbers) const {
  std::string text;
  for (const std::uint32_t number : numbers) {
    if (const auto added = added_texts_.find(number); added != added_texts_.end()) {
      text += added->second;
      continue;
    }
    const auto renumbered = ids_.find(number);
    const TokenId id = renumbered == ids_.end() ? number : renumbered->second;
    if (id < vocabulary_.size() && vocabulary_.Number(id) == number) text += vocabulary_.Bytes(id);
  }
  return text;
}

}  // namespace engine
